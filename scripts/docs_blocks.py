"""The blocks of a document, with the remarks before them, which `docs_check.py` lists."""

import re

FENCE = re.compile(r"^( *)```(\w*)\s*$")
REMARK = re.compile(r"<!-- docs-check: (.*?)-->", re.S)
COMMANDS = {"bash", "sh", "console"}


class Block:
    """A fenced block, with the remarks before it."""

    def __init__(self, line, language, text, remarks):
        self.line, self.language, self.text, self.remarks = line, language, text, remarks

    def all(self, word):
        """What each remark that begins with this word says further."""
        return [remark[len(word):].lstrip(" ,").strip() for remark in self.remarks if remark.startswith(word)]

    def remark(self, word):
        """The same of the first one."""
        return next(iter(self.all(word)), None)

    def left_out(self):
        """The commands whose lines are not run, each with the reason."""
        for said in self.all("without "):
            command, _, reason = said.partition(",")
            yield command, reason.strip()


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


def without(text, command):
    """The text without the lines that begin with this command, and what goes on from them."""
    return re.sub(rf"^{re.escape(command)}\b(?:.*\\\n)*.*$", "", text, flags=re.M)


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
