"""What ids are read from: plain lines, and what `tasks` and `media` print."""

from __future__ import annotations

import io

import pytest

from server.cli.id_forms import Given, given
from server.cli.input import Unreadable
from server.cli.table import Format, Rows
from server.cli.terminal import Terminal

PICTURES = ["media:pixai:1", "media:midjourney:2:0"]
ROWS: list[dict[str, object]] = [
    {
        "id": "task:pixai:9",
        "status": "SUCCEEDED",
        "created": "2024-05-22T06:16:57.124Z",
        "media": PICTURES,
        "prompt": 'a "quoted", prompt\n# of two lines,  with media:pixai:7 in it',
    },
    {"id": "task:meshy:a", "status": "QUEUED", "created": None, "media": [], "prompt": None},
]
COLUMNS = ("id", "status", "created", "media", "prompt")


def read(text: str) -> list[Given]:
    return list(given(iter(text.splitlines(keepends=True))))


def printed(form: Format) -> str:
    """As `tasks` prints the rows into a pipe."""
    out = io.StringIO()
    rows = Rows(form, COLUMNS, out, Terminal())
    for row in ROWS:
        rows.write(row)
    rows.flush()
    return out.getvalue()


@pytest.mark.parametrize("form", list(Format))
def test_what_tasks_prints_is_read_again(form: Format) -> None:
    """In each form, with what the row says of its pictures; a prompt that looks like an id is none."""
    found = read(printed(form))

    created = "2024-05-22T06:16:57.124Z"
    assert found == [Given(one, "task:pixai:9", created, place) for place, one in enumerate(PICTURES)]


@pytest.mark.parametrize("form", list(Format))
def test_what_media_prints_is_read_again(form: Format) -> None:
    """By its ids, the failed ones too."""
    out = io.StringIO()
    rows = Rows(form, ("id", "status", "url", "message"), out, Terminal())
    for one in (*PICTURES, "nonsense"):
        rows.write({"id": one, "status": "OK", "url": None, "message": "no, it  is\nnone"})
    rows.flush()

    assert [one.id for one in read(out.getvalue())] == [*PICTURES, "nonsense"]


def test_comments_and_blank_lines_are_skipped() -> None:
    """In front of any form, and between its lines."""
    plain = "# ids of today\n\n  media:pixai:1  \n# and\npixai:2\n"
    jsonl = '\n# rows\n{"media.id": "media:pixai:1"}\n# and\n{"media.id": null}\n{"media.id": [["a"], "b"]}\n'
    rows = '# x, "y\nid,status\n#id,status\npixai:1,OK\n\npixai:2,OK\n'

    assert [[one.id for one in read(text)] for text in (plain, jsonl, rows, "", "# nothing\n")] == [
        ["media:pixai:1", "pixai:2"],
        ["media:pixai:1", "a", "b"],
        ["pixai:1", "pixai:2"],
        [],
        [],
    ]


def test_the_graphs_own_objects_are_read() -> None:
    """`media` as a list of objects, as a GraphQL answer has it."""
    assert read('{"id": "task:pixai:9", "media": [{"id": "media:pixai:1"}], "createdAt": "2024"}\n') == [
        Given("media:pixai:1", "task:pixai:9", "2024", 0)
    ]


@pytest.mark.parametrize("line", ['{"id": ', "[]", '{"name": 1}', '"media:pixai:1"'])
def test_a_wrong_row_is_named_by_its_line(line: str) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(Unreadable, match=r"^line 2: expected a JSON object with media.id, media or id$"):
        read('{"id": "media:pixai:1"}\n' + line + "\n")


def test_ids_with_commas_and_spaces_stay_whole() -> None:
    """A first line is a header only where it names a column of ids."""
    lines = ['pixai:"quoted", and more', "pixai:a  b", "PIXAI:UPPER  CASE", "identity,media-like"]

    assert [[one.id for one in read(line)] for line in lines] == [[line] for line in lines]
