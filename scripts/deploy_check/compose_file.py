"""docker-compose.yml."""

import glob
import os
import pathlib
import re
import tempfile
import urllib.parse

import yaml

from outcomes import check, succeeds
from programs import drain_fits, settings_are_taken, settings_exist
from sources import ROOT, dockerfile, read, seconds


def the_page_can_ask(worker, receiver):
    """Receivers ask where workers work, say how they are reached, and let nobody in without a token."""
    check("compose: the page asks where workers work", receiver["TEMPORAL_HOST"] == worker["TEMPORAL_HOST"])
    host = urllib.parse.urlsplit(receiver["SSE_CALLBACK_HOST"]).hostname
    check("compose: workers may post to where the page asks", host in worker["CALLBACK_ALLOWED_HOSTS"].split(","))
    for name, token in (("publishers", receiver["SSE_PUBLISH_TOKEN"]), ("people", receiver["SSE_SUBSCRIBE_TOKEN"]),
                        ("workers", worker["CALLBACK_TOKEN"])):
        check(f"compose: {name} need a token", token)


def compose():
    # Compose takes these from .env; its reader alone takes them from nowhere.
    text, left = read("docker-compose.yml"), 1
    while left:
        # The innermost first: one may stand in the default of another.
        text, left = re.subn(r"\$\{[A-Z_]+(:?[-?][^${}]*)?\}", "x", text)
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
    the_page_can_ask(services["worker"]["environment"], services["receiver"]["environment"])
    typesense = yaml.safe_load(text)["services"]["typesense"]
    check("compose typesense: only where it is wanted", typesense["profiles"] == ["typesense"])
    tested = re.search(r"^TYPESENSE_VERSION=(.*)$", read("scripts/tools.sh"), re.M).group(1)
    check("compose typesense: the version of the tests", typesense["image"].endswith(f":{tested}"))
    drain_fits("compose", seconds(services["worker"]["stop_grace_period"]), 20)
    check("compose receiver: time to end streams", seconds(services["receiver"]["stop_grace_period"]) >= 30)
    for script in glob.glob("deploy/compose/*.sh", root_dir=ROOT):
        succeeds(f"{script} is shell", "sh", "-n", script, cwd=ROOT)
