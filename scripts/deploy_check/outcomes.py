"""The outcomes of the checks, and commands that have to succeed."""

import subprocess
import sys

passed = 0
failed = []


def check(what, condition, why=""):
    """Notes the outcome of one check."""
    global passed
    if condition:
        passed += 1
    else:
        failed.append(f"{what}: {why}" if why else what)
        print(f"FAILED {failed[-1]}", file=sys.stderr, flush=True)


def succeeds(what, *command, **options):
    """Runs a command that has to succeed; returns its output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    check(what, done.returncode == 0, (done.stderr + done.stdout).strip())
    return done.stdout
