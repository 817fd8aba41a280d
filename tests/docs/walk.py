"""Reads the fenced commands of a document, and runs those of one world in one shell.

A block that a test runs has the name of its world before it: <!-- run: sqlite -->. The block behind
it is what it prints; `…` there stands for anything. <!-- file: name --> before a block: that file
is written before the commands.
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARK = "@@@ block"
_BLOCK = re.compile(
    r"(?:<!-- (?P<kind>run|file): (?P<name>[\w./-]+) -->\n)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block. world, file: what is written before it; prints: the block behind it."""

    language: str
    text: str
    world: str | None = None
    file: str | None = None
    prints: str | None = None


def blocks_of(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    found = [*_BLOCK.finditer(text)]
    blocks = []
    for block, behind in pairwise([*found, None]):
        assert block is not None
        prints = None
        is_bare = behind is not None and behind["kind"] is None and behind["language"] != "sh"
        if behind and is_bare and not text[block.end() : behind.start()].strip():
            prints = behind["text"]
        marked = {block["kind"]: block["name"]}
        world, file = marked.get("run"), marked.get("file")
        blocks.append(Block(block["language"], block["text"], world, file, prints))
    return blocks


def run(
    document: Path,
    world: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    words: Mapping[str, str] | None = None,
) -> None:
    """Run the blocks of a world, in order, and compare what they print.

    words: what the document says -> what is true in this test, such as the port.
    """
    blocks = [one for one in blocks_of(document) if one.world == world or one.file]
    words = words or {}
    script = ["set -eu", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"]
    commands = []
    for block in blocks:
        text = _with(words, block.text)
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            continue
        commands.append(block)
        script += [f"echo '{MARK}'", text]
    assert commands, f"{document.name} has no commands of {world}"
    done = subprocess.run(
        ["timeout", "90", "bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    printed = done.stdout.split(f"{MARK}\n")[1:]
    failed = commands[len(printed) - 1]
    assert done.returncode == 0, f"{failed.text}\nprinted:\n{printed[-1]}\n{done.stderr}"
    for block, was in zip(commands, printed, strict=True):
        if block.prints is not None:
            expected = _with(words, block.prints)
            assert matches(expected, was), f"{block.text}\nprinted:\n{was}\nnot:\n{expected}"


def matches(expected: str, printed: str) -> bool:
    """Whether it is what was expected; `…` stands for anything, white space does not count."""
    parts = [re.escape("".join(part.split())) for part in expected.split("…")]
    return re.fullmatch(".*".join(parts), "".join(printed.split()), re.DOTALL) is not None


def _with(words: Mapping[str, str], text: str) -> str:
    for said, true in words.items():
        text = text.replace(said, true)
    return text
