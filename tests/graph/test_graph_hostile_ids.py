"""Ids that try to be something else: a typed error or a null, never another document or path."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from server.settings import Settings
from tests.conftest import Client, serving
from tests.hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
async def test_an_odd_key_is_just_a_key(graph: Client, box: Sandbox, name: str) -> None:
    """PixAI gets it as a variable and knows no such thing: null, for each type, beside a good id."""
    key = HOSTILE[name]
    query = """query ($task: ID!, $media: ID!, $ids: [ID!]!) {
        task(id: $task) { id } media(id: $media) { id } mediaById(ids: $ids) { width }
        tasksById(ids: $ids2) { id } }""".replace("$ids2", "[$task]")
    good = "pixai:459604023097100648"

    data = await graph.data(
        query, task=f"pixai:{key}", media=f"media:pixai:{key}", ids=[f"pixai:{key}", good]
    )

    assert data == {"task": None, "media": None, "mediaById": [None, {"width": 512}], "tasksById": [None]}
    assert set(box.pixai.requests) == {"POST /graphql"}


@pytest.mark.parametrize(
    "id_",
    [
        "",
        ":",
        "task",
        "task:",
        "task:pixai",
        "task:pixai:",
        "task::1",
        "task:dalle:1",
        "media:pixai:1",
        "pixai:",
    ],
)
async def test_a_malformed_id_fails_its_own_item(graph: Client, box: Sandbox, id_: str) -> None:
    """INVALID_ID on the item that has it; the others are answered."""
    query = "query ($ids: [ID!]!) { tasksById(ids: $ids) { providerId } }"

    answer = await graph.ask(query, ids=[id_, "pixai:1749902216266450789"])

    assert answer["data"] == {"tasksById": [None, {"providerId": "1749902216266450789"}]}
    assert [(error["path"], error["extensions"]) for error in answer["errors"]] == [
        (["tasksById", 0], {"code": "INVALID_ID"})
    ]
    assert box.pixai.requests == {"POST /graphql": 1}


async def test_a_very_long_id_is_refused_and_not_repeated(graph: Client, box: Sandbox) -> None:
    """10,000 characters cost no call, and the message does not quote them all."""
    answer = await graph.ask("query ($id: ID!) { node(id: $id) { id } }", id="media:pixai:" + "9" * 10_000)

    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"] == {"code": "INVALID_ID"}
    assert len(answer["errors"][0]["message"]) < 250
    assert box.pixai.requests == {}


async def test_too_many_ids_are_refused(graph: Client, box: Sandbox) -> None:
    """More than 10,000 in one list, or 20,000 in all of an operation's: LIMIT_EXCEEDED."""
    many = await graph.ask("query ($ids: [ID!]!) { mediaById(ids: $ids) { id } }", ids=["pixai:1"] * 10_001)
    aliases = "a: mediaById(ids: $ids) { id } b: mediaById(ids: $ids) { id } c: mediaById(ids: $ids) { id }"
    answer = await graph.ask(f"query ($ids: [ID!]!) {{ {aliases} }}", ids=["task:pixai:1"] * 7_000)

    assert many["data"] is answer["data"] is None
    assert many["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert {error["extensions"]["code"] for error in answer["errors"]} >= {"LIMIT_EXCEEDED"}
    assert box.pixai.requests == {}


@pytest.mark.parametrize("provider", ["meshy", "midjourney"])
async def test_a_source_without_a_key_says_so(box: Sandbox, provider: str) -> None:
    """Its items say that it is not configured; PixAI's are answered."""
    ids = [f"task:{provider}:1", "task:pixai:1749902216266450789"]
    settings = Settings(pixai_key=box.pixai.key, pixai_url=box.pixai.url)  # type: ignore[arg-type]

    async with serving(settings, None) as graph:
        answer = await graph.ask("query ($ids: [ID!]!) { tasksById(ids: $ids) { status } }", ids=ids)

    assert answer["data"] == {"tasksById": [None, {"status": "SUCCEEDED"}]}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["PROVIDER_NOT_CONFIGURED"]
