"""The units' commands as they stand: ExecStart with the environment file that the document writes, as a user without
rights, in a system that cannot be written but for the unit's own folder.

    unit_rehearsal.py UNIT PROGRAMS ENVIRONMENT-FILE

becomes the unit's program, as systemd would start it; what takes systemd itself (its filters of system calls, its
namespaces of users) is what `systemd-analyze` reads. Called with mounts of its own.
"""

import os
import pathlib
import re
import subprocess
import sys

NOBODY = "65532"
PLACE = "/run/kai"


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def over(folder):
    """Lets a folder be written without anything being written to it."""
    name = folder.strip("/").replace("/", "-")
    for kind in ("upper", "work"):
        os.makedirs(f"{PLACE}/{name}/{kind}")
    mount("-t", "overlay", "overlay", "-o",
          f"lowerdir={folder},upperdir={PLACE}/{name}/upper,workdir={PLACE}/{name}/work", folder)


def main():
    unit, programs, environment_file = map(pathlib.Path, sys.argv[1:])
    said = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", unit.read_text(), re.M):
        said.setdefault(name, []).append(value)
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.makedirs(PLACE)
    for folder in ("/etc", "/usr/local/bin", "/var/lib"):
        over(folder)
    wanted = pathlib.Path(said["EnvironmentFile"][0])
    wanted.parent.mkdir(exist_ok=True)
    wanted.write_bytes(environment_file.read_bytes())
    program, *arguments = said["ExecStart"][0].split()
    subprocess.run(["cp", programs / pathlib.Path(program).name, program], check=True)
    # What systemd sets for a user that exists while the unit runs.
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/", "SHELL": "/usr/sbin/nologin",
                   "USER": pathlib.Path(program).name, "LOGNAME": pathlib.Path(program).name}
    # A setting of the file goes before one of the unit.
    for line in [*said.get("Environment", []), *wanted.read_text().splitlines()]:
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            environment[name] = value
    for name in said.get("StateDirectory", []):
        os.makedirs(f"/var/lib/{name}", mode=0o700)
        os.chown(f"/var/lib/{name}", int(NOBODY), int(NOBODY))
        mount("--bind", f"/var/lib/{name}", f"/var/lib/{name}")
    for folder in ("/etc", "/usr/local/bin", "/var/lib", "/"):
        mount("-o", "remount,ro,bind", folder)
    os.chdir(said.get("WorkingDirectory", ["/"])[0])
    os.umask(int(said["UMask"][0], 8))
    os.execvpe("setpriv", ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all",
                           "--no-new-privs", program, *arguments], environment)


main()
