"""What the documents name, and how a Markdown text is taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("server", "engine", "schema", "resolvers", "loaders", "sandbox", "tests", "benchmarks", "docs")
EXAMPLES = ("acme", "cli/export", "command_export")  # what a reader would add

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(((?!\w+:)[^)\s]+)\)")
_PATH = re.compile(rf"(?<![\w/.])(?:{'|'.join(PACKAGES)})/[\w./-]*")
_BARE = re.compile(r"[\w.-]+\.(?:py|md|toml|graphql|txt)")

_OPENING = {"[": "]", "(": ")", "{": "}"}
_MERMAID = ("flowchart", "sequenceDiagram", "stateDiagram-v2", "classDiagram")
_BLOCK = re.compile(r"(par|alt|opt|loop|critical|rect)\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. language: as written; "" where it has none."""

    language: str
    text: str


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in that language."""
    return [block.text for block in _blocks(text) if block.language == language]


def _blocks(text: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        yield Block(found[2], "\n".join(line.removeprefix(found[1]) for line in found[3].splitlines()))


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def inline(text: str) -> list[str]:
    """What stands in backticks."""
    return _INLINE.findall(prose(text))


def links(text: str) -> list[str]:
    """Where links inside the repository lead: a path, an anchor, or both."""
    return _LINK.findall(prose(text))


def anchors(text: str) -> list[str]:
    """Of every heading, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def paths(text: str) -> set[str]:
    """Files and packages that a text names, in its pictures too; what a reader would add is left out."""
    full = {path.rstrip(".-") for path in _PATH.findall(text)}
    bare = {name for name in inline(text) if _BARE.fullmatch(name)}
    return {path for path in full | bare if not any(example in path for example in EXAMPLES)}


def exists(path: str) -> bool:
    """A path from the root; without a package, a file of that name anywhere in one."""
    if "/" in path or (ROOT / path).exists():
        return (ROOT / path).exists()
    return any(next((ROOT / package).rglob(path), None) is not None for package in PACKAGES)


def mermaid_faults(block: str) -> list[str]:
    """What keeps a picture from being drawn: a cheap check of the kind, brackets, quotes and ends."""
    lines = [line.strip() for line in block.strip().splitlines()]
    kind = lines[0].split()[0] if lines and lines[0] else ""
    if kind not in _MERMAID:
        return [f"unknown kind {kind!r}"]
    faults = [
        f"semicolon: {line}" for line in lines if ";" in re.sub(r'"[^"]*"', "", line)
    ]  # it ends a statement
    if kind == "flowchart":
        faults += [f"unbalanced: {line}" for line in lines if not _is_balanced(line)]
    if kind == "classDiagram" and block.count("{") != block.count("}"):
        faults.append("unbalanced braces")
    if kind == "sequenceDiagram":
        opened = sum(bool(_BLOCK.match(line)) for line in lines)
        faults += ["an end for every block"] if opened != lines.count("end") else []
        known = {line.split()[1] for line in lines if line.startswith("participant ")}
        messages = (re.match(r"(\w+)-{1,2}>>(\w+):", line) for line in lines)
        used = {name for message in messages if message for name in message.groups()}
        faults += [f"no participant {name}" for name in sorted(used - known)]
    return faults


def _is_balanced(line: str) -> bool:
    closing: list[str] = []
    outside = re.sub(r'"[^"]*"', "", line)
    if '"' in outside:
        return False
    for character in outside:
        if character in _OPENING:
            closing.append(_OPENING[character])
        elif character in _OPENING.values() and (not closing or closing.pop() != character):
            return False
    return not closing
