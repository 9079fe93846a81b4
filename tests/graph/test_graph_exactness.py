"""Seeds and ids arrive to the digit, also in clients whose JSON knows only 2^53."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from sandbox import Sandbox
from sandbox.pixai.edge_cases import TASKS
from server.settings import Settings
from tests.conftest import Client, serving

SEEDS: dict[str, tuple[list[str], str]] = {
    "outputs.seed": (["91827364554637"], "REPORTED"),
    "outputs.seed as text": (["91827364554638"], "REPORTED"),
    "outputs.seed zero": (["0"], "REPORTED"),
    "outputs.seed over 63 bits": (["18446744073709551615"], "REPORTED"),
    "outputs.seed over 64 bits": (["123456789012345678901234567890"], "REPORTED"),
    "detailParameters.seed": (["777000777000"], "REPORTED"),
    "parameters.seed": (["424242"], "PARAMETER"),
    "parameters.seed as text": (["9007199254740993"], "PARAMETER"),
    "parameters.seed empty": ([], ""),
    "no seed": ([], ""),
    "batch seeds as text": (["11", "3283868009760115", "18446744073709551615", "0"], "REPORTED"),
    "batch seeds over 53 bits": (
        ["9007199254740993", "9223372036854775808", "18446744073709551615", "123456789012345678901234567890"],
        "REPORTED",
    ),
    "batch seeds missing": (["5"], "REPORTED"),
    "videos": (["271828"], "REPORTED"),
    "waiting, outputs null": ([], ""),
}


@pytest.mark.parametrize("name", SEEDS)
async def test_seeds_are_read_from_wherever_they_stand(graph: Client, name: str) -> None:
    """The batch's, the outputs', the details', then the one that was asked for; exact in each case."""
    expected, origin = SEEDS[name]

    data = await graph.data(
        "query ($id: ID!) { task(id: $id) { seeds { value origin } } }", id=f"pixai:{TASKS[name]}"
    )

    assert data["task"]["seeds"] == [{"value": value, "origin": origin} for value in expected]


async def test_large_integers_inside_raw_are_strings(graph: Client) -> None:
    """Beyond 2^53-1 a number is written as a string, small ones stay numbers."""
    id_ = f"pixai:{TASKS['batch seeds over 53 bits']}"

    task = (await graph.data("query ($id: ID!) { task(id: $id) { raw parameters } }", id=id_))["task"]

    assert [one["seed"] for one in task["raw"]["outputs"]["batch"]] == [
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551615",
        "123456789012345678901234567890",
    ]
    assert task["raw"]["parameters"] == task["parameters"]
    assert isinstance(task["parameters"]["width"], int)


async def test_javascript_reads_the_same_digits(graph: Client) -> None:
    """Read as JavaScript reads it, every number a 64-bit float, the answer is still the same."""
    query = "query ($id: ID!) { task(id: $id) { id providerId ownerId raw seeds { value } } }"
    body: dict[str, Any] = {"query": query, "variables": {"id": f"pixai:{TASKS['batch seeds over 53 bits']}"}}
    async with graph.session.post(f"{graph.origin}/graphql", json=body) as response:
        text = await response.text()

    as_javascript = json.loads(text, parse_int=lambda digits: int(float(digits)))

    assert as_javascript == json.loads(text)
    assert "18446744073709551615" in text


class Odd:
    """A PixAI with a picture for every alias; the second one is too wide, its prompt half an emoji."""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        keys = (await request.json())["variables"]
        odd = {"m1": rb'{"width": 2147483648, "height": 512, "parameters": {"prompts": "a fox \ud83d"}}'}
        plain = rb'{"width": 512, "height": 512, "parameters": {"prompts": "a fox"}}'
        nodes = (f'"m{index}": '.encode() + odd.get(f"m{index}", plain) for index in range(len(keys)))
        body = b'{"data": {' + b", ".join(nodes) + b"}}"
        return web.Response(body=body, content_type="application/json")


@pytest.fixture
async def odd(box: Sandbox) -> AsyncIterator[Client]:
    """The graph over it."""
    runner = web.ServerRunner(web.Server(Odd().answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with serving(Settings(), box, pixai_url=origin) as client:
            yield client
    finally:
        await runner.cleanup()


async def test_half_an_emoji_spoils_no_task(odd: Client) -> None:
    """Half of a surrogate pair can be read, and cannot be written: it is the replacement character."""
    ids = [f"pixai:{number}" for number in (1, 2, 3)]

    data = await odd.data("query ($ids: [ID!]!) { tasksById(ids: $ids) { prompt parameters } }", ids=ids)

    prompts = ["a fox", "a fox \ufffd", "a fox"]
    assert data["tasksById"] == [{"prompt": said, "parameters": {"prompts": said}} for said in prompts]


async def test_a_width_beyond_32_bits_is_unknown(odd: Client) -> None:
    """Int cannot carry it; the height beside it is there."""
    ids = [f"pixai:{number}" for number in (1, 2)]

    data = await odd.data("query ($ids: [ID!]!) { mediaById(ids: $ids) { width height } }", ids=ids)

    assert data["mediaById"] == [{"width": 512, "height": 512}, {"width": None, "height": 512}]
