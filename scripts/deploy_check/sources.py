"""The files that are checked, and what the documentation says of the programs' settings."""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The programs of the images, and where the documentation lists their settings.
SETTINGS = {
    "kai-worker": [("docs/configuration.md", re.compile(r"^\| `([A-Z_]+)`", re.M))],
    "kai-sse-callback": [
        ("docs/receiver.md", re.compile(r"^\| `(SSE_[A-Z_]+|REDIS_URL)`", re.M)),
        # Its page asks through Temporal, which is reached as workers reach it.
        ("docs/configuration.md", re.compile(r"^\| `(TEMPORAL_[A-Z_]+)`", re.M)),
    ],
}
# What other programs in these files read of the same environment.
ELSEWHERE = {"RUST_LOG", "LOG_FORMAT"}


def read(path):
    return (ROOT / path).read_text()


def documents(path):
    """The documents of a YAML file, without the empty ones."""
    return [one for one in yaml.safe_load_all(read(path)) if one]


def documented(program):
    # A page ends, for this, where the settings of the client begin, which no file here has.
    pages = ((read(page).partition("<!-- settings of kai-e2e -->")[0], pattern) for page, pattern in SETTINGS[program])
    return {name for text, pattern in pages for name in pattern.findall(text)}


def dockerfile():
    """The stages of the Dockerfile: for each name, its instructions with those it builds on."""
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", read("deploy/Dockerfile"), flags=re.M))
    stages, name = {}, None
    for line in filter(None, map(str.strip, text.splitlines())):
        word, rest = line.split(None, 1)
        if word == "FROM":
            base, _, name = re.fullmatch(r"(\S+)( AS (\S+))?", rest).groups()
            stages[name] = list(stages.get(base, []))
        else:
            stages[name].append((word, rest))
    return stages


def last(stage, word):
    return [rest for found, rest in stage if found == word][-1]


def environment_of(stage):
    """What ENV sets."""
    pairs = " ".join(rest for word, rest in stage if word == "ENV").split()
    return dict(pair.split("=", 1) for pair in pairs)


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text).group(1))
