"""The units of systemd."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import programs
from outcomes import check, succeeds
from programs import drain_fits, settings_are_taken, settings_exist
from rehearsal import free_port, page
from sources import ROOT, SETTINGS, read


def systemd():
    for program in SETTINGS:
        path = f"deploy/systemd/{program}.service"
        unit = read(path)
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder) / f"{program}.service"
            here.write_text(unit.replace("ExecStart=/usr/local/bin", f"ExecStart={programs.folder}"))
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
    start_them()


def documented_settings(file):
    """What the commands of the document write into a file of settings, for what is here."""
    block = next(one for one in re.findall(r"```bash\n(.*?)```", read("docs/deploying.md"), re.S)
                 if f"/dev/null {file}" in one)
    lines = [line for line in block.splitlines() if not re.match(r"install -d|cp |systemctl|journalctl", line)]
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder) / "settings"
        succeeds(f"the document writes {file}", "bash", "-euc", "\n".join(lines).replace(file, str(written)),
                 env={**os.environ, "PATH": f"{programs.folder}:{os.environ['PATH']}"})
        check(f"{file}: its owner's alone", written.stat().st_mode & 0o77 == 0)
        return written.read_text().replace("temporal.example.com:7233", os.environ["KAI_TEST_TEMPORAL_ADDRESS"])


class Unit:
    """A unit's program, started as systemd starts it."""

    def __init__(self, program, settings, folder):
        self.program = program
        file = pathlib.Path(folder) / f"{program}.env"
        file.write_text(settings)
        self.log = pathlib.Path(folder) / f"{program}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", sys.executable, pathlib.Path(__file__).with_name("unit_rehearsal.py"),
                 ROOT / f"deploy/systemd/{program}.service", programs.folder, file], stdout=log, stderr=log)

    def end(self, what, seconds, status):
        try:
            ended = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            ended = "it goes on"
        check(f"{self.program}.service: {what}", ended == status, f"{ended}\n{self.log.read_text()}")


def start_them():
    """Both units with the settings of the document, until a receiver has what a person asked it for."""
    ports = {"kai-worker": ("HEALTH_PORT", free_port()), "kai-sse-callback": ("SSE_PORT", free_port())}
    files = {"kai-worker": "/etc/kai/worker.env", "kai-sse-callback": "/etc/kai/receiver.env"}
    with tempfile.TemporaryDirectory() as folder:
        settings = {program: documented_settings(file) for program, file in files.items()}
        token = re.search(r"^SSE_PUBLISH_TOKEN=(.*)$", settings["kai-sse-callback"], re.M).group(1)
        settings["kai-worker"] += f"CALLBACK_TOKEN={token}\nCALLBACK_ALLOWED_HOSTS=kai.example.com\n"
        for program, text in settings.items():
            name, port = ports[program]
            settings[program] = f"{text}{name}={port}\n"
        units = {program: Unit(program, text, folder) for program, text in settings.items()}
        for program, unit in units.items():
            check(f"{program}.service: is ready", page(ports[program][1], "/readyz"), unit.log.read_text())
        reader = re.search(r"^SSE_SUBSCRIBE_TOKEN=(.*)$", settings["kai-sse-callback"], re.M).group(1)
        request = urllib.request.Request(f"http://127.0.0.1:{ports['kai-sse-callback'][1]}/api/connections",
                                         headers={"Authorization": f"Bearer {reader}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)
            check("the units: the receiver is told by the worker what it has", "connections" in told, told)
        for unit in units.values():
            unit.process.terminate()
        for unit in units.values():
            unit.end("ends when it is told to", 40, 0)
        for program in units:
            wrong = Unit(program, settings[program] + f"{ports[program][0]}=nonsense\n", folder)
            wrong.end("a wrong setting is status 2", 30, 2)
