"""`--server URL`: commands that ask a running server instead of the sources."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.conftest import Client, Serve
from tests.server.process import Triptych

PICTURE = f"media:pixai:{vendor_examples.SINGLE_MEDIA}"
SECRET = "a-token"
TOKENS = f"me:read:{sha256(SECRET.encode()).hexdigest()}"


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


async def test_each_command_asks_the_server(triptych: Triptych, graph: Client, box: Sandbox) -> None:
    """The same lines as from the sources, with the server's permalinks; no sandbox of the command's own."""
    server = ("--server", graph.origin, "--format", "jsonl")

    listed = await triptych.run(
        "tasks", "--limit", "3", "--provider", "pixai", "--fields", "id,media,media.permalink", *server
    )
    resolved = await triptych.run("media", PICTURE, "nonsense", "pixai:1", *server)
    kept = await triptych.run("download", PICTURE, "pixai:1", "dir", *server)

    tasks = rows(listed.out)
    assert (listed.code, listed.err, len(tasks)) == (0, "3 tasks\n", 3)
    for row in tasks:
        assert row["media.permalink"] == [f"{graph.origin}/media/{one}" for one in row["media"]]
    assert [(row["id"], row["status"], row["url"] is not None) for row in rows(resolved.out)] == [
        (PICTURE, "OK", True),
        ("nonsense", "INVALID_ID", False),
        ("pixai:1", "NOT_FOUND", False),
    ]
    assert (resolved.code, resolved.err) == (1, "3 ids, 2 failed\n")
    assert [row["status"] for row in rows(kept.out)] == ["OK", "NOT_FOUND"]
    assert (triptych.directory / "dir" / rows(kept.out)[0]["file"]).stat().st_size > 1_000


async def test_every_failed_id_has_its_message(triptych: Triptych, graph: Client, box: Sandbox) -> None:
    """An answer has at most 100 errors, so that no request has more ids."""
    box.pixai.fail("*", status=402)
    (triptych.directory / "ids").write_text("".join(f"pixai:{number}\n" for number in range(450)))

    ended = await triptych.run(
        "media", "--from", "ids", "--server", f"{graph.origin}/graphql", "--format", "jsonl"
    )

    found = rows(ended.out)
    assert [row["id"] for row in found] == [f"pixai:{number}" for number in range(450)]
    assert {(row["status"], row["message"]) for row in found} == {
        ("UPSTREAM_OUT_OF_CREDIT", "PixAI has no credit left for this key (HTTP 402)")
    }
    assert (ended.code, ended.err) == (1, "450 ids, 450 failed\n")


async def test_the_token_comes_from_the_environment(triptych: Triptych, serve: Serve) -> None:
    """Or from `.env`, and is shown nowhere."""
    command = ("media", PICTURE, "--format", "jsonl")
    async with serve(tokens=TOKENS) as graph:
        server = ("--server", graph.origin)
        none = await triptych.run(*command, *server)
        wrong = await triptych.run(*command, *server, token="wrong-token")
        right = await triptych.run(*command, *server, token=SECRET)
        (triptych.directory / ".env").write_text(f"TRIPTYCH_TOKEN={SECRET}\n")
        filed = await triptych.run(*command, *server)

    assert [(ended.code, ended.err) for ended in (none, wrong, right, filed)] == [
        (1, f"triptych: {graph.origin} requires a token: set TRIPTYCH_TOKEN\n"),
        (1, f"triptych: {graph.origin} does not accept the token of TRIPTYCH_TOKEN\n"),
        (0, "1 ids, 0 failed\n"),
        (0, "1 ids, 0 failed\n"),
    ]


async def test_a_token_for_servers_is_no_setting_of_one(triptych: Triptych, box: Sandbox) -> None:
    """It does not stop the commands that ask the sources."""
    ended = await triptych.run("media", "nonsense", token=SECRET, sandbox="off")

    assert (ended.code, ended.err) == (1, "1 ids, 1 failed, 0 upstream calls\n")


async def test_what_is_no_server_is_one_sentence(triptych: Triptych, box: Sandbox) -> None:
    """Exit code 1; an address that cannot be one is bad use, and its password is not repeated."""
    wanted = {
        "http://127.0.0.1:1": (1, "http://127.0.0.1:1 cannot be reached: Connection refused"),
        box.meshy.url: (
            1,
            f"{box.meshy.url} answers HTTP 404 without GraphQL: expected the URL of `triptych serve`",
        ),
        "nowhere": (2, "--server 'nowhere': expected an address such as http://127.0.0.1:8000"),
        "http://me:secret@a": (2, "--server: expected an address such as http://127.0.0.1:8000"),
    }

    every = [await triptych.run("tasks", "--server", server) for server in wanted]

    assert [(ended.code, ended.out, ended.err) for ended in every] == [
        (code, "", f"triptych: {sentence}\n") for code, sentence in wanted.values()
    ]


FIELDS = [
    ("id,promt", "'promt': Task has no field 'promt'; did you mean 'prompt'?"),
    ("status.id", "'status.id': TaskStatus has no fields"),
    ("cost", "'cost' has fields of its own: amount, unit"),
    ("id}{", "'id}{' is not the name of a field"),
    (" , ", "expected names such as id,status,media.permalink"),
    ("media.permalink", "permalinks are links of a running server; name it with --server URL"),
]


@pytest.mark.parametrize(("fields", "reason"), FIELDS)
async def test_fields_that_are_none_are_told(triptych: Triptych, fields: str, reason: str) -> None:
    """Before anybody is asked, with the nearest name."""
    ended = await triptych.run("tasks", "--fields", fields)

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert reason in ended.err


async def test_a_field_that_fails_is_counted(triptych: Triptych, serve: Serve, box: Sandbox) -> None:
    """The rows are there; the exit code says that something in them is not."""
    async with serve() as graph:
        box.pixai.fail("POST /graphql", status=402, match="mediaBatch")
        ended = await triptych.run(
            *("tasks", "--provider", "pixai", "--status", "succeeded", "--limit", "2"),
            *("--fields", "id,media.url", "--format", "csv", "--server", graph.origin),
        )

    assert (ended.code, len(ended.out.splitlines())) == (1, 3)
    assert ended.err.splitlines()[-1].endswith(
        " fields failed: PixAI has no credit left for this key (HTTP 402)"
    )


async def test_a_list_ends_before_a_time(triptych: Triptych, graph: Client) -> None:
    """The two bounds together."""
    ended = await triptych.run(
        *("tasks", "--since", "2024-05-01", "--before", "2024-06-01", "--limit", "100", "--format", "jsonl"),
        *("--server", graph.origin),
    )

    created = [row["created"] for row in rows(ended.out)]
    assert ended.code == 0
    assert (min(created) >= "2024-05-01", max(created) < "2024-06-01") == (True, True)
