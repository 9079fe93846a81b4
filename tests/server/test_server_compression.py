"""Answers are compressed for those who accept it, where it pays."""

from __future__ import annotations

import gzip
import json
from typing import Any

import aiohttp
import pytest

from sandbox.pixai import vendor_examples
from server.negotiation import takes_gzip
from tests.conftest import Client

LONG = "{ __schema { types { name description } } }"
SHORT = "{ __typename }"


async def answered(
    graph: Client, query: str, accept_encoding: str, **headers: str
) -> tuple[dict[str, str], bytes]:
    """Headers, and the body as it came."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        given = {"Accept-Encoding": accept_encoding, **headers}
        async with session.post(f"{graph.origin}/graphql", json={"query": query}, headers=given) as response:
            assert response.status == 200
            return {name.lower(): text for name, text in response.headers.items()}, await response.read()


@pytest.mark.parametrize("accept", ["gzip", "br, GZIP;q=0.5", "*", "identity;q=0.5, x-gzip"])
async def test_a_long_answer_is_compressed(graph: Client, accept: str) -> None:
    """It is the same answer, in less than half of the bytes."""
    headers, body = await answered(graph, LONG, accept)
    plain_headers, plain = await answered(graph, LONG, "identity")

    assert gzip.decompress(body) == plain
    assert len(body) * 2 < len(plain)
    assert (headers["content-encoding"], headers["content-length"]) == ("gzip", str(len(body)))
    assert (headers["vary"], plain_headers["vary"]) == ("Accept-Encoding", "Accept-Encoding")
    assert "content-encoding" not in plain_headers


@pytest.mark.parametrize("accept", ["", "br", "gzip;q=0", "*;q=0", "gzip;q=0.3, identity;q=0.5", "gzip;q=x"])
async def test_who_does_not_accept_it_gets_it_as_it_is(graph: Client, accept: str) -> None:
    """A weight of zero refuses, one below that of identity yields to it."""
    headers, body = await answered(graph, LONG, accept)

    assert "content-encoding" not in headers
    assert "data" in json.loads(body)
    assert not takes_gzip(accept)


async def test_what_is_short_stays_as_it_is(graph: Client) -> None:
    """Under 1 KB there is nothing to gain."""
    headers, body = await answered(graph, SHORT, "gzip")

    assert "content-encoding" not in headers
    assert json.loads(body) == {"data": {"__typename": "Query"}}


async def test_events_and_redirects_stay_as_they_are(graph: Client) -> None:
    """An event must not wait for the next one."""
    headers, body = await answered(graph, LONG, "gzip", Accept="text/event-stream")
    link = f"{graph.origin}/media/media:pixai:{vendor_examples.SINGLE_MEDIA}"
    async with graph.session.get(link, allow_redirects=False) as redirect:
        found: dict[str, Any] = dict(redirect.headers)

    assert ("content-encoding" in headers, body[:12]) == (False, b"event: next\n")
    assert (redirect.status, "Content-Encoding" in found, "Vary" in found) == (302, False, False)
