"""Runs the commands of the documents and checks their links; scripts/docs-check gets what this needs.

A block of commands is one in `bash`, `sh` or `console`; in the last, `$ ` begins a command and other lines are
its output, in which `…` stands for anything. The blocks of a document run one after the other in one shell's
folder and environment. Comments before a block, which readers do not see, say what is special about it:

    <!-- docs-check: not run, REASON -->        it cannot be run here; it is counted and listed
    <!-- docs-check: without COMMAND, REASON --> the same for the lines of it that begin with COMMAND
    <!-- docs-check: background, until TEST --> it goes on until the document's end; TEST succeeds once it is there,
                                                or else the output that stands there comes
    <!-- docs-check: fails -->                  it has to fail
    <!-- docs-check: stop -->                   what goes on is stopped
    <!-- docs-check: into COMMAND -->           not commands, but what COMMAND is given to read
    <!-- docs-check: shows -->                  not commands, but what the block before has printed
    <!-- docs-check: shows in the background -->  the same of the last block that goes on, within half a minute
    <!-- docs-check: with NAME=TEXT -->         from here on, NAME in commands is TEXT
    <!-- docs-check: run                        lines that are run, and that readers do not need
    LINES
    -->

What lines start in the background ends with their document, and must not have failed by then. A document whose
unseen lines fail is left there. Each document is followed in a clone of the last commit. Commands in sentences and
in tables are those of a block (`docs_sentences.py`).
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import docs_sentences
import http_page
from docs_blocks import COMMANDS, Block, blocks, commands, missing, without
from docs_shell import Shell

ROOT = pathlib.Path(__file__).resolve().parent.parent


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


class Report:
    """What was run, what was run otherwise or not at all, and what was wrong."""

    def __init__(self):
        self.run, self.otherwise, self.left, self.wrong = 0, [], [], []

    def leave(self, where, reason):
        if not reason:
            self.complain(where, "not run, and no reason is told")
        self.left.append((where, reason))

    def complain(self, where, what):
        self.wrong.append(where)
        if len(what) > 4000:
            what = what[:1000] + "\n[…]\n" + what[-3000:]
        print(f"FAILED {where}: {what}", file=sys.stderr, flush=True)


class Following:
    """A document that is followed from its first block to its last one."""

    def __init__(self, path, name, shell, report, verbose):
        self.path, self.name, self.shell, self.report, self.verbose = path, name, shell, report, verbose
        self.names, self.printed = {}, ""

    def follow(self):
        try:
            for block in blocks(self.path.read_text()):
                if not self.block(block, f"{self.name}:{block.line}"):
                    break
            self.stop(f"{self.name}, in the background")
        finally:
            for _ in self.shell.stop():
                pass
            self.shell.close()

    def stop(self, where):
        for failed in self.shell.stop():
            self.report.complain(where, failed)

    def block(self, block, where):
        """Does what a block and its remarks say; false where the rest of the document makes no sense without it."""
        report, shell = self.report, self.shell
        if (given := block.remark("with ")) is not None:
            name, _, value = given.partition("=")
            self.names[name] = value
            report.otherwise.append((where, name, value))
        elif block.remark("stop") is not None:
            self.stop(where)
        elif (unseen := block.remark("run\n")) is not None:
            status, self.printed = shell.run(unseen)
            if status:
                report.complain(where, f"exit status {status}\n{unseen}\n{self.printed}")
                return False
        elif (shown := block.remark("shows")) is not None:
            line, printed = (shell.shown(block.text) if shown == "in the background"
                             else (missing(block.text, self.printed), self.printed))
            if line is not None:
                report.complain(where, f"not printed: {line}\n{printed}")
            report.run += 1
        elif (reader := block.remark("into")) is not None:
            self.commands(Block(block.line, "bash", f"{reader} <<'END'\n{block.text}\nEND", block.remarks), where)
        elif block.language in COMMANDS:
            reason = block.remark("not run")
            if reason is not None:
                report.leave(where, reason)
            else:
                self.commands(block, where)
        return True

    def commands(self, block, where):
        report, shell = self.report, self.shell
        for command, reason in block.left_out():
            report.leave(f"{where}, {command}", reason)
        for text, stated in commands(block):
            for command, _ in block.left_out():
                text = without(text, command)
            for name, value in self.names.items():
                text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lambda _, value=value: value, text)
            if self.verbose:
                print(f"{where}: {text.strip()}", flush=True)
            until = block.remark("background")
            if until is not None:
                status, self.printed = shell.start(text, until.removeprefix("until").strip(), stated)
            else:
                status, self.printed = shell.run(text)
            report.run += 1
            if (status == 0) == (block.remark("fails") is not None):
                report.complain(where, f"exit status {status}\n{text}\n{self.printed}")
            elif (line := missing(stated, self.printed)) is not None:
                report.complain(where, f"not printed: {line}\n{self.printed}")


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


def git(*arguments, folder=ROOT):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def fresh_clone(folder, programs, as_it_is):
    """A clone of the last commit, or the tree as it is, and nothing that was built but in `target`."""
    tree = folder / "kai"
    git("clone", "--quiet", str(ROOT), str(tree), folder=folder)
    if as_it_is:
        for name in git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0"):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    # Cargo goes by times: what is the same file is as old as here, or everything would be built once more.
    for name in filter(None, git("ls-files", "-z", folder=tree).split("\0")):
        ours, theirs = ROOT / name, tree / name
        if ours.is_file() and not theirs.is_symlink() and ours.read_bytes() == theirs.read_bytes():
            os.utime(theirs, (ours.stat().st_atime, ours.stat().st_mtime))
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
        # These programs are given: cargo has nothing to build but tests, in this tree's own folder.
        shim = folder / "bin"
        shim.mkdir()
        cargo = shutil.which("cargo")
        (shim / "cargo").write_text(f'#!/bin/sh\n[ "$1" = build ] && exit 0\n'
                                   f'if [ "$1 $2 $3" = "run -q -p" ]; then program=$4; shift 5; exec {programs}/$program "$@"; fi\n'
                                   f'CARGO_TARGET_DIR={ROOT}/target exec {cargo} "$@"\n')
        (shim / "cargo").chmod(0o755)
        variables["PATH"] = f"{shim}:{variables['PATH']}"
    return variables


def main():
    parser = argparse.ArgumentParser(prog="docs-check", description="Runs the commands of the documents.")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="the documents; all when none is given")
    parser.add_argument("--links", action="store_true", help="check links and made pages, and run nothing")
    parser.add_argument("--write", action="store_true", help="make the pages that are made, and run nothing")
    parser.add_argument("--programs", type=pathlib.Path, help="the folder with programs that are built already")
    parser.add_argument("--as-it-is", action="store_true", help="with what is not committed yet")
    parser.add_argument("--longest", type=int, default=1800, help="how many seconds one block may take")
    parser.add_argument("--verbose", "-v", action="store_true", help="print each command before it runs")
    arguments = parser.parse_args()
    report = Report()
    if arguments.write:
        http_page.PAGE.write_text(http_page.page())
    if http_page.PAGE.read_text() != http_page.page():
        report.complain("docs/http.md", "not what the receiver's description says: scripts/docs-check --write")
    for link in broken_links():
        report.complain("links", link)
    pages = {path.relative_to(ROOT): path.read_text() for path in documents() if "decisions" not in path.parts}
    del pages[pathlib.Path("CHANGELOG.md")]
    for name, line, said in docs_sentences.not_in_blocks(pages):
        report.complain(f"{name}:{line}", f"no block has the command of this sentence: {said}")
    if not arguments.links and not arguments.write:
        run_documents(arguments, report)
    print(f"docs-check: {report.run} blocks run, {len(report.left)} not run, {len(report.wrong)} failed")
    sys.exit(1 if report.wrong else 0)


def run_documents(arguments, report):
    programs = arguments.programs and arguments.programs.resolve()
    if not arguments.as_it_is and git("status", "--porcelain"):
        print("docs-check: what is not committed is left out; --as-it-is takes it along", file=sys.stderr)
    for name in [path.resolve().relative_to(ROOT) for path in arguments.files or documents()]:
        with tempfile.TemporaryDirectory(prefix="docs-check-") as folder:
            folder = pathlib.Path(folder)
            # The servers' own user reads files here.
            folder.chmod(0o755)
            tree = fresh_clone(folder, programs, arguments.as_it_is)
            before = report.run
            shell = Shell(tree, environment(folder, programs), arguments.longest)
            Following(tree / name, name, shell, report, arguments.verbose).follow()
            empty_servers()
            if report.run > before:
                print(f"{name}: {report.run - before} blocks run", flush=True)
    for where, name, value in report.otherwise:
        print(f"run with another text: {where}: {name} is {value!r}")
    for where, reason in report.left:
        print(f"not run: {where}: {reason}")


main()
