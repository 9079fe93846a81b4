"""Every source, failing in every way, against every root field: one table.

What a failing source takes with it is in CONCERNED; how its failure is called, in WAYS. Everything else in
the answer is what a healthy Triptych answers.
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS as MIDJOURNEY
from sandbox.pixai import vendor_examples
from server.settings import Settings
from tests.conftest import serving

PIXAI = vendor_examples.BATCH
PICTURE = vendor_examples.SINGLE_MEDIA
MESHY = "018a210d-8ba4-705c-b111-1f1776f7f578"
MJ = MIDJOURNEY["seed text"]

QUERY = f"""{{
  taskP: task(id: "pixai:{PIXAI}") {{ status }}
  taskM: task(id: "meshy:{MESHY}") {{ status }}
  taskJ: task(id: "midjourney:{MJ}") {{ status }}
  tasksById(ids: ["pixai:{vendor_examples.SINGLE}", "meshy:{MESHY}", "midjourney:{MJ}"]) {{ provider }}
  mediaP: media(id: "pixai:{PICTURE}") {{ kind }}
  mediaM: media(id: "meshy:{MESHY}:0") {{ kind }}
  mediaJ: media(id: "midjourney:{MJ}:0") {{ kind }}
  mediaById(ids: ["pixai:{PICTURE}", "meshy:{MESHY}:0", "midjourney:{MJ}:0"]) {{ provider }}
  seedP: seed(id: "pixai:{PIXAI}:{vendor_examples.BATCH_MEDIA[0]}") {{ value }}
  seedJ: seed(id: "midjourney:{MJ}") {{ value }}
  nodeP: node(id: "task:pixai:{PIXAI}") {{ id }}
  nodeM: node(id: "task:meshy:{MESHY}") {{ id }}
  nodeJ: node(id: "task:midjourney:{MJ}") {{ id }}
  nodes(ids: ["media:pixai:{PICTURE}", "task:meshy:{MESHY}", "task:midjourney:{MJ}"]) {{ id }}
  tasks(first: 9) {{ nodes {{ id provider }} missing {{ provider code }} }}
  _entities(representations: [
    {{ __typename: "Task", id: "task:pixai:{PIXAI}" }}
    {{ __typename: "Media", id: "media:meshy:{MESHY}:0" }}
    {{ __typename: "Seed", id: "seed:midjourney:{MJ}" }}
  ]) {{ ... on Task {{ id }} ... on Media {{ id }} ... on Seed {{ value }} }}
  providers {{ provider isConfigured }}
}}"""

OTHERS = """query ($providers: [Provider!]) {
  tasks(first: 9, filter: { providers: $providers }) { nodes { id provider } }
}"""

# source -> the paths it takes with it, and whose rows `tasks` misses
CONCERNED: dict[str, tuple[list[str], str | None]] = {
    "pixai": (
        ["taskP", "tasksById.0", "mediaP", "mediaById.0", "seedP", "nodeP", "nodes.0", "_entities.0"],
        "PIXAI",
    ),
    "meshy": (
        ["taskM", "tasksById.1", "mediaM", "mediaById.1", "nodeM", "nodes.1", "_entities.1"],
        "MESHY",
    ),
    "newapi": ([], "MIDJOURNEY"),
    "mj": (
        ["taskJ", "tasksById.2", "mediaJ", "mediaById.2", "seedJ", "nodeJ", "nodes.2", "_entities.2"],
        None,
    ),
}

# how it fails -> what the graph calls it
WAYS: dict[str, tuple[dict[str, Any] | None, str]] = {
    "refused": (None, "UPSTREAM_UNREACHABLE"),
    "401": ({"status": 401}, "UPSTREAM_REFUSED"),
    "402": ({"status": 402}, "UPSTREAM_OUT_OF_CREDIT"),
    "403": ({"status": 403}, "UPSTREAM_REFUSED"),
    "429": ({"status": 429}, "UPSTREAM_THROTTLED"),
    "500": ({"status": 500}, "UPSTREAM_FAULT"),
    "reset": ({"reset": True}, "UPSTREAM_UNREACHABLE"),
    "timeout": ({"latency": 60}, "UPSTREAM_TIMEOUT"),
    "HTML": ({"html": True}, "UPSTREAM_MALFORMED"),
    "truncated": ({"truncated": True}, "UPSTREAM_MALFORMED"),
}
CLOSED = "http://127.0.0.1:9"


async def ask(box: Sandbox, deadline: float = 30.0, /, **places: str) -> dict[str, Any]:
    """The query's answer from a server that knows nothing yet."""
    async with serving(Settings(deadline=deadline), box, **places) as graph:
        return await graph.ask(QUERY)


async def without(box: Sandbox, provider: str) -> list[dict[str, str]]:
    """The first page of the other sources' tasks."""
    others = [name for name in ("PIXAI", "MESHY", "MIDJOURNEY") if name != provider]
    async with serving(Settings(), box) as graph:
        nodes: list[dict[str, str]] = (await graph.data(OTHERS, providers=others))["tasks"]["nodes"]
        return nodes


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("source", CONCERNED)
async def test_a_failing_source_takes_its_own_along_and_nothing_else(
    box: Sandbox, source: str, way: str
) -> None:
    """Its fields are null with the typed error, `tasks` names it, and the others are whole."""
    fields, missing = CONCERNED[source]
    fault, code = WAYS[way]
    healthy = await ask(box)
    assert "errors" not in healthy

    places = {f"{source}_url": CLOSED} if fault is None else {}
    if fault is not None:
        getattr(box, source).fail("*", **fault)
    answer = await ask(box, 1.5 if way == "timeout" else 30.0, **places)

    for upstream in box.upstreams():
        upstream.heal()
    expected = healthy["data"]
    for field in fields:
        name, _, index = field.partition(".")
        if index:
            expected[name][int(index)] = None
        else:
            expected[name] = None
    if missing is not None:
        rows = await without(box, missing)
        expected["tasks"] = {"nodes": rows, "missing": [{"provider": missing, "code": code}]}
    assert answer["data"] == expected
    errors = answer.get("errors", [])
    assert sorted(".".join(map(str, error["path"])) for error in errors) == sorted(fields)
    assert {error["extensions"]["code"] for error in errors} == ({code} if fields else set())


async def test_where_all_sources_fail_the_list_itself_is_an_error(box: Sandbox) -> None:
    """Nothing is left to show: null, with the first one's error."""
    for upstream in box.upstreams():
        upstream.fail("*", status=401)

    async with serving(Settings(), box) as graph:
        answer = await graph.ask("{ tasks { nodes { id } } providers { provider } }")

    assert answer["data"]["tasks"] is None
    assert len(answer["data"]["providers"]) == 3
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_REFUSED"]
