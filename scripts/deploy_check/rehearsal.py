"""What the programs do, started as the images and Compose start them."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import yaml

from outcomes import check, succeeds
from programs import NOBODY, program
from sources import ROOT, SETTINGS, dockerfile, documents, environment_of, last, read


class Stack:
    """The programs as the images start them, with Temporal and PostgreSQL of scripts/with-services."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.stages = dockerfile()
        self.processes = []

    def command(self, target, *arguments):
        """How a container of this image is started: its entry point, in a root of its own with nothing else in it,
        as nobody, who can write to nothing."""
        stage = self.stages[target]
        entry = json.loads(last(stage, "ENTRYPOINT"))
        started = program(target)
        root = self.folder / target
        for place in ("usr/local/bin", "etc/ssl/certs", "var/lib/kai", "proc", "dev"):
            (root / place).mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", started, root / entry[0].lstrip("/")], check=True)
        subprocess.run(["cp", "/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs"], check=True)
        for file in ("hosts", "resolv.conf"):
            subprocess.run(["cp", f"/etc/{file}", root / "etc"], check=True)
        inside = f"""mount --bind {root} {root}; mount -o remount,ro,bind {root}
            mount -t proc proc {root}/proc; mount --bind /dev {root}/dev
            exec chroot --userspec={NOBODY}:{NOBODY} {root} "$@" """
        return ["unshare", "--mount", "sh", "-euc", inside, "sh", *entry, *arguments], "/"

    def environment(self, target, settings):
        return {**environment_of(self.stages[target]), **settings}

    def start(self, target, settings):
        command, _ = self.command(target)
        log = open(self.folder / f"{target}.log", "w")
        process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]} | self.environment(target, settings),
                                   cwd=self.folder, stdout=log, stderr=log)
        self.processes.append((target, process))

    def gateway(self, receiver):
        """nginx as Compose sets it up, before this receiver; returns its port."""
        port = free_port()
        site = read("deploy/compose/nginx.conf").replace("listen 8092", f"listen 127.0.0.1:{port}")
        (self.folder / "default.conf").write_text(site.replace("receiver:8092", f"127.0.0.1:{receiver}"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log; events {{}}\n"
            f"http {{ access_log off; include {self.folder}/default.conf; }}\n")
        nginx = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(("nginx", nginx))
        return port

    def run(self, target, *arguments, **settings):
        command, _ = self.command(target, *arguments)
        return succeeds(f"{target} {' '.join(arguments[:2])}", *command, cwd=self.folder,
                        env={"PATH": os.environ["PATH"]} | self.environment(target, settings))

    def log(self, target):
        return (self.folder / f"{target}.log").read_text()

    def stop(self):
        """Each ends by itself when it is told to."""
        for target, process in self.processes:
            process.terminate()
        for target, process in self.processes:
            try:
                check(f"{target} ends when it is told to", process.wait(60) == 0, target in SETTINGS and self.log(target))
            except subprocess.TimeoutExpired:
                process.kill()
                check(f"{target} ends when it is told to", False)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def page(port, path):
    """What an address answers, once it does so with 200."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > until:
                check(f"GET {path}", False, error)
                return ""
            time.sleep(0.1)


def probes():
    """The addresses that Kubernetes asks, by program."""
    for program in SETTINGS:
        for document in documents(f"deploy/kubernetes/base/{'worker' if program == 'kai-worker' else 'receiver'}.yaml"):
            if document["kind"] == "Deployment":
                container = document["spec"]["template"]["spec"]["containers"][0]
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    if probe in container:
                        yield program, probe, container[probe]["httpGet"]["path"]


def misbehave(port):
    """Does what the receiver refuses, as it shows such counts once there is something to count."""
    for request in (b"POST /events/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                    b"GET /stream/x HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET /stream/x HTTP/1.1\r\nHost"):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(request)
            check("the receiver refuses", b" 401 " in connection.recv(4096) or b"Host: x" not in request)


def on_the_page(port, path, question=None, token="s"):
    """What the page is answered when it asks the receiver: the status and the JSON."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", question and json.dumps(question).encode(),
                                     {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None


def ask_on_the_page(port):
    """Asks as the page does, through nginx and Temporal, until the answer is there."""
    status, _ = on_the_page(port, "/api/connections", token="wrong")
    check("the page needs a token", status == 401, status)
    status, there = on_the_page(port, "/api/connections")
    check("the page is told the connections", status == 200 and "koperasi" in json.dumps(there), there)
    question = {"prompt": "Ada berapa koperasi?", "connection_id": "koperasi", "session_id": "rehearsal"}
    status, asked = on_the_page(port, "/api/questions", question)
    check("the page asks", status == 201, (status, asked))
    stream = urllib.request.Request(f"http://127.0.0.1:{port}/stream/rehearsal", headers={"Authorization": "Bearer s"})
    with urllib.request.urlopen(stream, timeout=60) as events:
        check("the page is shown the answer", any(line.startswith(b"event: done") for line in events))


def keep_a_store_in_typesense():
    """A worker's commands with the store where Compose's profile has it."""
    with tempfile.TemporaryDirectory() as folder:
        sample = succeeds("koperasi", program("koperasi"), "--dialect", "sqlite")
        succeeds("the sample database", "sqlite3", f"{folder}/koperasi.db", input=sample)
        key = succeeds("kai-worker key generate", program("kai-worker"), "key", "generate").strip()
        settings = {"KAI_STORE_URL": os.environ["KAI_TEST_TYPESENSE_URL"] + "/rehearsal", "ENCRYPT_KEY": key,
                    "TYPESENSE_API_KEY": "test", "CHAT_FAMILY": "offline"}

        def worker(*arguments):
            return succeeds(f"kai-worker {' '.join(arguments[:2])}, store in Typesense", program("kai-worker"),
                            *arguments, env=settings, cwd=folder)

        worker("connection", "create", f"sqlite://{folder}/koperasi.db", "-a", "koperasi")
        worker("scan", "koperasi")
        answer = worker("ask", "koperasi", "Ada berapa koperasi?", "--json")
        check("a question is answered, store in Typesense", '"completed"' in answer, answer[-2000:])
        worker("connection", "delete", "koperasi", "--force")


def answer_a_question():
    """Runs the programs; returns their pages of metrics."""
    server = os.environ["KAI_TEST_POSTGRES_URL"].rsplit("/", 1)[0]
    for database in ("kai", "koperasi"):
        succeeds(f"database {database}", "psql", f"{server}/postgres", "--quiet", "--command",
                 f"CREATE DATABASE {database}")
    sample = succeeds("koperasi", program("koperasi"), "--dialect", "postgresql")
    succeeds("the sample database", "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"{server}/koperasi", input=sample)
    succeeds("sample-reader.sql", "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file",
             ROOT / "deploy/compose/sample-reader.sql", f"{server}/koperasi")
    ports = {name: free_port() for name in SETTINGS}
    key = succeeds("kai-worker key generate", program("kai-worker"), "key", "generate").strip()
    worker = {"KAI_STORE_URL": f"{server}/kai", "ENCRYPT_KEY": key, "HEALTH_PORT": str(ports["kai-worker"]),
              "TEMPORAL_HOST": os.environ["KAI_TEST_TEMPORAL_ADDRESS"], "CHAT_FAMILY": "offline",
              "CALLBACK_TOKEN": "p", "CALLBACK_ALLOWED_HOSTS": "127.0.0.1"}
    address = server.removeprefix("postgres://kai@")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        stack = Stack(folder)
        try:
            stack.start("kai-sse-callback", {"SSE_PORT": str(ports["kai-sse-callback"]), "SSE_PUBLISH_TOKEN": "p",
                                             "SSE_SUBSCRIBE_TOKEN": "s", "SSE_HEADER_TIMEOUT_SECONDS": "1",
                                             "TEMPORAL_HOST": worker["TEMPORAL_HOST"],
                                             "SSE_CALLBACK_HOST": f"http://127.0.0.1:{ports['kai-sse-callback']}"})
            stack.run("kai-worker", "connection", "create", f"postgresql://kai_reader:kai_reader@{address}/koperasi",
                      "-a", "koperasi", **worker)
            stack.start("kai-worker", worker)
            for name, probe, path in probes():
                check(f"{name} answers the {probe}", page(ports[name], path))
            compose_file = yaml.safe_load(read("docker-compose.yml"))
            gateway = stack.gateway(ports["kai-sse-callback"])
            check("nginx finds the receiver", page(gateway, "/readyz"))
            ask = [str(one).replace("gateway:8092", f"127.0.0.1:{gateway}")
                   for one in compose_file["services"]["ask"]["command"]]
            answer = stack.run("kai-e2e", *ask, TEMPORAL_HOST=worker["TEMPORAL_HOST"], SSE_SUBSCRIBE_TOKEN="s")
            check("a question is answered", "All validations passed" in answer, answer[-2000:])
            ask_on_the_page(gateway)
            misbehave(ports["kai-sse-callback"])
            return {name: page(port, "/metrics") for name, port in ports.items()}
        finally:
            stack.stop()
