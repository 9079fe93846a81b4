"""`triptych download`, as a process against a sandbox of the test's own."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.server.process import Triptych
from tests.server.test_server_command_tasks import everywhere

PICTURE = f"media:pixai:{vendor_examples.SINGLE_MEDIA}"
ORIGINALS = "GET /images/orig/{name}"
PICTURES = int(os.environ.get("PICTURES") or 60)
PARALLEL = 4


def at(box: Sandbox) -> dict[str, str]:
    return {"pixai_url": box.pixai.url, "pixai_key": box.pixai.key}


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    """What is in it, without the archive's own folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".triptych" not in path.parts
    }


async def listed(triptych: Triptych, box: Sandbox, number: int) -> list[str]:
    """That many pictures of PixAI, into the file `ids`."""
    ended = await triptych.run(
        *("tasks", "--provider", "pixai", "--status", "succeeded", "--limit", str(number)),
        *("--fields", "media", "--format", "jsonl"),
        **at(box),
    )
    found = [one for row in rows(ended.out) for one in row["media"]][:number]
    assert (len(found), len(set(found))) == (number, number)
    (triptych.directory / "ids").write_text("\n".join(found))
    return found


async def test_an_interrupted_download_goes_on(triptych: Triptych, box: Sandbox) -> None:
    """Interrupted twice and resumed: each picture whole and once, and hardly one asked for twice.

    `make conformance` runs it with 500 pictures.
    """
    wanted = await listed(triptych, box, PICTURES)
    box.pixai.reset()
    command = ("download", "--from", "ids", "dir", "--parallel", str(PARALLEL), "--format", "jsonl")

    for stop in PICTURES // 4, PICTURES * 7 // 12:
        process = await triptych.start(*command, **at(box))
        while box.pixai.requests[ORIGINALS] < stop:  # noqa: ASYNC110 - a counter tells nobody
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert (process.returncode, "Traceback" in err.decode()) == (130, False)
    there = len(files(triptych.directory / "dir"))
    ended = await triptych.run(*command, **at(box))
    calls = box.pixai.requests["POST /graphql"]
    again = await triptych.run(*command, **at(box))

    found = rows(ended.out)
    kept = files(triptych.directory / "dir")
    assert [row["id"] for row in found] == wanted
    assert {row["status"] for row in found} == {"OK", "SKIPPED"}
    assert sorted(kept) == sorted(row["file"] for row in found)
    assert len(kept) == PICTURES
    for name, content in kept.items():
        Image.open(io.BytesIO(content)).load()  # raises where it is not whole
        assert len(content) == next(row["bytes"] for row in found if row["file"] == name)
    assert 0 < there < PICTURES
    assert PICTURES <= box.pixai.requests[ORIGINALS] <= PICTURES + 2 * PARALLEL
    assert calls <= 3 * -(-PICTURES // 25)  # batches of 25 of what was not there yet; none where all is
    assert box.pixai.requests["POST /graphql"] == calls
    assert {row["status"] for row in rows(again.out)} == {"SKIPPED"}
    assert (ended.code, again.code) == (0, 0)
    told = f"{PICTURES} ids: 0 downloaded (0 bytes), {PICTURES} skipped, 0 failed, 0 upstream calls\n"
    assert again.err == told
    assert sorted(path.name for path in (triptych.directory / "dir/.triptych").iterdir()) == [
        "archive.jsonl",
        "lock",
    ]


async def test_a_line_per_id_in_their_order(triptych: Triptych, box: Sandbox) -> None:
    """The same one twice is one file; what fails is marked, and makes the exit code 1."""
    ids = [PICTURE, "nonsense", f"pixai:{vendor_examples.SINGLE_MEDIA}", "pixai:1"]

    ended = await triptych.run("download", *ids, "dir", "--format", "jsonl", **at(box))

    name = f"pixai/{vendor_examples.SINGLE_MEDIA}.png"
    assert [(row["id"], row["status"], row["file"]) for row in rows(ended.out)] == [
        (ids[0], "OK", name),
        (ids[1], "INVALID_ID", None),
        (ids[2], "SKIPPED", name),
        (ids[3], "NOT_FOUND", None),
    ]
    assert list(files(triptych.directory / "dir")) == [name]
    assert ended.code == 1
    assert ended.err.endswith(" 1 skipped, 2 failed, 1 upstream calls\n")
    assert box.pixai.requests[ORIGINALS] == 1


async def test_names_follow_the_template_and_the_list(triptych: Triptych, box: Sandbox) -> None:
    """A list through a pipe says whose each picture is; elsewhere the task is asked, videos included."""
    template = "{provider}/{created:%Y}/{task}-{index}.{ext}"

    ended = await triptych.shell(
        "triptych tasks --status succeeded --limit 12 --before 2025-01-01 | "
        f"triptych download --from - --name '{template}' --format jsonl dir",
        **everywhere(box),
    )

    found = rows(ended.out)
    assert {row["status"] for row in found} == {"OK"}
    assert {row["id"].split(":")[1] for row in found} == {"pixai", "meshy", "midjourney"}
    assert len(files(triptych.directory / "dir")) == len(found) > 12
    assert all(row["file"].split("/")[:2] == [row["id"].split(":")[1], "2024"] for row in found)


FAULTS: list[tuple[dict[str, Any], str, str, int]] = [
    ({"html": True}, "UPSTREAM_MALFORMED", "the file server sent text/html, not a picture", 1),
    ({"truncated": True}, "UPSTREAM_UNREACHABLE", "the file was cut short", 3),
    ({"status": 500}, "UPSTREAM_FAULT", "the file server answered HTTP 500", 3),
    ({"status": 403}, "UPSTREAM_REJECTED", "the file server answered HTTP 403", 1),
    ({"reset": True}, "UPSTREAM_UNREACHABLE", "the file server cannot be reached", 3),
]


@pytest.mark.parametrize(("fault", "status", "message", "requests"), FAULTS)
async def test_what_is_no_whole_picture_is_not_kept(
    triptych: Triptych, box: Sandbox, fault: dict[str, Any], status: str, message: str, requests: int
) -> None:
    """Nothing of it is left; what may pass is tried again. Once it is healed, the next run brings it."""
    box.pixai.fail(ORIGINALS, **fault)

    ended = await triptych.run("download", PICTURE, "dir", "--format", "jsonl", **at(box))
    asked = box.pixai.requests[ORIGINALS]
    box.pixai.heal()
    healed = await triptych.run("download", PICTURE, "dir", "--format", "jsonl", **at(box))

    assert rows(ended.out) == [
        {"id": PICTURE, "status": status, "file": None, "bytes": None, "message": message}
    ]
    assert (ended.code, asked >= requests) == (1, True)
    assert [row["status"] for row in rows(healed.out)] == ["OK"]


async def test_a_broken_transfer_is_tried_again(triptych: Triptych, box: Sandbox) -> None:
    """Its part is written anew."""
    box.pixai.fail(ORIGINALS, truncated=True, times=1)

    ended = await triptych.run("download", PICTURE, "dir", "--format", "jsonl", **at(box))

    assert [row["status"] for row in rows(ended.out)] == ["OK"]
    (content,) = files(triptych.directory / "dir").values()
    Image.open(io.BytesIO(content)).load()


NO_USE = [
    (("dir",), 2, "no ids: pass some in front of DIR, or --from FILE (- for standard input)"),
    ((PICTURE, "--name", "../{key}", "dir"), 2, "--name '../{key}': it must be the name of a file inside"),
    (("--from", "nowhere", "dir"), 2, "--from nowhere: No such file or directory"),
    ((PICTURE, "ids"), 1, "ids: Not a directory"),
]


@pytest.mark.parametrize(("arguments", "code", "sentence"), NO_USE)
async def test_bad_use_is_one_sentence(
    triptych: Triptych, box: Sandbox, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    """Nobody is asked."""
    (triptych.directory / "ids").touch()

    ended = await triptych.run("download", *arguments, **at(box))

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert ended.err.startswith(f"triptych: {sentence}")
    assert dict(box.pixai.requests) == {}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
async def test_a_full_disk_ends_it(triptych: Triptych, box: Sandbox) -> None:
    """With one sentence; a part that cannot be written is no fault of the source's."""
    (triptych.directory / "sitecustomize.py").write_text(
        "from pathlib import Path\n"
        "opened = Path.open\n"
        "def to_full(self, mode='r', *rest, **more):\n"
        "    if self.suffix == '.part' and mode == 'wb':\n        self = Path('/dev/full')\n"
        "    return opened(self, mode, *rest, **more)\n"
        "Path.open = to_full\n"
    )
    root = Path(__file__).parents[2]

    ended = await triptych.shell(
        f"PYTHONPATH='{triptych.directory}:{root}' triptych download {PICTURE} dir", **at(box)
    )

    assert (ended.code, ended.err) == (1, "triptych: dir: No space left on device\n")
    assert files(triptych.directory / "dir") == {}
