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


def resolved(values):
    """The services of the file as Compose reads it, when .env has these values."""
    def value(found):
        name, default = found[1], found[3] if found[2] in ("-", ":-") else ""
        return values.get(name) or default

    # Compose takes them from .env; its reader alone takes them from nowhere.
    text, left = read("docker-compose.yml"), 1
    while left:
        # The innermost first: one may stand in the default of another.
        text, left = re.subn(r"\$\{([A-Z_]+)(?:(:?[-?])([^${}]*))?\}", value, text)
    profiles = {name: said["profiles"] for name, said in yaml.safe_load(text)["services"].items() if "profiles" in said}
    with tempfile.TemporaryDirectory() as folder:
        # Without profiles, since it reads no service that has one.
        (pathlib.Path(folder) / "docker-compose.yml").write_text(re.sub(r"^ +profiles: .*\n", "", text, flags=re.M))
        read_back = succeeds("docker-compose.yml is what Compose reads", pathlib.Path(os.environ["GO_PROGRAMS"]) / "cmd",
                             "-no-path-resolution", "docker-compose.yml", cwd=folder)
    services = yaml.safe_load(read_back)["services"]
    for name, said in profiles.items():
        services[name]["profiles"] = said
    return services


def compose():
    services = resolved(dict.fromkeys(("POSTGRES_PASSWORD", "ENCRYPT_KEY", "SSE_PUBLISH_TOKEN", "SSE_SUBSCRIBE_TOKEN"), "x"))
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
    typesense = services["typesense"]
    check("compose typesense: only where it is wanted", typesense["profiles"] == ["typesense"])
    tested = re.search(r"^TYPESENSE_VERSION=(.*)$", read("scripts/tools.sh"), re.M).group(1)
    check("compose typesense: the version of the tests", typesense["image"].endswith(f":{tested}"))
    drain_fits("compose", seconds(services["worker"]["stop_grace_period"]), 20)
    check("compose receiver: time to end streams", seconds(services["receiver"]["stop_grace_period"]) >= 30)
    for script in glob.glob("deploy/compose/*.sh", root_dir=ROOT):
        succeeds(f"{script} is shell", "sh", "-n", script, cwd=ROOT)
