"""The shell in which the commands of one document run."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

from docs_blocks import missing


class Background:
    """A command that goes on, and what it has printed."""

    def __init__(self, script, text, environment):
        self.text = text
        self.log = tempfile.NamedTemporaryFile("w+", prefix="docs-check-", suffix=".log")
        self.process = subprocess.Popen(["bash", "-c", script], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)

    def printed(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def stop(self):
        """Ends it; returns its exit status where it had failed by itself."""
        failed = self.process.poll()
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, kind)
                self.process.wait(40)
                break
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        return failed


class Shell:
    """The folder and the environment in which the blocks of one document run."""

    def __init__(self, folder, environment, longest):
        self.environment, self.longest = environment, longest
        self.state = pathlib.Path(tempfile.mkstemp(prefix="docs-check-")[1])
        self.state.write_text(f"cd {folder}\n")
        self.background = []
        self.groups = []

    def script(self, text):
        return f"set -a; source {self.state}; set -euo pipefail\n{text}\n{{ export -p; echo \"cd '$PWD'\"; }} >{self.state}\n"

    def run(self, text):
        """The exit status and all that was printed."""
        process = subprocess.Popen(["bash", "-c", self.script(text)], env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        self.groups.append(process.pid)
        try:
            printed, _ = process.communicate(timeout=self.longest)
            return process.returncode, printed
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return 124, f"it was not done after {self.longest} s\n{process.communicate()[0]}"

    def start(self, text, until, stated):
        """The same of what goes on: 0 once the test succeeds, and what was stated is printed."""
        if not until and not stated.strip():
            return 1, "nothing tells that it is there: say `until TEST`, or what it prints"
        started = Background(f"set -a; source {self.state}; {text}", text, self.environment)
        self.background.append(started)
        end = time.monotonic() + 90
        while time.monotonic() < end:
            # Asked first, so that what it has printed and done before it ended counts.
            ended = started.process.poll()
            test = f"set -a; source {self.state}; {until or 'true'}"
            there = subprocess.run(["bash", "-c", test], env=self.environment, capture_output=True).returncode == 0
            printed = started.printed()
            if not ended and there and missing(stated, printed) is None:
                return 0, printed
            if ended is not None:
                return 1, f"it ended with exit status {ended}\n{printed}"
            time.sleep(0.2)
        return 1, f"not there after 90 s: {until or stated}\n{started.printed()}"

    def shown(self, stated):
        """The first stated line that the last command in the background has not printed within half a minute,
        and what it has printed."""
        end = time.monotonic() + 30
        while True:
            printed = self.background[-1].printed()
            line = missing(stated, printed)
            if line is None or time.monotonic() > end:
                return line, printed
            time.sleep(0.2)

    def stop(self):
        """Ends what was started to go on; yields what had failed by then, with exit status and output."""
        while self.background:
            started = self.background.pop()
            failed = started.stop()
            if failed:
                yield f"exit status {failed} before its end\n{started.text}\n{started.printed()}"

    def close(self):
        """Ends what lines have left running: there is nothing to save."""
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.state.unlink()
