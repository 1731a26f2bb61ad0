"""docker-compose.yml."""

import glob
import os
import pathlib
import re
import tempfile

import yaml

from outcomes import check, succeeds
from programs import drain_fits, settings_are_taken, settings_exist
from sources import ROOT, dockerfile, read, seconds


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
