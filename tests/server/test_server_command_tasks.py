"""`triptych tasks`, as a process against a sandbox of the test's own."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import pytest

from sandbox import Sandbox
from tests.server.process import Triptych


def everywhere(box: Sandbox) -> dict[str, str]:
    """The settings that point all sources at it."""
    return {
        "pixai_url": box.pixai.url,
        "pixai_key": box.pixai.key,
        "meshy_url": box.meshy.url,
        "meshy_key": box.meshy.key,
        "newapi_url": box.newapi.url,
        "newapi_token": box.newapi.key,
        "newapi_user": str(box.newapi.user),
    }


async def test_tasks_of_all_sources_newest_first(triptych: Triptych, box: Sandbox) -> None:
    """250 of them are three pages; nothing twice; the count is on standard error."""
    ended = await triptych.run("tasks", "--limit", "250", "--format", "jsonl", **everywhere(box))

    rows = [json.loads(line) for line in ended.out.splitlines()]
    times = [datetime.fromisoformat(row["created"]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert len({row["id"] for row in rows}) == 250
    assert {row["id"].split(":")[1] for row in rows} == {"pixai", "meshy", "midjourney"}
    calls = sum(sum(upstream.requests.values()) for upstream in box.upstreams())
    assert (ended.code, ended.err) == (0, f"250 tasks, {calls} upstream calls\n")


async def test_where_the_sandbox_stands_in_it_says_so(triptych: Triptych, box: Sandbox) -> None:
    """An address without its key is not used, which is told too; standard output has the tasks alone."""
    ended = await triptych.run("tasks", "--limit", "1", "--format", "jsonl", pixai_url=box.pixai.url)

    assert (ended.code, len(ended.out.splitlines()), dict(box.pixai.requests)) == (0, 1, {})
    assert ended.err.splitlines()[:2] == [
        "TRIPTYCH_PIXAI_URL has no effect without TRIPTYCH_PIXAI_KEY",
        "answers come from the sandbox: PixAI, Meshy, Midjourney",
    ]


async def test_narrowed_by_provider_status_and_time(triptych: Triptych, box: Sandbox) -> None:
    """As the graph's filter does; names in any case."""
    ended = await triptych.run(
        *("tasks", "--provider", "Meshy", "--provider", "midjourney", "--status", "failed"),
        *("--since", "2025-01-01", "--limit", "1000", "--format", "csv"),
        **everywhere(box),
    )

    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert rows
    assert {row["status"] for row in rows} == {"FAILED"}
    assert {row["id"].split(":")[1] for row in rows} <= {"meshy", "midjourney"}
    assert min(row["created"] for row in rows) >= "2025-01-01"
    assert (ended.code, dict(box.pixai.requests)) == (0, {})


async def test_a_table_has_one_line_a_task(triptych: Triptych, box: Sandbox) -> None:
    """The id, where it stands, when it was made, what was asked for."""
    ended = await triptych.run("tasks", "--limit", "30", **everywhere(box))

    head, *rows = ended.out.splitlines()
    assert head.split() == ["ID", "STATUS", "CREATED", "PROMPT"]
    assert len(rows) == 30
    assert all(row.startswith("task:") for row in rows)


async def test_a_source_that_does_not_answer_is_named(triptych: Triptych, box: Sandbox) -> None:
    """The others' tasks are there; the exit code says that some are not."""
    box.meshy.fail("*", status=402)

    ended = await triptych.run("tasks", "--limit", "5", "--format", "jsonl", **everywhere(box))

    assert len(ended.out.splitlines()) == 5
    assert ended.code == 1
    assert ended.err.splitlines()[1] == "Meshy is missing: Meshy has no credit left for this key (HTTP 402)"


async def test_where_no_source_answers_there_is_one_sentence(triptych: Triptych, box: Sandbox) -> None:
    """And no traceback."""
    for upstream in box.upstreams():
        upstream.fail("*", status=401)

    ended = await triptych.run("tasks", **everywhere(box))

    assert (ended.code, ended.err) == (1, "triptych: PixAI refused the key (HTTP 401)\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--since", "yesterday"),
            "triptych: --since 'yesterday': expected a date or time such as 2024-06-01, "
            "or how long ago: 36h, 7d\n",
        ),
        (("--limit", "0"), "Invalid value for '--limit'"),
        (("--provider", "dalle"), "'dalle' is not one of 'pixai', 'meshy', 'midjourney'"),
    ],
)
async def test_bad_use_is_told(triptych: Triptych, arguments: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, and what was expected."""
    ended = await triptych.run("tasks", *arguments)

    assert ended.code == 2
    assert sentence in ended.err


async def test_how_long_ago(triptych: Triptych, box: Sandbox) -> None:
    """The tasks that the sandbox started with are from now; nothing else is of the last hour."""
    ended = await triptych.run(
        "tasks", "--since", "1h", "--limit", "1000", "--format", "jsonl", **everywhere(box)
    )

    ids = [json.loads(line)["id"] for line in ended.out.splitlines()]
    assert ended.code == 0
    assert 10 < len(ids) < 30
