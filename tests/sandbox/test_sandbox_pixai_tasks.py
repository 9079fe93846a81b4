"""PixAI's tasks: those that move with the clock, those that are made, and the list of all."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Clock
from sandbox.pixai.edge_cases import TASKS
from sandbox.pixai.world import MOVING
from tests.sandbox.requests import START, PixAI

MOVES = "1900000000000000104"  # waits 10 s, runs 30 s
STATE = "query($id: ID!) { task(id: $id) { status outputs startedAt endAt createdAt media { id } } }"
PAGE = """query listMyTasks($status: String, $before: String, $after: String, $first: Int, $last: Int) {
  me { tasks(status: $status, before: $before, after: $after, first: $first, last: $last) {
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    edges { cursor node { id status createdAt } }
  } }
}"""


async def test_a_task_waits_runs_and_completes(pixai: PixAI, clock: Clock) -> None:
    """Outputs and times appear with the state they belong to."""
    waiting = (await pixai.data(STATE, id=MOVES))["task"]
    clock.now = START + 10
    running = (await pixai.data(STATE, id=MOVES))["task"]
    clock.now = START + 40
    completed = (await pixai.data(STATE, id=MOVES))["task"]

    created = {"createdAt": "2025-03-01T00:00:00.000Z"}
    unfinished: dict[str, object] = {"outputs": None, "endAt": None, "media": None}
    assert waiting == {"status": "waiting", "startedAt": None, **unfinished, **created}
    assert running == {"status": "running", "startedAt": "2025-03-01T00:00:10.000Z", **unfinished, **created}
    assert (completed["status"], completed["endAt"]) == ("completed", "2025-03-01T00:00:40.000Z")
    assert len(completed["outputs"]["batch"]) == 4
    assert completed["media"] == {"id": completed["outputs"]["mediaId"]}


async def test_media_of_a_moving_task_exist_only_once_it_has_completed(pixai: PixAI, clock: Clock) -> None:
    """Before, their ids are nobody's."""
    clock.now = START + 40
    media = (await pixai.data(STATE, id=MOVES))["task"]["media"]["id"]

    clock.now = START + 39
    before, _ = await pixai.get(f"/v1/media/{media}")
    clock.now = START + 40
    after, _ = await pixai.get(f"/v1/media/{media}")

    assert (before, after) == (404, 200)


async def test_a_task_that_is_made_moves_and_can_be_cancelled(pixai: PixAI, clock: Clock) -> None:
    """create, cancel, rerun and delete work on the same world."""
    create = (
        "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { id status parameters outputs } }"
    )
    asked = {"prompts": "a glass orchard", "seed": 18446744073709551616, "batchSize": 2}

    made = (await pixai.data(create, p=asked))["createGenerationTask"]
    clock.now = START + 3
    running = (await pixai.data(STATE, id=made["id"]))["task"]
    cancel = """mutation($id: ID!, $reason: String) {
      cancelGenerationTask(id: $id, reason: $reason) { status outputs endAt }
    }"""
    cancelled = (await pixai.data(cancel, id=made["id"], reason="enough"))["cancelGenerationTask"]
    again = await pixai.data(
        "mutation($id: ID!) { rerunGenerationTask(id: $id) { id parameters } }", id=made["id"]
    )
    await pixai.data("mutation($id: ID!) { deleteGenerationTask(id: $id) }", id=made["id"])
    listed = await _nodes(pixai, last=50)
    clock.now = START + 60
    rerun = (await pixai.data(STATE, id=again["rerunGenerationTask"]["id"]))["task"]

    assert made == {"id": made["id"], "status": "waiting", "parameters": asked, "outputs": None}
    assert len(made["id"]) == 19
    assert running["status"] == "running"
    assert cancelled == {
        "status": "cancelled",
        "outputs": {"reason": "enough"},
        "endAt": "2025-03-01T00:00:03.000Z",
    }
    assert again["rerunGenerationTask"]["parameters"] == asked
    assert rerun["status"] == "completed"
    assert len(rerun["outputs"]["batch"]) == 2
    assert made["id"] not in listed
    assert again["rerunGenerationTask"]["id"] in listed


async def test_the_newest_page_is_the_last_and_paging_goes_back(pixai: PixAI) -> None:
    """Edges ascend in time; `before` the start cursor comes the page before, and nothing is lost."""
    page = (await pixai.data(PAGE, last=400))["me"]["tasks"]
    pages = [page]
    while page["pageInfo"]["hasPreviousPage"]:
        page = (await pixai.data(PAGE, last=400, before=page["pageInfo"]["startCursor"]))["me"]["tasks"]
        pages.insert(0, page)

    nodes = [edge["node"] for page in pages for edge in page["edges"]]
    assert len(pages) == 3
    assert len({node["id"] for node in nodes}) == len(nodes) > 1100
    assert {node["id"] for node in nodes[-len(MOVING) :]} == set(MOVING)
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [True, True, False]
    assert TASKS["another user's"] not in {node["id"] for node in nodes}


async def test_paging_forward_and_by_status(pixai: PixAI) -> None:
    """`first` and `after` walk the other way; a status filters before the page is cut."""
    first = (await pixai.data(PAGE, first=2))["me"]["tasks"]
    second = (await pixai.data(PAGE, first=2, after=first["pageInfo"]["endCursor"]))["me"]["tasks"]
    paused = (await pixai.data(PAGE, status="paused", last=5))["me"]["tasks"]

    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    assert first["edges"][1]["node"]["createdAt"] < second["edges"][0]["node"]["createdAt"]
    assert [edge["node"]["id"] for edge in paused["edges"]] == [TASKS["status paused"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"last": 10_000}, "Internal server error"),
        ({"before": "forged", "last": 1}, "Invalid cursor"),
        ({"first": -1}, "first must not be negative"),
    ],
)
async def test_pages_that_cannot_be(pixai: PixAI, arguments: dict[str, Any], message: str) -> None:
    """The list is null with an error; the user is whole."""
    status, body = await pixai.post(PAGE, **arguments)

    assert (status, body["data"]) == (200, {"me": {"tasks": None}})
    assert [(one["message"], one["path"]) for one in body["errors"]] == [(message, ["me", "tasks"])]


async def _nodes(pixai: PixAI, **arguments: object) -> list[str]:
    tasks = (await pixai.data(PAGE, **arguments))["me"]["tasks"]
    return [edge["node"]["id"] for edge in tasks["edges"]]
