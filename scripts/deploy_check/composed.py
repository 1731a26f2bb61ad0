"""Compose's stack, put together from its file: its services' commands, settings, scripts and health checks as they
stand, on a network with their names. Programs of this machine take the place of the images of others.

    composed.py PROGRAMS OUTCOMES

is called in a network, with mounts and processes of its own, which `rehearse` makes; it writes what came out to
OUTCOMES.
"""

import glob
import json
import os
import pathlib
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

import outcomes
import programs
from compose_file import resolved
from containers import PLACE, Container, Image, make_network
from outcomes import check, succeeds
from sources import dockerfile, environment_of, last, read

POSTGRES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]
# What the entry point of Docker's image of PostgreSQL does with these settings and files.
INITIALISE = """set -eu
data=/var/lib/postgresql/data
if ! [ -s $data/PG_VERSION ]; then
    echo "$POSTGRES_PASSWORD" >/tmp/password
    initdb --pgdata=$data --username=postgres --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 >/dev/null
    echo "host all all all scram-sha-256" >>$data/pg_hba.conf
    pg_ctl --pgdata=$data --wait --options="-c listen_addresses='' -c fsync=off -k /run/postgresql" start >/dev/null
    export PGHOST=/run/postgresql PGUSER=postgres
    if [ "${POSTGRES_DB:-postgres}" != postgres ]; then createdb "$POSTGRES_DB"; fi
    for file in /docker-entrypoint-initdb.d/*.sql; do
        psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="${POSTGRES_DB:-postgres}" --file="$file"
    done
    pg_ctl --pgdata=$data --wait stop >/dev/null
fi
exec postgres -D $data -c listen_addresses='*' -c fsync=off -k /run/postgresql
"""
NGINX = "events {}\nhttp { access_log off; include /etc/nginx/conf.d/default.conf; }\n"


def ours(target):
    """An image of the Dockerfile, but for PostgreSQL."""
    stage = dockerfile()[target]
    entry = json.loads(last(stage, "ENTRYPOINT"))
    return Image(entry, environment_of(stage), programs={entry[0]: programs.program(target)}, alone=True)


def postgres(**files):
    return Image(["env", f"PATH={POSTGRES[0]}:/usr/bin:/bin", "sh", "/initialise"], user="postgres",
                 programs={"/usr/local/bin/pg_isready": f"{POSTGRES[0]}/pg_isready"},
                 files={"/initialise": INITIALISE, **files})


def images(service):
    """What takes the place of each image."""
    tools = pathlib.Path(os.environ["GO_PROGRAMS"])
    if service == "sample-database":
        sample = succeeds("koperasi", programs.program("koperasi"), "--dialect", "postgresql")
        return postgres(**{"/docker-entrypoint-initdb.d/10-koperasi.sql": sample,
                           "/docker-entrypoint-initdb.d/20-reader.sql": read("deploy/compose/sample-reader.sql")})
    if service in ("receiver", "worker", "ask"):
        return ours({"receiver": "kai-sse-callback", "worker": "kai-worker", "ask": "kai-e2e"}[service])
    return {
        "postgres": postgres,
        # The image is built without Redis' protected mode, and its settings are the command line's.
        "redis": lambda: Image(["sh", "-euc", 'exec "$@" --protected-mode no', "sh"], user="redis", folder="/data"),
        # Its entry point tells the server its own address where it listens on all.
        "temporal": lambda: Image(["sh", "-euc", "TEMPORAL_BROADCAST_ADDRESS=$(hostname -I | cut -d' ' -f1) exec "
                                   "temporal-server --root /temporal --config config --env docker start"],
                                  programs={"/usr/local/bin/temporal-server": tools / "temporal-server",
                                            "/temporal": os.environ["TEMPORAL_MODULE"]}),
        "gateway": lambda: Image(["nginx", "-c", "/nginx.conf", "-g", "daemon off;"], files={"/nginx.conf": NGINX}),
    }.get(service, lambda: Image(programs={
        "/usr/local/bin/temporal-sql-tool": tools / "temporal-sql-tool",
        "/usr/local/bin/temporal": os.environ["KAI_TEST_TEMPORAL_CLI"]}))()


class Broken(Exception):
    """What comes after makes no sense."""


def needed(what, condition, why=""):
    check(what, condition, why)
    if not condition:
        raise Broken


class Project:
    """The services that `docker compose up` starts, but for Temporal's page, which nothing needs."""

    def __init__(self, values):
        self.services = {name: said for name, said in resolved(values).items()
                         if name != "temporal-page" and ("profiles" not in said or name == "ask")}
        self.volumes = PLACE / "volumes"
        self.volumes.mkdir()
        self.containers = {name: [Container(name, number + 1, said, images(name), self.volumes)
                                  for number in range((said.get("deploy") or {}).get("replicas", 1))]
                           for name, said in self.services.items()}
        self.hosts = "".join(f"{one.address} {one.service}\n" for one in self.all())
        for one in self.all():
            one.name_others(self.hosts)

    def all(self):
        return [one for some in self.containers.values() for one in some]

    def up(self):
        """Starts each service when those it depends on are as it wants them."""
        waiting, done = [name for name in self.services if name != "ask"], set()
        while waiting:
            name = next(one for one in waiting if set(self.services[one].get("depends_on") or {}) <= done)
            waiting.remove(name)
            for needed, how in (self.services[name].get("depends_on") or {}).items():
                self.wait(needed, how["condition"])
            if name == "gateway":
                self.name_server(self.containers[name][0])
            for container in self.containers[name]:
                container.start()
            done.add(name)
        self.wait("gateway", "service_healthy")

    def name_server(self, container):
        pairs = [f"{one.service}={one.address}" for one in self.all()]
        subprocess.Popen(["ip", "netns", "exec", container.name, sys.executable,
                          pathlib.Path(__file__).with_name("name_server.py"), *pairs])

    def wait(self, name, condition):
        container = self.containers[name][0]
        if condition == "service_healthy":
            needed(f"compose {name}: its health check succeeds", *container.healthy())
        elif condition == "service_completed_successfully":
            try:
                ended = container.process.wait(60)
            except subprocess.TimeoutExpired:
                ended = "it goes on"
            needed(f"compose {name}: does its work", ended == 0, f"{ended}\n{container.printed()}")

    def one_off(self, service, *arguments):
        """`docker compose run --rm SERVICE ARGUMENTS`."""
        said = {**self.services[service], "command": list(arguments) or self.services[service].get("command")}
        container = Container(service, f"run-{Container.count}", said, images(service), self.volumes)
        container.name_others(self.hosts)
        done = container.run(*container.whole_command())
        check(f"docker compose run {service} {' '.join(arguments[:2])}", done.returncode == 0,
              done.stdout + done.stderr)
        return done.stdout + done.stderr


def page(address, path, token=None, seconds=60):
    """What an address answers, once it answers well."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://{address}{path}", headers=headers)
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > until:
                check(f"GET {address}{path}", False, error)
                return ""
            time.sleep(0.2)


def documented_runs():
    """The commands of the document that run a service once."""
    text = re.sub(r"\\\n", " ", read("docs/deploying.md"))
    return [shlex.split(one, comments=True) for one in re.findall(r"^docker compose run --rm (.*)$", text, re.M)]


def until(what, test, seconds=90):
    end = time.monotonic() + seconds
    while not (found := test()):
        if time.monotonic() > end:
            break
        time.sleep(0.5)
    check(what, found)
    return found


def asked(project, token):
    """The document's commands, and what is behind the gateway."""
    for service, *arguments in documented_runs():
        answer = project.one_off(service, *arguments)
        if service == "ask":
            check("compose: a question is answered", "All validations passed" in answer, answer[-2000:])
    gateway = project.containers["gateway"][0].address
    told = page(f"{gateway}:8092", "/api/connections", token)
    check("compose: the page is told the connections", '"koperasi"' in told, told)


def shared(project, tokens):
    """Two receivers on one Redis: what is posted to one, the other has; and one goes on without the other."""
    first, second = project.containers["receiver"]
    event = json.dumps({"session_id": "shared", "event": {"type": "done", "result": {"status": "completed"}}}).encode()
    request = urllib.request.Request(f"http://{first.address}:8092/events/shared", event, {
        "Authorization": f"Bearer {tokens['SSE_PUBLISH_TOKEN']}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        check("compose: a receiver takes an event", answer.status == 200)
    stream = page(f"{second.address}:8092", "/stream/shared?replay=all", tokens["SSE_SUBSCRIBE_TOKEN"])
    check("compose: the other receiver has it", "event: done" in stream, stream)


def broken(project, metrics):
    """What programs show once something goes wrong: Temporal is away, and a workflow is none of theirs."""
    temporal, tools = project.containers["temporal"][0], project.containers["temporal-namespace"][0]
    done = tools.run("temporal", "workflow", "start", "--type", "NoSuchWorkflow", "--task-queue", "kai-agent-queue")
    check("compose: a workflow of another name is taken by the queue", done.returncode == 0, done.stderr)
    until("compose: a worker counts a workflow task that failed",
          lambda: any("temporal_workflow_task_execution_failed" in text for text in metrics()))
    check("compose temporal: ends when it is told to", temporal.stop(60) is not None)
    wanted = ("temporal_request_failure", "temporal_long_request_failure")
    until("compose: workers count requests that failed",
          lambda: any(all(name in text for name in wanted) for text in metrics()))
    temporal.start()
    check("compose temporal: its health check succeeds again", *temporal.healthy())


def main():
    programs.use(pathlib.Path(sys.argv[1]))
    try:
        pages = run_all()
    except Broken:
        pages = {}
    except Exception:
        check("compose: nothing unforeseen happens", False, traceback.format_exc())
        pages = {}
    said = {"passed": outcomes.passed, "failed": outcomes.failed, "pages": pages}
    pathlib.Path(sys.argv[2]).write_text(json.dumps(said))


def run_all():
    """Everything, from the first container to the last one's end; returns the programs' metrics."""
    make_network()
    tokens = {name: secrets.token_hex(24)
              for name in ("POSTGRES_PASSWORD", "SSE_PUBLISH_TOKEN", "SSE_SUBSCRIBE_TOKEN")}
    key = succeeds("kai-worker key generate", programs.program("kai-worker"), "key", "generate")
    tokens["ENCRYPT_KEY"] = key.strip()
    project = Project(tokens)
    project.up()
    for name in ("temporal-schema", "temporal-namespace"):
        container = project.containers[name][0]
        done = container.run(*container.whole_command())
        check(f"compose {name}: a second time, too", done.returncode == 0, done.stdout + done.stderr)
    workers = [f"{one.address}:8091" for one in project.containers["worker"]]
    receivers = [f"{one.address}:8092" for one in project.containers["receiver"]]
    for address in workers + receivers:
        check(f"compose: {address} is ready", page(address, "/readyz"))
    asked(project, tokens["SSE_SUBSCRIBE_TOKEN"])
    shared(project, tokens)
    broken(project, lambda: [page(address, "/metrics") for address in workers])
    for address in workers:
        page(address, "/readyz")
    # One of each is gone: the others answer.
    for name in ("worker", "receiver"):
        gone = project.containers[name].pop()
        gone.process.kill()
        gone.process.wait()
    answer = project.one_off("ask")
    check("compose: a question is answered by those that are left", "All validations passed" in answer, answer[-2000:])
    pages = {"kai-worker": page(workers[0], "/metrics"), "kai-sse-callback": page(receivers[0], "/metrics")}
    for name in ("worker", "receiver", "gateway", "redis", "temporal", "sample-database", "postgres"):
        container = project.containers[name][0]
        grace = int(re.fullmatch(r"(\d+)s", project.services[name].get("stop_grace_period", "10s")).group(1))
        ended = container.stop(max(grace, 10))
        well = ended == 0 if name in ("worker", "receiver") else ended is not None
        check(f"compose {name}: ends when it is told to", well, container.printed())
    return pages


def rehearse():
    """Puts the stack together where it disturbs nobody; returns the programs' pages of metrics."""
    with tempfile.NamedTemporaryFile() as written:
        done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                               sys.executable, __file__, str(programs.folder), written.name], timeout=1200)
        check("compose: the stack is put together", done.returncode == 0)
        text = pathlib.Path(written.name).read_text()
        said = json.loads(text) if text else {"passed": 0, "failed": [], "pages": {}}
    outcomes.passed += said["passed"]
    outcomes.failed += said["failed"]
    return said["pages"]


if __name__ == "__main__":
    main()
