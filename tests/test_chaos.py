"""`make chaos` on a small scale, and that its judgement does not let anything pass."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos import phases, table
from benchmarks.chaos.judging import OneOf, Refusal, Startswith, judge
from benchmarks.chaos.phases import Phase
from benchmarks.chaos.run import run
from benchmarks.chaos.world import World
from sandbox import Sandbox
from sandbox.faults import KINDS, Fault

ROOT = Path(__file__).parents[1]
SMALL = [
    Phase("pixai", "*: reset"),
    Phase("meshy", "*: latency=60"),
    Phase("newapi", None),
    Phase("mj", "*: html"),
]


async def test_nothing_is_wrong_lost_or_leaked_while_sources_fail() -> None:
    """Four faults, each of another source, a server of its own, half a second each."""
    report = await run(SMALL, seconds=0.5, frontends=4, walkers=(100,))

    assert report.wrong == []
    assert [one.name for one in report.outcomes] == [one.name for one in SMALL]
    assert report.outside.answered > 0
    assert report.outside.errors == 0
    assert report.inside.errors > 0
    assert report.walks >= 2
    said = table.totals(report)
    assert "wrong or lost      0" in said
    assert len({len(table.line(one)) for one in report.outcomes} | {len(table.HEAD)}) == 1


TASK = {"id": "task:pixai:1", "url": Startswith("http://127.0.0.1:1")}
EXPECTED = {"tasksById": [TASK, None, Refusal("INVALID_ID"), OneOf(("a", "b"))]}
GOOD = [{"id": "task:pixai:1", "url": "http://127.0.0.1:1/x"}, None, None, "b"]
INVALID = {"path": ["tasksById", 2], "extensions": {"code": "INVALID_ID"}}


def failed(*path: str | int, code: str = "UPSTREAM_FAULT", provider: str = "PIXAI") -> dict[str, Any]:
    return {"path": list(path), "extensions": {"code": code, "provider": provider}}


def test_a_whole_answer_is_good_and_a_blamed_source_explains_a_null() -> None:
    """The error stands at the null, and the source was in trouble."""
    whole = judge(EXPECTED, {"data": {"tasksById": GOOD}, "errors": [INVALID]}, set())
    errors = [INVALID, failed("tasksById", 0)]
    part = judge(EXPECTED, {"data": {"tasksById": [None, *GOOD[1:]]}, "errors": errors}, {"PIXAI"})

    assert (whole.errors, whole.wrong) == (0, [])
    assert (part.errors, part.wrong) == (1, [])


@pytest.mark.parametrize(
    ("nodes", "errors"),
    [
        ([None, *GOOD[1:]], [INVALID]),
        ([None, *GOOD[1:]], [INVALID, failed("tasksById", 0, code="INTERNAL")]),
        ([None, *GOOD[1:]], [INVALID, failed("tasksById", 0, provider="MESHY")]),
        ([None, *GOOD[1:]], [INVALID, failed("tasksById")]),
        (GOOD, [INVALID, failed("tasksById", 0)]),
        (GOOD, [INVALID, failed()]),
        (GOOD, []),
        (GOOD, [failed("tasksById", 2)]),
        ([{"id": "task:pixai:2", "url": "http://127.0.0.1:1/x"}, *GOOD[1:]], [INVALID]),
        ([{"id": "task:pixai:1", "url": "http://evil.example/x"}, *GOOD[1:]], [INVALID]),
        ([{"id": "task:pixai:1"}, *GOOD[1:]], [INVALID]),
        ([GOOD[0], GOOD[0], *GOOD[2:]], [INVALID]),
        ([*GOOD[:3], "c"], [INVALID]),
        (GOOD[:3], [INVALID]),
        (None, [INVALID]),
    ],
)
def test_whatever_else_an_answer_says_is_wrong(nodes: object, errors: list[dict[str, Any]]) -> None:
    """A null without an error, an error without a null, another's error, another value, another length."""
    verdict = judge(EXPECTED, {"data": {"tasksById": nodes}, "errors": errors}, {"PIXAI"})

    assert verdict.wrong


def test_an_answer_without_data_is_wrong() -> None:
    """Whatever it says instead."""
    assert judge(EXPECTED, {"data": None, "errors": [failed()]}, {"PIXAI"}).wrong


def test_a_source_that_was_not_in_trouble_may_not_be_blamed() -> None:
    """An error after it has recovered is as wrong as a false value."""
    answer = {"data": {"tasksById": [None, *GOOD[1:]]}, "errors": [INVALID, failed("tasksById", 0)]}

    assert len(judge(EXPECTED, answer, set()).wrong) == 1


def test_each_source_has_each_kind_of_fault() -> None:
    """Those of GraphQL and of streams aside, which only some have."""
    everywhere = set(KINDS) - {"partial_errors", "document_error", "max_aliases", "no_lists", "cut_after"}

    for source in ("pixai", "meshy", "newapi", "mj"):
        texts = [one.fault for one in phases.every() if one.source == source]
        faults = [Fault.parse(text) for text in texts if text is not None]
        assert {kind for kind in everywhere if any(getattr(fault, kind) for fault in faults)} == everywhere
        assert {fault.status for fault in faults} >= {400, 401, 402, 403, 429, 500, 502, 503}
        assert any(fault.latency >= 60 for fault in faults)
        assert None in texts
    own = [Fault.parse(text) for text in (*phases.PIXAI, phases.NO_LISTS)]
    kinds = ("partial_errors", "document_error", "max_aliases", "no_lists")
    assert [kind for kind in kinds if not any(getattr(fault, kind) for fault in own)] == []
    assert phases.every()[-1] == Phase("pixai", phases.NO_LISTS)


def test_the_world_is_large_enough_to_be_asked_for_minutes(box: Sandbox) -> None:
    """Hundreds of tasks of each source, with everything that is compared."""
    world = World(box)

    assert {provider: len(tasks) > 300 for provider, tasks in world.tasks.items()} == {
        "PIXAI": True,
        "MESHY": True,
        "MIDJOURNEY": True,
    }
    assert all(len(pictures) > 300 for pictures in world.pictures.values())
    assert sum(bool(task.seeds) for task in world.tasks["MIDJOURNEY"]) > 300


def test_make_chaos_runs_it() -> None:
    """The word in the Makefile is the module's."""
    said = subprocess.run(["make", "-n", "chaos"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "-m benchmarks.chaos" in said.stdout
