"""Containers without an engine: a network of their own each, the image's root, and what Compose says of them.

Runs where the mounts, the network and the processes are ours alone (`composed.py` sees to it), so that all of it is
gone with the last process.
"""

import ipaddress
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import time

from programs import NOBODY
from sources import ROOT

NETWORK = ipaddress.ip_network("10.88.0.0/24")
BRIDGE = "kai"
PLACE = pathlib.Path("/run/kai")


def quiet(*command):
    subprocess.run(command, check=True, capture_output=True)


def make_network():
    quiet("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for folder in ("/run/netns", PLACE):
        os.makedirs(folder)
    quiet("ip", "link", "set", "lo", "up")
    quiet("ip", "link", "add", BRIDGE, "type", "bridge")
    quiet("ip", "address", "add", f"{NETWORK[1]}/{NETWORK.prefixlen}", "dev", BRIDGE)
    quiet("ip", "link", "set", BRIDGE, "up")


class Image:
    """What a container of an image is started from."""

    def __init__(self, entrypoint=(), environment=None, user=None, programs=None, alone=False, files=None,
                 folder="/"):
        # alone: nothing is in its root but its programs; else they are added to a copy of this machine's.
        self.entrypoint, self.environment, self.user = list(entrypoint), environment or {}, user
        self.programs, self.alone, self.files, self.folder = programs or {}, alone, files or {}, folder


class Container:
    """A service's container: `number` counts those of one service."""

    count = 0

    def __init__(self, service, number, said, image, volumes):
        Container.count += 1
        self.service, self.said, self.image = service, said, image
        self.name = f"{service}-{number}"
        self.address = str(NETWORK[1 + Container.count])
        self.root = PLACE / self.name / "root"
        self.process = None
        link = f"veth{Container.count}"
        quiet("ip", "netns", "add", self.name)
        quiet("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        quiet("ip", "link", "set", link, "master", BRIDGE, "up")
        for words in (f"address add {self.address}/{NETWORK.prefixlen} dev eth0", "link set eth0 up", "link set lo up"):
            quiet("ip", "-netns", self.name, *words.split())
        self.fill(volumes)

    def fill(self, volumes):
        """Makes its root."""
        upper, work = (PLACE / self.name / one for one in ("upper", "work"))
        for folder in (self.root, upper, work):
            folder.mkdir(parents=True)
        if self.image.alone:
            quiet("mount", "--bind", self.root, self.root)
            for folder in ("proc", "dev", "tmp", "etc/ssl/certs", "var/lib/kai"):
                (self.root / folder).mkdir(parents=True)
            quiet("cp", "/etc/ssl/certs/ca-certificates.crt", self.root / "etc/ssl/certs")
            os.chown(self.root / "var/lib/kai", NOBODY, NOBODY)
        else:
            quiet("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", self.root)
            for folder in ("run/postgresql", "tmp"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
                (self.root / folder).chmod(0o1777)
        quiet("mount", "-t", "proc", "proc", self.root / "proc")
        quiet("mount", "--rbind", "/dev", self.root / "dev")
        for target, text in self.image.files.items():
            self.at(target).parent.mkdir(parents=True, exist_ok=True)
            self.at(target).write_text(text)
        for target, source in self.image.programs.items():
            self.bind(source, target)
        for volume in self.said.get("volumes", []):
            if volume["type"] == "bind":
                self.bind(ROOT / volume["source"], volume["target"])
            else:
                kept = volumes / volume["source"]
                kept.mkdir(exist_ok=True)
                if self.image.user:
                    shutil.chown(kept, self.image.user, self.image.user)
                self.bind(kept, volume["target"])

    def at(self, path):
        return self.root / path.lstrip("/")

    def bind(self, source, target):
        place = self.at(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if pathlib.Path(source).is_dir():
            place.mkdir(exist_ok=True)
        else:
            place.touch()
        quiet("mount", "--bind", pathlib.Path(source).resolve(), place)

    def name_others(self, hosts):
        """Ends the making: it knows the others by name, and cannot write where Compose says so."""
        (self.root / "etc/hosts").unlink(missing_ok=True)
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
        if self.said.get("read_only"):
            quiet("mount", "-o", "remount,ro,bind", self.root)

    def environment(self):
        said = self.said.get("environment") or {}
        machine = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/tmp"}
        return machine | self.image.environment | {name: str(value) for name, value in said.items() if value is not None}

    def command(self, *words):
        """How something is run in it."""
        if self.image.alone:
            # There is no setpriv in such a root; chroot gives the user, and needs three rights until then.
            words = ["setpriv", "--bounding-set=-all,+sys_chroot,+setuid,+setgid", "--no-new-privs", "chroot",
                     f"--userspec={NOBODY}:{NOBODY}", str(self.root), *words]
        else:
            if user := self.image.user:
                words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]
            inside = f"cd {shlex.quote(self.image.folder)} && exec {shlex.join(map(str, words))}"
            words = ["chroot", str(self.root), "sh", "-c", inside]
        return ["ip", "netns", "exec", self.name, *words]

    def whole_command(self):
        entrypoint = self.said.get("entrypoint") or self.image.entrypoint
        return [*entrypoint, *(self.said.get("command") or [])]

    def run(self, *words):
        """Runs something in it to its end."""
        return subprocess.run(self.command(*words), env=self.environment(), capture_output=True, text=True,
                              timeout=180)

    def start(self):
        self.log = open(PLACE / f"{self.name}.log", "w")
        self.process = subprocess.Popen(self.command(*self.whole_command()), env=self.environment(),
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def printed(self):
        return (PLACE / f"{self.name}.log").read_text(errors="replace")[-3000:]

    def healthy(self):
        """Whether its health check succeeds as often as Compose would ask; and what it said last."""
        check = self.said["healthcheck"]
        interval = float(re.fullmatch(r"([\d.]+)s", check["interval"]).group(1))
        for _ in range(int(check.get("retries") or 20)):
            done = self.run(*check["test"][1:])
            if done.returncode == 0:
                return True, ""
            if self.process.poll() is not None:
                break
            time.sleep(interval)
        return False, f"{done.stdout}{done.stderr}\n{self.printed()}"

    def stop(self, seconds):
        """Its exit status once it was told to end, or None where that took longer."""
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None
