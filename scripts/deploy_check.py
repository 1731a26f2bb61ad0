"""Checks the files in deploy/ and docker-compose.yml; scripts/deploy-check gets what this needs."""

import argparse
import glob
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import jsonschema
import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
KUBERNETES = "1.37"
NOBODY = 65532
# The programs of the images, and where the documentation lists their settings.
SETTINGS = {
    "kai-worker": ("docs/configuration.md", re.compile(r"^\| `([A-Z_]+)`", re.M)),
    "kai-sse-callback": ("docs/receiver.md", re.compile(r"^\| `(SSE_[A-Z_]+|REDIS_URL)`", re.M)),
}
# What other programs in these files read of the same environment.
ELSEWHERE = {"RUST_LOG", "LOG_FORMAT"}

passed = 0
failed = []


def check(what, condition, why=""):
    """Notes the outcome of one check."""
    global passed
    if condition:
        passed += 1
    else:
        failed.append(f"{what}: {why}" if why else what)
        print(f"FAILED {failed[-1]}", file=sys.stderr, flush=True)


def succeeds(what, *command, **options):
    """Runs a command that has to succeed; returns its output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    check(what, done.returncode == 0, (done.stderr + done.stdout).strip())
    return done.stdout


def read(path):
    return (ROOT / path).read_text()


def documents(path):
    """The documents of a YAML file, without the empty ones."""
    return [one for one in yaml.safe_load_all(read(path)) if one]


def documented(program):
    page, pattern = SETTINGS[program]
    return set(pattern.findall(read(page)))


# ---------------------------------------------------------------------------------------------------------
# What files say


def yaml_parses():
    for path in glob.glob("deploy/**/*.y*ml", root_dir=ROOT, recursive=True) + ["docker-compose.yml"]:
        try:
            check(f"{path} parses", documents(path))
        except yaml.YAMLError as error:
            check(f"{path} parses", False, error)


def settings_exist(where, program, names):
    """Every setting that a file names is one of the program's."""
    for name in names:
        check(f"{where}: {name} is a setting of {program}", name in documented(program) | ELSEWHERE)


def settings_are_taken(where, environment):
    """The worker takes these values."""
    environment = {name: str(value) for name, value in environment.items() if value is not None}
    # A real address, since it is looked at.
    environment["KAI_STORE_URL"] = os.environ["KAI_TEST_POSTGRES_URL"]
    environment.pop("ENCRYPT_KEY", None)
    succeeds(f"{where}: kai-worker takes the values", PROGRAMS / "kai-worker", "config",
             env=environment, cwd=tempfile.mkdtemp())


def context():
    """What the images are built from, as .dockerignore has it: enough for cargo, and for what sources include."""
    rules = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]

    def means(rule, file):
        pattern = re.escape(rule).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        parts = file.split("/")
        return any(re.fullmatch(pattern, "/".join(parts[:end])) for end in range(1, len(parts) + 1))

    def kept(file):
        ignored = False
        for rule in rules:
            if means(rule.removeprefix("!"), file):
                ignored = not rule.startswith("!")
        return not ignored

    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, capture_output=True, text=True).stdout.split("\n")
    files = {file for file in listed if file and kept(file) and (ROOT / file).is_file()}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            copy = pathlib.Path(folder) / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / file).read_bytes())
        succeeds("the context is enough for cargo", "cargo", "metadata", "--format-version=1", "--offline",
                 "--locked", cwd=folder)
    for file in files:
        if not file.endswith(".rs") or "/tests" in file or file.startswith("bench/"):
            continue
        for included in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', read(file)):
            path = os.path.relpath((ROOT / file).parent / included, ROOT)
            check(f"the context has {path} for {file}", path in files)


def dockerfile():
    """The stages of the Dockerfile: for each name, its instructions with those it builds on."""
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", read("deploy/Dockerfile"), flags=re.M))
    stages, name = {}, None
    for line in filter(None, map(str.strip, text.splitlines())):
        word, rest = line.split(None, 1)
        if word == "FROM":
            base, _, name = re.fullmatch(r"(\S+)( AS (\S+))?", rest).groups()
            stages[name] = list(stages.get(base, []))
        else:
            stages[name].append((word, rest))
    return stages


def last(stage, word):
    return [rest for found, rest in stage if found == word][-1]


def environment_of(stage):
    """What ENV sets."""
    pairs = " ".join(rest for word, rest in stage if word == "ENV").split()
    return dict(pair.split("=", 1) for pair in pairs)


def images():
    succeeds("hadolint", pathlib.Path(sys.executable).parent / "hadolint", "--failure-threshold", "warning",
             "deploy/Dockerfile", cwd=ROOT)
    context()
    stages = dockerfile()
    metadata = json.loads(succeeds("cargo metadata", "cargo", "metadata", "--no-deps", "--format-version=1",
                                   "--offline", cwd=ROOT))
    programs = {(package["name"], target["name"]) for package in metadata["packages"]
                for target in package["targets"] if "bin" in target["kind"]}
    builds = re.findall(r"-p (\S+) --bin (\S+)", read("deploy/Dockerfile"))
    check("the Dockerfile builds programs", len(builds) == 4)
    for build in builds:
        check(f"the Dockerfile builds {build[1]}", build in programs)
    for program in SETTINGS:
        stage = stages[program]
        check(f"image {program}: nobody's rights", last(stage, "USER") == f"{NOBODY}:{NOBODY}")
        check(f"image {program}: starts the program", program in last(stage, "ENTRYPOINT"))
        settings_exist(f"image {program}", program, environment_of(stage))
    for source in re.findall(r"^COPY (deploy/\S+)", read("deploy/Dockerfile"), re.M):
        check(f"the Dockerfile copies {source}", (ROOT / source).exists())


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text).group(1))


def drain_fits(where, allowed, grace):
    """The orchestrator waits longer than the worker takes: its grace, and ten seconds to say goodbye."""
    check(f"{where}: {allowed} s are enough for a drain of {grace} s", allowed >= int(grace) + 10)


def compose():
    # Compose takes these from .env; its reader alone takes them from nowhere.
    text = re.sub(r"\$\{[A-Z_]+(:?[-?][^}]*)?\}", "x", read("docker-compose.yml"))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "docker-compose.yml").write_text(text)
        resolved = succeeds("docker-compose.yml is what Compose reads", os.environ["COMPOSE"],
                            "-no-path-resolution", "docker-compose.yml", cwd=folder)
    services = yaml.safe_load(resolved)["services"]
    stages = dockerfile()
    for name, service in services.items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                check(f"compose {name}: {volume['source']} is there", (ROOT / volume["source"]).exists())
        if "build" in service:
            check(f"compose {name}: the image is built", service["build"]["target"] in stages)
        for port in service.get("ports", []):
            check(f"compose {name}: is reached from this machine only", port["host_ip"] == "127.0.0.1")
    for name, program in (("worker", "kai-worker"), ("receiver", "kai-sse-callback")):
        service = services[name]
        settings_exist(f"compose {name}", program, service["environment"])
        check(f"compose {name}: two of them", service["deploy"]["replicas"] == 2)
        check(f"compose {name}: cannot write", service["read_only"] and service["cap_drop"] == ["ALL"])
    settings_are_taken("compose", services["worker"]["environment"])
    drain_fits("compose", seconds(services["worker"]["stop_grace_period"]), 20)
    check("compose receiver: time to end streams", seconds(services["receiver"]["stop_grace_period"]) >= 30)
    for script in glob.glob("deploy/compose/*.sh", root_dir=ROOT):
        succeeds(f"{script} is shell", "sh", "-n", script, cwd=ROOT)


def strict(schema):
    """The schema without fields that it does not name, where it names any."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [strict(one) for one in schema]
    return schema


def keda(document):
    """A ScaledObject, against KEDA's own definition and what its triggers read."""
    module = pathlib.Path(os.environ["KEDA"])
    definition = yaml.safe_load((module / "config/crd/bases/keda.sh_scaledobjects.yaml").read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object", "properties": {"name": {}, "namespace": {}}}
    try:
        jsonschema.validate(document, strict(schema))
        check("kubernetes: the ScaledObject is KEDA's", True)
    except jsonschema.ValidationError as error:
        check("kubernetes: the ScaledObject is KEDA's", False, error.message)
    sources = {"temporal": "temporal.go", "prometheus": "prometheus_scaler.go"}
    for trigger in document["spec"]["triggers"]:
        source = (module / "pkg/scalers" / sources[trigger["type"]]).read_text()
        known = set(re.findall(r'keda:"name=(\w+)', source))
        for name in trigger["metadata"]:
            check(f"kubernetes: {trigger['type']} reads {name}", name in known)


def kubernetes():
    by_kind = {}
    for path in sorted(glob.glob("deploy/kubernetes/*/*.yaml", root_dir=ROOT)):
        for document in documents(path):
            if document["kind"] == "Kustomization":
                for resource in document["resources"]:
                    check(f"{path}: {resource} is there", (ROOT / path).parent.joinpath(resource).exists())
                continue
            name = document["metadata"]["name"]
            by_kind.setdefault(document["kind"], {})[name] = document
            if document["kind"] == "ScaledObject":
                keda(document)
                continue
            try:
                kubernetes_validate.validate(document, KUBERNETES, strict=True)
                check(f"{path}: {document['kind']} {name}", True)
            except jsonschema.ValidationError as error:
                check(f"{path}: {document['kind']} {name}", False, error.message)
    for program in SETTINGS:
        settings = by_kind["ConfigMap"][program]["data"]
        settings_exist(f"kubernetes {program}", program, settings)
        pod = by_kind["Deployment"][program]["spec"]["template"]["spec"]
        labels = by_kind["Deployment"][program]["spec"]["template"]["metadata"]["labels"]
        for kind, path in (("PodDisruptionBudget", ["selector", "matchLabels"]),
                           ("NetworkPolicy", ["podSelector", "matchLabels"])):
            selector = by_kind[kind][program]["spec"]
            for key in path:
                selector = selector[key]
            check(f"kubernetes {program}: the {kind} means its pods", selector.items() <= labels.items())
        container = pod["containers"][0]
        rights = container["securityContext"]
        check(f"kubernetes {program}: cannot write, has no rights",
              rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
              and rights["capabilities"]["drop"] == ["ALL"] and pod["securityContext"]["runAsNonRoot"])
    worker = by_kind["Deployment"]["kai-worker"]["spec"]["template"]["spec"]
    settings = by_kind["ConfigMap"]["kai-worker"]["data"]
    settings_are_taken("kubernetes", settings)
    drain_fits("kubernetes", worker["terminationGracePeriodSeconds"], settings["KAI_SHUTDOWN_GRACE_SECONDS"])
    trigger = by_kind["ScaledObject"]["kai-worker"]["spec"]["triggers"][0]["metadata"]
    for ours, theirs in (("TEMPORAL_HOST", "endpoint"), ("TEMPORAL_NAMESPACE", "namespace"),
                         ("TEMPORAL_TASK_QUEUE", "taskQueue")):
        check(f"kubernetes: workers and autoscaling agree on {ours}", settings[ours] == trigger[theirs])
    for folder in ("base", "autoscaling"):
        path = f"deploy/kubernetes/{folder}"
        if subprocess.run(["kubectl", "version", "--client"], capture_output=True).returncode == 0:
            succeeds(f"kubectl kustomize {path}", "kubectl", "kustomize", path, cwd=ROOT)
        else:
            print(f"not run: kubectl kustomize {path}, as there is no kubectl")


def systemd():
    for program in SETTINGS:
        path = f"deploy/systemd/{program}.service"
        unit = read(path)
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder) / f"{program}.service"
            here.write_text(unit.replace("ExecStart=/usr/local/bin", f"ExecStart={PROGRAMS}"))
            succeeds(f"systemd-analyze verify {path}", "systemd-analyze", "verify", "--man=no", here)
            succeeds(f"systemd-analyze security {path}: below 2 of 10", "systemd-analyze", "security",
                     "--offline=true", "--threshold=20", here)
        settings = dict(re.findall(r"^Environment=([A-Z_]+)=(.*)$", unit, re.M))
        settings_exist(path, program, settings)
        allowed = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.M).group(1))
        if program == "kai-worker":
            settings_are_taken(path, settings)
            drain_fits(path, allowed, settings["KAI_SHUTDOWN_GRACE_SECONDS"])
        else:
            check(f"{path}: time to end streams", allowed >= 30)


def prometheus():
    promtool, folder = os.environ["PROMTOOL"], ROOT / "deploy/prometheus"
    succeeds("promtool check rules", promtool, "check", "rules", "kai.rules.yml", cwd=folder)
    succeeds("promtool check config", promtool, "check", "config", "--syntax-only", "prometheus.yml", cwd=folder)
    succeeds("promtool test rules", promtool, "test", "rules", "kai.rules.test.yml", cwd=folder)


# ---------------------------------------------------------------------------------------------------------
# What programs do


class Stack:
    """The programs as the images start them, with Temporal and PostgreSQL of scripts/with-services."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.stages = dockerfile()
        self.processes = []

    def command(self, target, *arguments):
        """How a container of this image is started: its entry point, in a root of its own where the program
        needs nothing else, as nobody, who can write to nothing."""
        stage = self.stages[target]
        entry = json.loads(last(stage, "ENTRYPOINT"))
        program = PROGRAMS / target
        if not STATIC:
            os.chmod(self.folder, 0o755)
            return [program, *arguments], last(stage, "WORKDIR")
        root = self.folder / target
        for place in ("usr/local/bin", "etc/ssl/certs", "var/lib/kai", "proc", "dev"):
            (root / place).mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", program, root / entry[0].lstrip("/")], check=True)
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


def answer_a_question():
    """Runs the programs; returns their pages of metrics."""
    server = os.environ["KAI_TEST_POSTGRES_URL"].rsplit("/", 1)[0]
    for database in ("kai", "koperasi"):
        succeeds(f"database {database}", "psql", f"{server}/postgres", "--quiet", "--command",
                 f"CREATE DATABASE {database}")
    sample = succeeds("koperasi", PROGRAMS / "koperasi", "--dialect", "postgresql")
    succeeds("the sample database", "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"{server}/koperasi", input=sample)
    succeeds("sample-reader.sql", "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file",
             ROOT / "deploy/compose/sample-reader.sql", f"{server}/koperasi")
    ports = {program: free_port() for program in SETTINGS}
    key = succeeds("kai-worker key generate", PROGRAMS / "kai-worker", "key", "generate").strip()
    worker = {"KAI_STORE_URL": f"{server}/kai", "ENCRYPT_KEY": key, "HEALTH_PORT": str(ports["kai-worker"]),
              "TEMPORAL_HOST": os.environ["KAI_TEST_TEMPORAL_ADDRESS"], "CHAT_FAMILY": "offline",
              "CALLBACK_TOKEN": "p", "CALLBACK_ALLOWED_HOSTS": "127.0.0.1"}
    address = server.removeprefix("postgres://kai@")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        stack = Stack(folder)
        try:
            stack.start("kai-sse-callback", {"SSE_PORT": str(ports["kai-sse-callback"]), "SSE_PUBLISH_TOKEN": "p",
                                             "SSE_SUBSCRIBE_TOKEN": "s", "SSE_HEADER_TIMEOUT_SECONDS": "1"})
            stack.run("kai-worker", "connection", "create", f"postgresql://kai_reader:kai_reader@{address}/koperasi",
                      "-a", "koperasi", **worker)
            stack.start("kai-worker", worker)
            for program, probe, path in probes():
                check(f"{program} answers the {probe}", page(ports[program], path))
            compose_file = yaml.safe_load(read("docker-compose.yml"))
            gateway = stack.gateway(ports["kai-sse-callback"])
            check("nginx finds the receiver", page(gateway, "/readyz"))
            ask = [str(one).replace("gateway:8092", f"127.0.0.1:{gateway}")
                   for one in compose_file["services"]["ask"]["command"]]
            answer = stack.run("kai-e2e", *ask, TEMPORAL_HOST=worker["TEMPORAL_HOST"], SSE_SUBSCRIBE_TOKEN="s")
            check("a question is answered", "All validations passed" in answer, answer[-2000:])
            misbehave(ports["kai-sse-callback"])
            return {program: page(port, "/metrics") for program, port in ports.items()}
        finally:
            stack.stop()


ENDINGS = r"_(?:bucket|sum|count|total|info|created)$"


def metrics(pages):
    """Every metric that a dashboard, an alert or the autoscaling names is one that programs have, with the
    labels that are asked for."""
    families, labels = set(), {}
    for text in pages.values():
        families.update(re.findall(r"^# TYPE (\S+)", text, re.M))
        for name, inside in re.findall(r"^(\w+)\{(.*)\} ", text, re.M):
            labels.setdefault(re.sub(ENDINGS, "", name), set()).update(re.findall(r'(\w+)="', inside))
    # Temporal's SDK shows these once there is something to count.
    families |= {"temporal_workflow_task_execution_failed", "temporal_request_failure", "temporal_long_request_failure"}
    expressions = {}
    board = json.loads(read("deploy/grafana/dashboards/kai.json"))
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            expressions[f"dashboard, {panel['title']}"] = target["expr"]
    for variable in board["templating"]["list"]:
        expressions[f"dashboard, variable {variable['name']}"] = variable.get("definition", "")
    for group in documents("deploy/prometheus/kai.rules.yml")[0]["groups"]:
        for rule in group["rules"]:
            expressions[f"alert {rule['alert']}"] = rule["expr"]
    for trigger in documents("deploy/kubernetes/autoscaling/worker.yaml")[0]["spec"]["triggers"]:
        expressions[f"autoscaling by {trigger['type']}"] = trigger["metadata"].get("query", "")
    ids = [panel["id"] for panel in board["panels"]]
    check("dashboard: every panel has an id of its own", len(ids) == len(set(ids)))
    for where, expression in expressions.items():
        for name in re.findall(r"\b(?:kai|temporal)_\w+", expression):
            family = re.sub(ENDINGS, "", name)
            check(f"{where}: {name} is there", family in families or name in families)
        for name, inside in re.findall(r"\b((?:kai|temporal)_\w+)\{([^}]*)\}", expression):
            wanted = set(re.findall(r'(\w+)[=!]~?"', inside)) - {"instance"}
            known = labels.get(re.sub(ENDINGS, "", name), labels.get(name))
            if known is not None:
                check(f"{where}: {name} has {sorted(wanted)}", wanted <= known, f"it has {sorted(known)}")


def main():
    global PROGRAMS, STATIC
    parser = argparse.ArgumentParser(prog="deploy-check", description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug",
                        help="the folder with the programs; target/debug when not given")
    PROGRAMS = parser.parse_args().programs.resolve()
    linked = subprocess.run(["ldd", PROGRAMS / "kai-worker"], capture_output=True, text=True)
    STATIC = os.getuid() == 0 and "statically linked" in linked.stdout + linked.stderr
    yaml_parses()
    images()
    compose()
    kubernetes()
    systemd()
    prometheus()
    metrics(answer_a_question())
    if not STATIC:
        print("not run: the images' roots, as the programs are not linked statically (docs/deploying.md)")
    print(f"deploy-check: {passed} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


main()
