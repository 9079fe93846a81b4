"""Seeds and ids arrive to the digit, also in clients whose JSON knows only 2^53."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.pixai.awkward import TASKS
from tests.conftest import Client

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
