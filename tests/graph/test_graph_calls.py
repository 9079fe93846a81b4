"""How many upstream calls a query costs."""

from __future__ import annotations

import asyncio
import math

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.world import World
from server.settings import Settings
from tests.conftest import Client, Serve

CHUNK = Settings().pixai_chunk
GRAPHQL = "POST /graphql"
MEDIA = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id width urls { variant url } } }"


FINISHED = [task for task in World(0.0).listed(0.0) if task.status == "completed"]


def media_ids(count: int) -> list[str]:
    """That many pictures of the sandbox's world."""
    return [f"media:pixai:{key}" for task in FINISHED for key in task.media_ids()][:count]


async def test_a_thousand_media_cost_a_fortieth(graph: Client, box: Sandbox) -> None:
    """1,000 ids in one query are ceil(1000 / chunk) documents."""
    data = await graph.data(MEDIA, ids=media_ids(1000))

    assert len(data["mediaById"]) == 1000
    assert box.pixai.requests == {GRAPHQL: math.ceil(1000 / CHUNK)}


async def test_an_odd_number_fills_its_chunks(serve: Serve, box: Sandbox) -> None:
    """101 ids at 10 a document: ten full ones and one."""
    async with serve(pixai_chunk=10) as graph:
        await graph.data(MEDIA, ids=media_ids(101))

    assert box.pixai.requests == {GRAPHQL: 11}


async def test_one_picture_asked_fifty_ways_is_asked_once(graph: Client, box: Sandbox) -> None:
    """Aliases, lists, nodes, entities and every field that needs the look-up: one call."""
    id_ = f"media:pixai:{vendor_examples.SINGLE_MEDIA}"
    fields = "id kind width height contentType url urls { url } expiresAt thumb: url(variant: THUMBNAIL)"
    ways = [f'a{n}: media(id: "{id_}") {{ {fields} }}' for n in range(25)]
    ways += [f'n{n}: node(id: "{id_}") {{ ... on Media {{ {fields} }} }}' for n in range(23)]
    ways += [f'l: mediaById(ids: ["{id_}", "{id_}"]) {{ {fields} }}', f'm: nodes(ids: ["{id_}"]) {{ id }}']

    data = await graph.data("{" + " ".join(ways) + "}")

    assert len(ways) == 50
    assert all(data[f"a{n}"] == data["a0"] == data[f"n{m}"] for n in range(25) for m in range(23))
    assert box.pixai.requests == {GRAPHQL: 1}


async def test_ten_identical_queries_at_once_cost_one_call(graph: Client, box: Sandbox) -> None:
    """Requests that are in flight together share what they look up."""
    ids = media_ids(5)

    answers = await asyncio.gather(*(graph.data(MEDIA, ids=ids) for _ in range(10)))

    assert all(answer == answers[0] for answer in answers)
    assert box.pixai.requests == {GRAPHQL: 1}


async def test_a_task_with_the_ids_of_its_media_costs_the_tasks_call(graph: Client, box: Sandbox) -> None:
    """What the task tells needs no second look."""
    query = '{ task(id: "pixai:1749903535747486198") { cover { id } media { id provider permalink } } }'

    await graph.data(query)

    assert box.pixai.requests == {GRAPHQL: 1}


async def test_twenty_tasks_with_media_cost_one_call_and_the_medias(graph: Client, box: Sandbox) -> None:
    """1 + ceil(media / chunk)."""
    ids = [f"task:pixai:{task.id}" for task in FINISHED[:20]]
    query = "query ($ids: [ID!]!) { tasksById(ids: $ids) { id media { url } } }"

    data = await graph.data(query, ids=ids)

    media = sum(len(task["media"]) for task in data["tasksById"])
    assert media > CHUNK
    assert box.pixai.requests == {GRAPHQL: 1 + math.ceil(media / CHUNK)}


async def test_different_requests_of_one_moment_share_documents(graph: Client, box: Sandbox) -> None:
    """Forty requests of one id each, PixAI taking its time: what waits for a place goes together."""
    box.pixai.fail(GRAPHQL, latency=0.2)
    ids = media_ids(40)

    answers = await asyncio.gather(*(graph.data(MEDIA, ids=[id_]) for id_ in ids))

    assert [answer["mediaById"][0]["id"] for answer in answers] == ids
    assert box.pixai.requests[GRAPHQL] <= 8 + math.ceil(40 / CHUNK)


async def test_what_is_known_is_not_asked_again(graph: Client, box: Sandbox) -> None:
    """A finished task and a signed URL are remembered while they last."""
    query = '{ task(id: "pixai:1749903535747486198") { status media { url } } }'

    first = await graph.data(query)
    calls = dict(box.pixai.requests)
    second = await graph.data(query)

    assert second == first
    assert box.pixai.requests == calls
