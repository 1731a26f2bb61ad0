"""The Dockerfile, and what images are built from."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from outcomes import check, succeeds
from programs import NOBODY, settings_exist
from sources import ROOT, SETTINGS, dockerfile, environment_of, last, read


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


def images():
    succeeds("hadolint", pathlib.Path(sys.executable).parent / "hadolint", "--failure-threshold", "warning",
             "deploy/Dockerfile", cwd=ROOT)
    context()
    stages = dockerfile()
    metadata = json.loads(succeeds("cargo metadata", "cargo", "metadata", "--no-deps", "--format-version=1",
                                   "--offline", cwd=ROOT))
    programs = {(package["name"], target["name"]) for package in metadata["packages"]
                for target in package["targets"] if "bin" in target["kind"]}
    builds = re.search(r"scripts/build-static --release ([^&]+) &&", read("deploy/Dockerfile"))
    built = builds.group(1).split() if builds else []
    check("the Dockerfile builds programs", len(built) == 4)
    for program in built:
        check(f"the Dockerfile builds {program}", (program, program) in programs)
    for program in SETTINGS:
        stage = stages[program]
        check(f"image {program}: nobody's rights", last(stage, "USER") == f"{NOBODY}:{NOBODY}")
        check(f"image {program}: starts the program", program in last(stage, "ENTRYPOINT"))
        settings_exist(f"image {program}", program, environment_of(stage))
    for source in re.findall(r"^COPY (deploy/\S+)", read("deploy/Dockerfile"), re.M):
        check(f"the Dockerfile copies {source}", (ROOT / source).exists())
