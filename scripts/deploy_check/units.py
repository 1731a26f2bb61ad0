"""The units of systemd."""

import pathlib
import re
import tempfile

import programs
from outcomes import check, succeeds
from programs import drain_fits, settings_are_taken, settings_exist
from sources import SETTINGS, read


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
