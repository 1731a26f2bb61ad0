"""Runs the commands of the documents and checks their links; scripts/docs-check gets what this needs.

A block of commands is one in `bash`, `sh` or `console`; in the last, `$ ` begins a command and other lines are
its output, in which `…` stands for anything. The blocks of a document run one after the other in one shell's
folder and environment. Comments before a block, which readers do not see, say what is special about it:

    <!-- docs-check: not run, REASON -->        it cannot be run here; it is counted and listed
    <!-- docs-check: without COMMAND, REASON --> the same for one line of it
    <!-- docs-check: background, until TEST --> it goes on until the document's end; TEST succeeds once it is there
    <!-- docs-check: fails -->                  it has to fail
    <!-- docs-check: stop -->                   what goes on is stopped
    <!-- docs-check: into COMMAND -->           not commands, but what COMMAND is given to read
    <!-- docs-check: shows -->                  not commands, but what the block before has printed
    <!-- docs-check: with NAME=TEXT -->         from here on, NAME in commands is TEXT
    <!-- docs-check: run                        lines that are run, and that readers do not need
    LINES
    -->

What lines start in the background ends with their document. A document whose unseen lines fail is left there.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import http_page

ROOT = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^( *)```(\w*)\s*$")
REMARK = re.compile(r"<!-- docs-check: (.*?)-->", re.S)
COMMANDS = {"bash", "sh", "console"}


def documents():
    """Every document, the decisions and the change log last: their links count, and they have no commands."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/README.md")]
    return sorted(found, key=lambda path: ("decisions" in path.parts, path))


# ---------------------------------------------------------------------------------------------------------
# Links


def slug(heading):
    """The anchor of a heading, as forges make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def without_code(text):
    text = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path):
    seen = {}
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S), re.M):
        name = slug(heading)
        seen[name] = seen.get(name, -1) + 1
        yield name if seen[name] == 0 else f"{name}-{seen[name]}"


def broken_links():
    for path in documents():
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            other = (path.parent / file).resolve() if file else path
            where = f"{path.relative_to(ROOT)}: {target}"
            if not other.exists():
                yield f"{where} is not there"
            elif anchor and anchor not in set(anchors(other)):
                yield f"{where} has no such heading"


# ---------------------------------------------------------------------------------------------------------
# Commands


class Block:
    """A fenced block, with the remarks before it."""

    def __init__(self, line, language, text, remarks):
        self.line, self.language, self.text, self.remarks = line, language, text, remarks

    def remark(self, word):
        """What a remark that begins with this word says further."""
        for remark in self.remarks:
            if remark.startswith(word):
                return remark[len(word):].lstrip(" ,").strip()
        return None


def blocks(text):
    """The blocks of a document, and its lines that are run unseen."""
    lines, number, remarks = text.splitlines(), 0, []
    while number < len(lines):
        line = lines[number]
        if line.lstrip().startswith("<!-- docs-check:"):
            start = number
            while "-->" not in lines[number]:
                number += 1
            said = REMARK.search("\n".join(lines[start:number + 1])).group(1).strip()
            if said == "stop" or said.startswith(("run\n", "with ")):
                yield Block(start + 1, "", "", [said])
            else:
                remarks.append(said)
        elif fence := FENCE.match(line):
            start, indent = number + 1, len(fence[1])
            number += 1
            while lines[number].strip() != "```":
                number += 1
            yield Block(start, fence[2], "\n".join(one[indent:] for one in lines[start:number]), remarks)
            remarks = []
        elif line.strip():
            remarks = []
        number += 1


def commands(block):
    """The commands of a block, each with the output that stands below it."""
    if block.language != "console":
        return [(block.text, "")]
    found = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], ""])
        else:
            found[-1][1] += line + "\n"
    return [tuple(one) for one in found]


def missing(stated, printed):
    """The first stated line that was not printed after the ones before it; `…` stands for anything."""
    rest = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    for line in filter(str.strip, stated.splitlines()):
        pattern = r"[ \t]*".join(
            ".*?".join(map(re.escape, part.split("…"))) for part in line.strip().split())
        found = re.search(pattern, rest)
        if not found:
            return line
        rest = rest[found.end():]
    return None


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
        """The same of what goes on: 0 once the test succeeds, or what was stated is printed."""
        log = tempfile.NamedTemporaryFile("w+", prefix="docs-check-", suffix=".log")
        process = subprocess.Popen(["bash", "-c", f"set -a; source {self.state}; {text}"], env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        self.background.append(process)
        end = time.monotonic() + 90
        while time.monotonic() < end:
            test = f"set -a; source {self.state}; {until or 'true'}"
            there = subprocess.run(["bash", "-c", test], env=self.environment, capture_output=True).returncode == 0
            log.seek(0)
            printed = log.read()
            if there and missing(stated, printed) is None:
                return 0, printed
            time.sleep(0.2)
        return 1, f"not there after 90 s: {until}\n{printed}"

    def stop(self):
        """Ends what was started to go on."""
        for process in reversed(self.background):
            for kind in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, kind)
                    process.wait(40)
                    break
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
        self.background.clear()

    def close(self):
        """Ends that, and what lines have left running: there is nothing to save."""
        self.stop()
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.state.unlink()


class Report:
    """What was run, what was not, and what was wrong."""

    def __init__(self):
        self.run, self.left, self.wrong = 0, [], []

    def complain(self, where, what):
        self.wrong.append(where)
        if len(what) > 4000:
            what = what[:1000] + "\n[…]\n" + what[-3000:]
        print(f"FAILED {where}: {what}", file=sys.stderr, flush=True)


def run_document(path, shell, report, verbose):
    names, printed = {}, ""
    try:
        for block in blocks(path.read_text()):
            where = f"{path.relative_to(ROOT)}:{block.line}"
            if (given := block.remark("with ")) is not None:
                name, _, value = given.partition("=")
                names[name] = value
                continue
            if block.remark("stop") is not None:
                shell.stop()
                continue
            if (unseen := block.remark("run\n")) is not None:
                status, printed = shell.run(unseen)
                if status:
                    report.complain(where, f"exit status {status}\n{unseen}\n{printed}")
                    return
                continue
            if block.remark("shows") is not None:
                line = missing(block.text, printed)
                if line is not None:
                    report.complain(where, f"not printed: {line}\n{printed}")
                continue
            if (reader := block.remark("into")) is not None:
                block = Block(block.line, "bash", f"{reader} <<'END'\n{block.text}\nEND", block.remarks)
            if block.language not in COMMANDS:
                continue
            reason = block.remark("not run")
            if reason is not None:
                report.left.append((where, reason))
                continue
            left_out, _, why = (block.remark("without") or "").partition(",")
            for text, stated in commands(block):
                if left_out:
                    text = re.sub(rf"^{re.escape(left_out)}\b.*$", "", text, flags=re.M)
                    report.left.append((f"{where}, {left_out}", why.strip()))
                for name, value in names.items():
                    text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lambda _, value=value: value, text)
                if verbose:
                    print(f"{where}: {text.strip()}", flush=True)
                until = block.remark("background")
                if until is not None:
                    status, printed = shell.start(text, until.removeprefix("until").strip(), stated)
                else:
                    status, printed = shell.run(text)
                report.run += 1
                if (status == 0) == (block.remark("fails") is not None):
                    report.complain(where, f"exit status {status}\n{text}\n{printed}")
                elif (line := missing(stated, printed)) is not None:
                    report.complain(where, f"not printed: {line}\n{printed}")
    finally:
        shell.close()


def empty_servers():
    """Drops what a document has made in the servers, so that the next one finds them as they were."""
    postgres = os.environ["KAI_TEST_POSTGRES_URL"]
    drops = ("SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database "
             "WHERE NOT datistemplate AND datname <> 'postgres' \\gexec")
    subprocess.run(["psql", "-q", postgres], input=drops, text=True, check=True)
    mariadb = ["mariadb", "--no-defaults", "--host=127.0.0.1", "--user=kai"]
    drops = subprocess.run([*mariadb, "--skip-column-names", "--execute",
                            "SELECT CONCAT('DROP DATABASE `', schema_name, '`;') FROM information_schema.schemata "
                            "WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"],
                           text=True, check=True, capture_output=True).stdout
    subprocess.run(mariadb, input=drops, text=True, check=True)


def fresh_copy(folder, programs):
    """What git knows of the tree, and nothing that was built but in `target`."""
    tree = folder / "kai"
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    if programs:
        (tree / "target").mkdir()
        (tree / "target/debug").symlink_to(programs)
        (tree / "target/tools").symlink_to(ROOT / "target/tools")
    else:
        (tree / "target").symlink_to(ROOT / "target")
    return tree


def environment(folder, programs):
    """A home of its own, the programs on the PATH, and nothing that the person who runs this has set."""
    kept = ("PATH", "LANG", "TERM", "CARGO_HOME", "RUSTUP_HOME", "GOPATH", "GOMODCACHE", "GOCACHE")
    home = pathlib.Path.home()
    variables = {name: os.environ[name] for name in kept if name in os.environ}
    variables.setdefault("CARGO_HOME", str(home / ".cargo"))
    variables.setdefault("RUSTUP_HOME", str(home / ".rustup"))
    variables |= {name: value for name, value in os.environ.items() if name.startswith("KAI_TEST_")}
    variables |= {"HOME": str(folder), "CARGO_NET_OFFLINE": "true", "PAGER": "cat"}
    variables["PATH"] = f"{folder}/kai/target/debug:{variables['PATH']}"
    if programs:
        # These programs are given: cargo has nothing to build.
        shim = folder / "bin"
        shim.mkdir()
        cargo = shutil.which("cargo")
        (shim / "cargo").write_text(f'#!/bin/sh\n[ "$1" = build ] && exit 0\n'
                                   f'if [ "$1 $2 $3" = "run -q -p" ]; then program=$4; shift 5; exec {programs}/$program "$@"; fi\n'
                                   f'exec {cargo} "$@"\n')
        (shim / "cargo").chmod(0o755)
        variables["PATH"] = f"{shim}:{variables['PATH']}"
    return variables


def main():
    parser = argparse.ArgumentParser(prog="docs-check", description="Runs the commands of the documents.")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="the documents; all when none is given")
    parser.add_argument("--links", action="store_true", help="check links and made pages, and run nothing")
    parser.add_argument("--write", action="store_true", help="make the pages that are made, and run nothing")
    parser.add_argument("--programs", type=pathlib.Path, help="the folder with programs that are built already")
    parser.add_argument("--longest", type=int, default=600, help="how many seconds one block may take")
    parser.add_argument("--verbose", "-v", action="store_true", help="print each command before it runs")
    arguments = parser.parse_args()
    report = Report()
    if arguments.write:
        http_page.PAGE.write_text(http_page.page())
    if http_page.PAGE.read_text() != http_page.page():
        report.complain("docs/http.md", "not what the receiver's description says: scripts/docs-check --write")
    for link in broken_links():
        report.complain("links", link)
    chosen = [path.resolve() for path in arguments.files] or documents()
    if not arguments.links and not arguments.write:
        programs = arguments.programs and arguments.programs.resolve()
        for path in chosen:
            with tempfile.TemporaryDirectory(prefix="docs-check-") as folder:
                folder = pathlib.Path(folder)
                # The servers' own user reads files here.
                folder.chmod(0o755)
                tree = fresh_copy(folder, programs)
                before = report.run
                shell = Shell(tree, environment(folder, programs), arguments.longest)
                run_document(path, shell, report, arguments.verbose)
                empty_servers()
                if report.run > before:
                    print(f"{path.relative_to(ROOT)}: {report.run - before} blocks run", flush=True)
        for where, reason in report.left:
            print(f"not run: {where}: {reason}")
    print(f"docs-check: {report.run} blocks run, {len(report.left)} not run, {len(report.wrong)} failed")
    sys.exit(1 if report.wrong else 0)


main()
