"""Documents made to hurt are refused before anybody is asked, in a few bytes, by a limit that is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.attacks import ATTACKS, Attack
from engine.limits import Limits
from sandbox import Sandbox
from tests.conftest import Client

SHORT = 20_000  # bytes; most are answered in 200, twenty validation errors take some more


async def post(graph: Client, attack: Attack) -> tuple[dict[str, Any], int]:
    """The answer, and its size."""
    body = {"query": attack.text, "variables": dict(attack.variables)}
    async with graph.session.post(f"{graph.origin}/graphql", json=body) as response:
        text = await response.text()
    return json.loads(text), len(text)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused(graph: Client, box: Sandbox, attack: Attack) -> None:
    """By its limit, without `data`; where it is only invalid, by the parser or by validation."""
    answer, size = await post(graph, attack)

    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert "data" not in answer
    if attack.limit is None:
        assert codes <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
    else:
        assert codes == {"LIMIT_EXCEEDED"}
        [error] = answer["errors"]
        assert f"at most {getattr(Limits(), attack.limit):,} (TRIPTYCH_LIMIT_{attack.limit.upper()})" in str(
            error["message"]
        )
    assert size < SHORT
    assert not sum(box.pixai.requests.values())
    assert not sum(box.meshy.requests.values())


def test_the_table_has_an_attack_on_each_limit() -> None:
    """But on bytes, which only an answer can exceed."""
    names = {name for name in Limits.__dataclass_fields__ if name not in {"mode", "bytes"}}

    assert {attack.limit for attack in ATTACKS if attack.limit} == names


async def test_the_server_goes_on_after_all_of_them(graph: Client) -> None:
    """They leave nothing behind that a small query would meet."""
    for attack in ATTACKS:
        await post(graph, attack)

    assert await graph.data("{ __typename }") == {"__typename": "Query"}
