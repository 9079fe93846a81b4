"""What the documents name exists; pictures can be drawn, queries fit the schema, links lead somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from graphql import parse, validate

from benchmarks import hops
from loaders import errors
from loaders.errors import ErrorCode, SourceError
from loaders.records import Provider
from schema import schema
from schema.errors import extensions_of
from server.cli.app import app
from server.settings import CLIENT_TOKEN, PREFIX, Settings
from tests import documents, readme
from tests.documents import DOCUMENTS, ROOT

ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
KINDS = [kind for kind in SourceError.__subclasses__() if kind.__module__ == errors.__name__]
SOURCES = [path for package in documents.PACKAGES for path in (ROOT / package).rglob("*.py")]
of_each = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def read(document: Path) -> str:
    """Its text."""
    return document.read_text(encoding="utf-8")


@of_each
def test_files_exist(document: Path) -> None:
    """Every file and package that it names is there."""
    assert sorted(path for path in documents.paths(read(document)) if not documents.exists(path)) == []


def test_examples_do_not_exist() -> None:
    """What a reader would add is not there yet, or it would be no example."""
    assert [path for path in SOURCES if any(name in str(path) for name in documents.EXAMPLES)] == []


@of_each
def test_commands_exist(document: Path) -> None:
    """Every target of make, module of `python -m` and command of `triptych`."""
    text = read(document)
    code = "\n".join([*documents.blocks(text, "sh"), *documents.inline(text)])
    targets = re.findall(r"^make ([\w-]+)", code, re.MULTILINE)
    modules = re.findall(r"python -m ([\w.]+)", code)
    commands = set(re.findall(r"\btriptych (\w+)", code)) - {"export"}

    assert [name for name in targets if f"\n{name}:" not in MAKEFILE] == []
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    known = {command.name for command in app.registered_commands} | {
        group.name for group in app.registered_groups
    }
    assert sorted(commands - known) == []


@of_each
def test_settings_exist(document: Path) -> None:
    """No name that nothing reads."""
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", read(document)))

    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CLIENT_TOKEN}
    assert sorted(named - known) == []


@of_each
def test_classes_exist(document: Path) -> None:
    """`SourceClient` and its like are classes of the program, or types of the graph."""
    named = {name for name in documents.inline(read(document)) if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name)}
    defined = "\n".join([*map(read, SOURCES), read(ROOT / "schema" / "schema.graphql")])

    assert (
        sorted(
            name
            for name in named
            if not re.search(rf"(class|type|enum|scalar) {name}\b|^{name}: TypeAlias", defined, re.MULTILINE)
        )
        == []
    )


@of_each
def test_links_lead_somewhere(document: Path) -> None:
    """To a file that is there, and to a heading of it."""
    broken = []
    for link in documents.links(read(document)):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if target.is_dir():
            continue
        if not target.exists() or (anchor and anchor not in documents.anchors(read(target))):
            broken.append(link)

    assert broken == []


@of_each
def test_pictures_are_drawn(document: Path) -> None:
    """Every Mermaid block is well formed, as far as a cheap check tells."""
    pictures = documents.blocks(read(document), "mermaid")

    assert [fault for picture in pictures for fault in documents.mermaid_faults(picture)] == []


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("flowchat TD\n a --> b", "unknown kind 'flowchat'"),
        ("flowchart TD\n a --> b[one", "unbalanced: a --> b[one"),
        ('flowchart TD\n a["one] --> b', 'unbalanced: a["one] --> b'),
        ("sequenceDiagram\n participant A\n A->>B: hello", "no participant B"),
        ("sequenceDiagram\n participant A\n par one\n A->>A: x", "an end for every block"),
        ("sequenceDiagram\n participant A\n Note over A: one; two", "semicolon: Note over A: one; two"),
        ("classDiagram\n class A {\n x", "unbalanced braces"),
    ],
)
def test_a_broken_picture_is_noticed(block: str, fault: str) -> None:
    """The check above can fail."""
    assert documents.mermaid_faults(block) == [fault]


@of_each
def test_queries_fit_the_schema(document: Path) -> None:
    """Every GraphQL block is valid."""
    queries = documents.blocks(read(document), "graphql")

    assert [fault.message for query in queries for fault in validate(schema._schema, parse(query))] == []


def test_there_is_something_to_check() -> None:
    """Pictures, queries and links are found at all."""
    architecture = read(ROOT / "docs" / "architecture.md")

    assert len(documents.blocks(architecture, "mermaid")) >= 8
    assert len(documents.blocks(architecture, "graphql")) == 1
    assert "adr/0006-send-once.md" in documents.links(architecture)
    assert "loaders/batcher.py" in documents.paths(architecture)


def protocol_codes() -> set[str]:
    """The codes that are not the contract's, as the code spells them."""
    answering = ("server", "engine", "schema")
    written = "\n".join(read(path) for path in SOURCES if path.relative_to(ROOT).parts[0] in answering)
    constants = re.findall(r'^([A-Z_]+) = "\1"', written, re.MULTILINE)
    return {*constants, *re.findall(r'"((?:GRAPHQL|PERSISTED)_[A-Z_]+)"', written)}


def examples() -> dict[str, dict[str, object]]:
    """Code -> `extensions` of its example answer."""
    found = {}
    for section in re.split(r"^### ", ERRORS, flags=re.MULTILINE)[1:]:
        (answer,) = documents.blocks(section, "json")
        (error,) = json.loads(answer)["errors"]
        found[section.partition("\n")[0]] = error["extensions"]
    return found


def test_every_error_code_is_explained() -> None:
    """Each code has a section, whose anchor is the code in lower case, and no other has."""
    codes = {code.value for code in ErrorCode} | protocol_codes()
    sections = re.findall(r"^### (\w+)$", ERRORS, re.MULTILINE)

    assert sorted(sections) == sorted(codes)
    assert {code.lower() for code in codes} <= set(documents.anchors(ERRORS))
    listed = re.findall(r"^\| \[`(\w+)`\]\(#(\w+)\) \|", ERRORS, re.MULTILINE)
    assert sorted(listed) == sorted((code, code.lower()) for code in codes)


def test_every_section_says_what_to_do() -> None:
    """Whether to retry, and what then."""
    sections = re.split(r"^### ", ERRORS, flags=re.MULTILINE)[1:]
    told = {
        text.partition("\n")[0]: [text.count("**Retry?**"), text.count("**What to do.**")]
        for text in sections
    }

    assert [code for code, counts in told.items() if counts != [1, 1]] == []
    assert len(told) == len(sections)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_an_example_answers_as_the_graph_does(kind: type[SourceError]) -> None:
    """With the same keys, and `retryable` as the error says."""
    shown = examples()[kind.code.value]
    real = extensions_of(kind("", provider=Provider.PIXAI))

    assert list(shown) == list(real)
    assert (shown["code"], shown["retryable"]) == (real["code"], real["retryable"])


def test_examples_carry_their_own_code() -> None:
    """No section shows another one's answer."""
    assert {code: shown["code"] for code, shown in examples().items()} == {code: code for code in examples()}
    assert errors.InvalidId.code.value in examples()


def test_every_decision_is_one_page_of_three_parts() -> None:
    """Context, decision, consequence, and a line in the index."""
    index = read(ROOT / "docs" / "adr" / "README.md")

    for number, decision in enumerate(DECISIONS, start=1):
        text = read(decision)
        title = re.match(rf"# {number}\. (.+)\n", text)
        assert title is not None, decision
        assert f"[{number}]({decision.name}) | {title[1]} |" in index
        assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]
        assert len(text.splitlines()) <= 70
    assert len(DECISIONS) == index.count("](0")


def test_the_clients_page_shows_what_conformance_runs() -> None:
    """Each set-up is a file of ten lines; blank ones do not count."""
    text = read(readme.CLIENTS)
    files = readme.shown_files(text)

    assert readme.with_files(text) == text, "docs/clients.md is out of date: run `make readme`"
    assert [path.stem for path in files] == ["apollo", "urql", "relay"]
    assert [path.stem for path in files if _lines(path) > 10] == []


async def test_the_http_page_shows_real_answers() -> None:
    """Each request was sent to the sandbox."""
    text = read(readme.HTTP)

    assert "<!-- exchange -->" in text
    assert await readme.with_exchanges(text) == text, "docs/http.md is out of date: run `make readme`"


def _lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in read(path).splitlines())


async def test_the_count_of_functions_is_true() -> None:
    """What docs/architecture.md says of one page is what it takes, to a tenth."""
    said = re.findall(r"^\| \*\*together\*\* \| (\d+) \| (\d+) \|", read(hops.ARCHITECTURE), re.MULTILINE)
    functions, files = (int(figure) for figure in said[-1])

    now = await hops.measure()

    assert abs(len(now.calls) - functions) <= functions / 10, "python -m benchmarks.hops --write"
    assert abs(now.files - files) <= files / 10, "python -m benchmarks.hops --write"
    assert {function.layer for function in now.calls} >= {"server", "schema", "resolvers", "loaders"}
