"""`triptych media`, as a process against a sandbox of the test's own."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import MEDIA
from tests.server.process import COMMAND, Triptych

PICTURE = f"media:pixai:{vendor_examples.SINGLE_MEDIA}"
WINDOW = 1_000

# the peak of a child, in the unit of the platform: only ratios are looked at
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def at(box: Sandbox) -> dict[str, str]:
    """The settings that point at it."""
    return {"pixai_url": box.pixai.url, "pixai_key": box.pixai.key}


async def test_lines_come_in_the_order_of_the_ids(triptych: Triptych, box: Sandbox) -> None:
    """Duplicates, short forms and failures included; the count is on standard error, the exit code 1."""
    ids = [
        PICTURE,
        "media:pixai:1",
        f"pixai:{vendor_examples.SINGLE_MEDIA}",
        "nonsense",
        PICTURE,
        f"pixai:{MEDIA['urls []']}",
    ]

    ended = await triptych.run("media", *ids, "--format", "jsonl", **at(box))

    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [
        (row["id"], row["status"], row["url"] is not None, row["message"] is not None) for row in rows
    ] == [
        (ids[0], "OK", True, False),
        (ids[1], "NOT_FOUND", False, True),
        (ids[2], "OK", True, False),
        (ids[3], "INVALID_ID", False, True),
        (ids[4], "OK", True, False),
        (ids[5], "NO_URL", False, True),
    ]
    assert (ended.code, ended.err) == (1, "6 ids, 3 failed, 1 upstream calls\n")


async def test_all_resolved_is_exit_code_0(triptych: Triptych, box: Sandbox) -> None:
    """In the size that was asked for."""
    ended = await triptych.run("media", PICTURE, "--variant", "THUMBNAIL", "--format", "csv", **at(box))

    header, row = csv.reader(io.StringIO(ended.out))
    assert (header, row[:2], row[3]) == (["id", "status", "url", "message"], [PICTURE, "OK"], "")
    assert "thumb" in row[2].lower()
    assert (ended.code, ended.err) == (0, "1 ids, 0 failed, 1 upstream calls\n")


ODD = ['pixai:"quoted", and more', "pixai:a\tb", "pixai:a\nb", "pixai:🦊", "pixai:", "", "x" * 10_000]


async def test_odd_ids_stay_what_they_are(triptych: Triptych, box: Sandbox) -> None:
    """Quoted as the form wants it; a table has one line an id whatever is in it."""
    forms = ("table", "jsonl", "csv")

    every = await asyncio.gather(
        *(triptych.run("media", "--format", form, "--", *ODD, **at(box)) for form in forms)
    )

    table, jsonl, rows = (ended.out for ended in every)
    assert len(table.splitlines()) == 1 + len(ODD)
    assert [json.loads(line)["id"] for line in jsonl.splitlines()] == ODD
    assert [row[0] for row in csv.reader(io.StringIO(rows, newline=""))] == ["id", *ODD]
    assert [ended.code for ended in every] == [1, 1, 1]


async def test_a_file_may_have_a_bom_blank_lines_and_crlf(triptych: Triptych, box: Sandbox) -> None:
    """Arguments come first, then its lines."""
    (triptych.directory / "ids").write_bytes(f"\ufeff{PICTURE}\r\n\r\n  pixai:1  \n\npixai:2".encode())

    ended = await triptych.run("media", "pixai:0", "--from", "ids", "--format", "jsonl", **at(box))

    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == [
        "pixai:0",
        PICTURE,
        "pixai:1",
        "pixai:2",
    ]


NO_FILES: list[tuple[bytes | None, str]] = [
    (None, "No such file or directory"),
    (b"\x89PNG\r\n\x1a\n\xff", "expected UTF-8 text with one id per line"),
    (b"pixai:1\n\0\0\0", "expected UTF-8 text with one id per line"),
    (b"x" * 70_000, "expected UTF-8 text with one id per line"),
]


async def test_a_file_that_is_none_is_one_sentence(triptych: Triptych, box: Sandbox) -> None:
    """Exit code 2, no traceback."""
    for number, (content, _) in enumerate(NO_FILES):
        if content is not None:
            (triptych.directory / f"ids{number}").write_bytes(content)

    every = await asyncio.gather(
        *(
            triptych.run("media", "--from", f"ids{number}", "--format", "jsonl", **at(box))
            for number in range(len(NO_FILES))
        )
    )

    assert [(ended.code, ended.out, ended.err) for ended in every] == [
        (2, "", f"triptych: --from ids{number}: {reason}\n") for number, (_, reason) in enumerate(NO_FILES)
    ]


NO_READING = [
    ("--from file/x", "--from file/x: Not a directory"),
    ("--from .", "--from .: Is a directory"),
    ("--from circle", "--from circle: Too many levels of symbolic links"),
    ("--from ''", "--from '': No such file or directory"),
    (f"--from {'x' * 5_000}", f"--from {'x' * 100}…: File name too long"),
    ("--from 'a\nb'", "--from 'a\\nb': No such file or directory"),
    ("--from - <&-", "--from -: standard input is closed"),
    ("--from - 0>file", "--from -: Bad file descriptor"),
    pytest.param(
        "--from /proc/self/mem",
        "--from /proc/self/mem: Input/output error",
        marks=pytest.mark.skipif(sys.platform != "linux", reason="a file that opens and cannot be read"),
    ),
]


@pytest.mark.parametrize(("arguments", "sentence"), NO_READING)
async def test_what_cannot_be_read_is_one_sentence(
    triptych: Triptych, box: Sandbox, arguments: str, sentence: str
) -> None:
    """Whatever the system says to it; exit code 2, no traceback."""
    (triptych.directory / "file").touch()
    (triptych.directory / "circle").symlink_to("circle")

    ended = await triptych.shell(f"triptych media {arguments} --format jsonl", **at(box))

    assert (ended.code, ended.out, ended.err) == (2, "", f"triptych: {sentence}\n")


async def test_where_the_sandbox_stands_in_it_says_so(triptych: Triptych, box: Sandbox) -> None:
    """On standard error, naming the sources; the lines stay what they are."""
    first, second = await asyncio.gather(
        triptych.run("media", PICTURE, "--format", "jsonl"),
        triptych.run("media", PICTURE, "--format", "jsonl", sandbox="fill", **at(box)),
    )

    assert [(ended.code, json.loads(ended.out)["status"]) for ended in (first, second)] == [(0, "OK")] * 2
    assert [ended.err.splitlines() for ended in (first, second)] == [
        ["answers come from the sandbox: PixAI, Meshy, Midjourney", "1 ids, 0 failed, 1 upstream calls"],
        ["answers come from the sandbox: Meshy, Midjourney", "1 ids, 0 failed, 1 upstream calls"],
    ]


async def test_without_ids_it_says_so(triptych: Triptych) -> None:
    """Exit code 2."""
    ended = await triptych.run("media")

    assert (ended.code, ended.err) == (
        2,
        "triptych: no ids: pass some, or --from FILE (- for standard input)\n",
    )


async def test_output_begins_before_the_input_ends(triptych: Triptych, box: Sandbox) -> None:
    """A window's worth of ids is answered while whoever writes them thinks about the next."""
    process = await triptych.start("media", "--from", "-", "--format", "jsonl", **at(box))
    assert process.stdin is not None
    assert process.stdout is not None

    process.stdin.write(b"".join(b"pixai:%d\n" % number for number in range(WINDOW)))
    first = [json.loads(await process.stdout.readline())["id"] for _ in range(WINDOW)]
    process.stdin.write(b"pixai:last\n")
    process.stdin.close()
    rest = (await process.stdout.read()).decode()
    code = await process.wait()

    assert first == [f"pixai:{number}" for number in range(WINDOW)]
    assert (json.loads(rest)["id"], code) == ("pixai:last", 1)


async def test_ten_thousand_ids_cost_few_calls_and_no_more_memory(triptych: Triptych, box: Sandbox) -> None:
    """One call for 25 of them; the peak is not far above that of a tenth."""
    peaks = []
    for number in 1_000, 10_000:
        ids = triptych.directory / "ids"
        ids.write_text("".join(f"pixai:{index}\n" for index in range(number)))
        box.pixai.reset()
        measured = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            MEASURE,
            *(COMMAND, "media", "--from", "ids"),
            cwd=triptych.directory,
            env={f"TRIPTYCH_{name.upper()}": text for name, text in at(box).items()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await measured.communicate()
        code, peak = map(int, out.split())
        peaks.append(peak)

        assert (code, err.decode()) == (1, f"{number} ids, {number} failed, {number // 25} upstream calls\n")
        assert box.pixai.requests["POST /graphql"] == number // 25

    assert peaks[1] < 1.5 * peaks[0]


async def test_a_source_that_is_down_marks_every_line(triptych: Triptych, box: Sandbox) -> None:
    """And the exit code is 1."""
    box.pixai.fail("*", status=500)

    ended = await triptych.run("media", "pixai:1", "pixai:2", "--format", "jsonl", **at(box))

    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["id"], row["status"]) for row in rows] == [
        ("pixai:1", "UPSTREAM_FAULT"),
        ("pixai:2", "UPSTREAM_FAULT"),
    ]
    assert ended.code == 1
    assert ended.err.startswith("2 ids, 2 failed, ")


async def test_a_reader_that_leaves_ends_it_quietly(triptych: Triptych, box: Sandbox) -> None:
    """`| head -1`: no traceback, nothing at all on standard error."""
    (triptych.directory / "ids").write_text("".join(f"pixai:{index}\n" for index in range(3_000)))
    process = await asyncio.create_subprocess_shell(
        f"'{COMMAND}' media --from ids | head -1",
        cwd=triptych.directory,
        env={"PATH": "/usr/bin:/bin"} | {f"TRIPTYCH_{name.upper()}": text for name, text in at(box).items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    out, err = await process.communicate()

    assert (out.decode().split(), err.decode()) == (["ID", "STATUS", "URL", "MESSAGE"], "")


async def test_what_nobody_expected_is_not_swallowed(
    triptych: Triptych, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug ends it with a traceback, not with a line that looks like an answer."""
    (triptych.directory / "sitecustomize.py").write_text(
        "import resolvers.media\n"
        "def best_url(*_, **__):\n    raise ZeroDivisionError('a bug')\n"
        "resolvers.media.best_url = best_url\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(triptych.directory) + ":" + str(Path(__file__).parents[2]))

    ended = await triptych.run("media", PICTURE, "--format", "jsonl", **at(box))

    assert (ended.code, ended.out) == (1, "")
    assert "ZeroDivisionError: a bug" in ended.err
