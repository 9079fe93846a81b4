"""Automatic persisted queries: a client sends a document once, and names it by its hash from then on."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from server.graphql.persisted import DocumentError, Documents, Registered
from tests.conftest import Client, Serve
from tests.server.graphql_requests import PROVIDERS, QUERY, error, send
from tests.server.sockets import opened

MISSING = error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
NEWER = "application/graphql-response+json"


def named(text: str, **more: object) -> dict[str, Any]:
    """The fields that a link sends, without the text."""
    hash_ = sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}, **more}


def as_parameters(fields: dict[str, Any]) -> dict[str, str]:
    """The same in a URL."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}


async def test_a_document_is_registered_once_and_named_from_then_on(graph: Client) -> None:
    """Unknown at first, which is said in the words that Apollo's and urql's links wait for."""
    unknown = await send(graph, json=named(QUERY))
    registered = await send(graph, json=named(QUERY, query=QUERY))
    by_post = await send(graph, json=named(QUERY))
    by_get = await send(graph, "GET", params=as_parameters(named(QUERY)))

    assert unknown == (200, "application/json", MISSING)
    assert registered == by_post == by_get == (200, "application/json", PROVIDERS)


async def test_a_document_is_registered_by_get_too(graph: Client) -> None:
    """As urql does; `documentId` names what was registered, as the GraphQL over HTTP draft writes it."""
    await send(graph, "GET", params=as_parameters(named(QUERY, query=QUERY)))
    id_ = f"sha256:{sha256(QUERY.encode()).hexdigest()}"

    assert await send(graph, "GET", params={"documentId": id_}) == (200, "application/json", PROVIDERS)


async def test_an_unknown_document_is_a_400_in_the_newer_media_type(graph: Client) -> None:
    """And no cache keeps the answer, which another request will change."""
    async with graph.session.post(
        f"{graph.origin}/graphql", json=named(QUERY), headers={"Accept": NEWER}
    ) as response:
        assert (response.status, response.headers["Cache-Control"]) == (400, "no-store")


async def test_variables_and_operation_names_go_with_the_hash(graph: Client) -> None:
    """The entry is that of the text."""
    text = "query A($id: ID!) { task(id: $id) { id } } query B { __typename }"
    await send(graph, json=named(text, query=text, operationName="B"))

    found = await send(graph, json=named(text, operationName="A", variables={"id": "task:pixai:0"}))

    assert found == (200, "application/json", {"data": {"task": None}})


WRONG: list[tuple[Any, str]] = [
    (
        {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}},
        "persistedQuery.sha256Hash is not the SHA-256 hash of the query",
    ),
    (
        {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}},
        "Unsupported persistedQuery.version: expected 1",
    ),
    (
        {"persistedQuery": "abc"},
        "extensions.persistedQuery must be an object with version 1 and a sha256Hash",
    ),
    (
        {"persistedQuery": {"version": 1, "sha256Hash": 7}},
        "extensions.persistedQuery must be an object with version 1 and a sha256Hash",
    ),
]


@pytest.mark.parametrize(("extensions", "message"), WRONG)
async def test_a_wrong_hash_is_told(graph: Client, extensions: Any, message: str) -> None:
    """Nothing is executed, nothing is registered."""
    found = await send(graph, json={"query": QUERY, "extensions": extensions})

    assert found == (200, "application/json", error(message))
    assert await send(graph, json=named(QUERY)) == (200, "application/json", MISSING)


async def test_an_id_that_is_no_string_is_told(graph: Client) -> None:
    """Where there is no query; beside one, `id` is anybody's."""
    alone = await send(graph, json={"id": 7})
    beside = await send(graph, json={"id": 7, "query": QUERY})

    assert alone == (200, "application/json", error("id must be a string"))
    assert beside == (200, "application/json", PROVIDERS)


async def test_a_server_that_keeps_none_says_so_in_the_links_words(serve: Serve) -> None:
    """They send whole documents from then on."""
    async with serve(persisted_bytes=0) as graph:
        refused = await send(graph, json=named(QUERY))
        whole = await send(graph, json=named(QUERY, query=QUERY))

    assert refused[2] == error("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
    assert whole[2] == PROVIDERS


async def test_a_page_elsewhere_cannot_load_a_hash_as_a_url(graph: Client) -> None:
    """No more than a query."""
    headers = {"Sec-Fetch-Site": "cross-site"}
    status, _, _ = await send(graph, "GET", params=as_parameters(named(QUERY)), headers=headers)

    assert status == 403


async def test_a_socket_names_documents_too(graph: Client) -> None:
    """Registered there or over HTTP."""
    async with opened(graph) as socket:
        unknown = await socket.ask({"query": "", **named(QUERY)})
        registered = await socket.ask(named(QUERY, query=QUERY))
        known = await socket.ask(named(QUERY))

    assert unknown == [("error", MISSING["errors"])]
    assert registered == known == [("next", PROVIDERS), ("complete", None)]
    assert await send(graph, json=named(QUERY)) == (200, "application/json", PROVIDERS)


def test_what_is_registered_is_bounded_by_bytes() -> None:
    """The least recently used go first; a document of an eighth of all is not kept."""
    store = Registered(capacity=10_000)
    for number in range(100):
        store.put(f"{number:064}", f"{{ field{number} }}".ljust(400))
        store.get(f"{0:064}")
    store.put("large", "x" * 2_000)

    kept = [number for number in range(100) if store.get(f"{number:064}") is not None]
    assert kept[0] == 0
    assert kept[1:] == list(range(101 - len(kept), 100))
    assert 8_000 < store.size <= 10_000
    assert store.get("large") is None


def test_ten_thousand_clients_fill_no_memory() -> None:
    """Each registers a document of its own; the text of each is answered all the same."""
    documents = Documents(capacity=100_000)
    for number in range(10_000):
        text = f"{{ a{number}: __typename }}"
        assert documents.text(named(text, query=text)) == text

    with pytest.raises(DocumentError):
        documents.text(named("{ a0: __typename }"))
    assert documents.text(named("{ a9999: __typename }")) == "{ a9999: __typename }"
