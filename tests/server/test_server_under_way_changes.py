"""What is changed is seen by whoever looks afterwards, whatever is being executed for others."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox
from tests.conftest import Client, Serve
from tests.graph.test_graph_writes import PIXAI
from tests.server.held import Held, sent
from tests.server.sent import Sent, answer
from tests.server.test_server_answers import DELETE

TASK = "meshy:image-to-image:019480a4-5df8-7496-98fb-e0fa5be1701f"
CREATE = (
    "mutation ($input: CreateTaskInput!, $key: String) "
    "{ createTask(input: $input, idempotencyKey: $key) { taskId } }"
)
EVERYTHING = Sent({"query": "{ tasks(first: 100) { totalCount nodes { id } } }"})

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "a deleted task": (DELETE, {"id": TASK}),
    "a new task": (CREATE, {"input": PIXAI}),
    "a new task, by its key": (CREATE, {"input": PIXAI, "key": "k"}),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_after_a_change_nobody_joins_what_was_asked_before(
    graph: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A list that was read before it shows what was there then; one that is asked for afterwards does not."""
    held, (change, variables) = Held(monkeypatch, is_behind=True), CHANGES[name]
    requests = await sent(graph, EVERYTHING)
    await held.count(1)
    await graph.data(change, **variables)
    requests += await sent(graph, EVERYTHING, EVERYTHING)
    await held.count(2)
    held.open.set()

    before, *after = await asyncio.gather(*requests)
    now = await answer(graph, EVERYTHING)

    assert after == [now, now]
    assert before != now


@pytest.mark.parametrize("answers", ["on", "off"])
async def test_whoever_does_not_know_what_a_write_did_sees_it_when_he_looks(
    serve: Serve, box: Sandbox, monkeypatch: pytest.MonkeyPatch, answers: str
) -> None:
    """OUTCOME_UNKNOWN says so: the task was made, and its answer was lost."""
    held = Held(monkeypatch, is_behind=True)
    async with serve(answers=answers) as graph:
        requests = await sent(graph, EVERYTHING)
        await held.count(1)
        box.pixai.fail("POST /graphql", times=1, answer_lost=True)
        (error,) = (await graph.ask(CREATE, input=PIXAI))["errors"]
        requests += await sent(graph, EVERYTHING)
        await held.count(2)
        held.open.set()
        _, (_, _, after) = await asyncio.gather(*requests)

    assert error["extensions"]["code"] == "OUTCOME_UNKNOWN"
    assert f"task:pixai:{box.pixai.created[0]}" in after.decode()


async def test_whoever_repeats_a_write_at_another_server_sees_it(
    serve: Serve, box: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its idempotency key: nothing is sent, but what was sent elsewhere has changed the list."""
    held, state = Held(monkeypatch, is_behind=True), str(tmp_path / "state.db")
    async with serve(state=state) as one, serve(state=state) as other:
        requests = await sent(other, EVERYTHING)
        await held.count(1)
        first, second = [await each.data(CREATE, input=PIXAI, key="k") for each in (one, other)]
        requests += await sent(other, EVERYTHING)
        await held.count(2)
        held.open.set()
        _, (_, _, after) = await asyncio.gather(*requests)

    assert first == second
    assert first["createTask"]["taskId"] in after.decode()
