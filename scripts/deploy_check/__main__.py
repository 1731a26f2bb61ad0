"""Checks the files in deploy/ and docker-compose.yml; scripts/deploy-check gets what this needs."""

import argparse
import glob
import pathlib
import sys

import yaml

import compose_file
import composed
import images
import manifests
import monitoring
import outcomes
import programs
import rehearsal
import units
from sources import ROOT, documents


def yaml_parses():
    for path in glob.glob("deploy/**/*.y*ml", root_dir=ROOT, recursive=True) + ["docker-compose.yml"]:
        try:
            outcomes.check(f"{path} parses", documents(path))
        except yaml.YAMLError as error:
            outcomes.check(f"{path} parses", False, error)


def main():
    parser = argparse.ArgumentParser(prog="deploy-check", description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True,
                        help="the folder with the programs as scripts/build-static makes them; made when not given")
    programs.use(parser.parse_args().programs)
    outcomes.check("the programs are linked statically, as the images hold them", programs.static())
    yaml_parses()
    images.images()
    compose_file.compose()
    manifests.kubernetes()
    units.systemd()
    monitoring.prometheus()
    pages = list(rehearsal.answer_a_question().values()) + list(composed.rehearse().values())
    monitoring.metrics(pages)
    rehearsal.keep_a_store_in_typesense()
    print(f"deploy-check: {outcomes.passed} passed, {len(outcomes.failed)} failed")
    sys.exit(1 if outcomes.failed else 0)


main()
