"""Commands in sentences and table cells: each has to be one that a block has, in this document or another one.

A block is run, or says why not. So what a sentence tells somebody to type has been run as well, but for words in
capitals, `…` and what stands in brackets, which mean anything.
"""

import re

from docs_blocks import COMMANDS, blocks

PROGRAMS = (r"kai-worker|kai-e2e|kai-sse-callback|koperasi|temporal|curl|make|cargo|docker|kubectl|kustomize|promtool|"
            r"systemctl|systemd-[a-z]+|journalctl|scripts/[\w-]+|openssl|psql|pg_\w+|redis-\w+|npm|npx|git|go|bash|python3")
COMMAND = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:{PROGRAMS}) \S")


def prose(text):
    """The document without its blocks and its remarks, line by line as it was."""
    def emptied(found):
        return "\n" * found[0].count("\n")
    text = re.sub(r"^( *)```.*?^\1```", emptied, text, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->", emptied, text, flags=re.S)


def in_sentences(text):
    """The commands that stand in sentences, each with its line."""
    text = prose(text)
    for found in re.finditer(r"`((?:[^`\n]|\n(?!\s*\n))*)`", text):
        said = re.sub(r"\\\|", "|", " ".join(found[1].split()))
        if COMMAND.match(said):
            yield text.count("\n", 0, found.start()) + 1, said


def in_blocks(text):
    """The lines that the blocks of a document have, those that test or prepare something with them."""
    for block in blocks(text):
        said = [block.text] if block.language in COMMANDS else []
        for remark in block.remarks:
            if remark.startswith(("run\n", "background", "into")):
                said.append(remark.partition("until " if remark.startswith("background") else remark[:4])[2])
        for one in said:
            yield from re.sub(r"\s*\\\n\s*", " ", one).splitlines()


def pattern(said):
    """What a line has that is this command."""
    said = re.sub(r"\s*\[[^\]]*\]…?", "", said)
    words = []
    for word in said.split():
        word = re.escape(word).replace("…", r".*?")
        words.append(re.sub(r"(?<![\w$=])[A-Z][A-Z_]+(?![\w=])", r"(?:\"[^\"]*\"|[^\\s/:]+)", word))
    return re.compile(r"(?:^|[\s;(|&])" + r"\s+".join(words) + r"(?=$|[\s;)|&])")


def not_in_blocks(pages):
    """The commands in the sentences of these pages that no block of them has: path, line and command."""
    lines = [" ".join(line.split()) for text in pages.values() for line in in_blocks(text)]
    for path, text in pages.items():
        for line, said in in_sentences(text):
            if not any(map(pattern(said).search, lines)):
                yield path, line, said
