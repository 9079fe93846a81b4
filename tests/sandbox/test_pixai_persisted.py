"""Persisted queries at PixAI, as Apollo's clients register and send them, by POST and GET."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jiter
import pytest

from tests.sandbox.requests import PixAI

QUERY = "query me { me { id } }"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()
PREFLIGHT = {"apollo-require-preflight": "true"}
MISS = {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}


def _extensions(sha: str = HASH) -> dict[str, object]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha}}


async def _get(pixai: PixAI, headers: dict[str, str] | None = None, **query: object) -> tuple[int, Any]:
    texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in query.items()}
    async with pixai.session.get("/graphql", params=texts, headers=headers or PREFLIGHT) as answer:
        return answer.status, jiter.from_json(await answer.read())


async def test_a_query_is_missed_registered_and_found(pixai: PixAI) -> None:
    """The miss is a 200 with errors; from the registration on the hash is enough."""
    missed = await pixai.send("/graphql", {"extensions": _extensions()})
    also_missed = await _get(pixai, extensions=_extensions())
    registered = await pixai.send("/graphql", {"query": QUERY, "extensions": _extensions()})
    found = await pixai.send("/graphql", {"extensions": _extensions(), "operationName": "me"})
    also_found = await _get(pixai, extensions=_extensions(), variables={})

    assert missed == also_missed == (200, {"errors": [MISS]})
    assert registered == found == also_found
    assert registered[0] == 200
    assert list(registered[1]) == ["data"]


async def test_a_hash_of_another_text_is_refused(pixai: PixAI) -> None:
    """And not kept."""
    wrong = await pixai.send("/graphql", {"query": QUERY, "extensions": _extensions("0" * 64)})
    missed = await pixai.send("/graphql", {"extensions": _extensions("0" * 64)})

    assert (wrong[0], wrong[1]["errors"][0]["message"]) == (400, "provided sha does not match query")
    assert missed == (200, {"errors": [MISS]})


@pytest.mark.parametrize(
    ("headers", "query", "status", "message"),
    [
        (
            {"Accept": "*/*"},
            {"query": QUERY},
            400,
            "This operation has been blocked as a potential Cross-Site",
        ),
        (PREFLIGHT, {"query": "mutation { deleteGenerationTask(id: 1) }"}, 405, "GET requests only support"),
        (PREFLIGHT, {"query": QUERY, "variables": "{"}, 400, "`variables` must be JSON."),
        (PREFLIGHT, {"query": QUERY, "variables": "[1]"}, 400, "`variables` in a POST body must be"),
        (PREFLIGHT, {}, 400, "GraphQL operations must contain a non-empty `query`"),
    ],
)
async def test_gets_that_are_refused(
    pixai: PixAI, headers: dict[str, str], query: dict[str, object], status: int, message: str
) -> None:
    """Without a header that browsers do not send by themselves; mutations; what is not JSON."""
    found, body = await _get(pixai, headers, **query)

    assert (found, list(body)) == (status, ["errors"])
    assert body["errors"][0]["message"].startswith(message)
