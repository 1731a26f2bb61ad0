"""The programs that were built, and whether they are those of the images."""

import os
import pathlib
import subprocess
import tempfile

from outcomes import check, succeeds
from sources import ELSEWHERE, documented

NOBODY = 65532
folder = None


def use(path):
    """Names the folder with the programs."""
    global folder
    folder = path.resolve()


def static():
    """Whether they need nothing but themselves."""
    return all("statically linked" in subprocess.run(["ldd", program(name)], capture_output=True, text=True).stdout
               for name in ("kai-worker", "kai-sse-callback", "kai-e2e", "koperasi"))


def program(name):
    return pathlib.Path(folder) / name


def settings_exist(where, name_of_program, names):
    """Every setting that a file names is one of the program's."""
    for name in names:
        check(f"{where}: {name} is a setting of {name_of_program}",
              name in documented(name_of_program) | ELSEWHERE)


def settings_are_taken(where, environment):
    """The worker takes these values."""
    environment = {name: str(value) for name, value in environment.items() if value is not None}
    # A real address, since it is looked at.
    environment["KAI_STORE_URL"] = os.environ["KAI_TEST_POSTGRES_URL"]
    environment.pop("ENCRYPT_KEY", None)
    succeeds(f"{where}: kai-worker takes the values", program("kai-worker"), "config",
             env=environment, cwd=tempfile.mkdtemp())


def drain_fits(where, allowed, grace):
    """The orchestrator waits longer than the worker takes: its grace, and ten seconds to say goodbye."""
    check(f"{where}: {allowed} s are enough for a drain of {grace} s", allowed >= int(grace) + 10)
