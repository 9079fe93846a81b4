"""Trusted documents: a manifest, as the tools of clients write it, names them by their ids."""

from __future__ import annotations

import json
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest

from server.graphql import manifest
from server.graphql.manifest import DocumentsMode, ManifestError
from tests.conftest import Serve
from tests.server.graphql_requests import PROVIDERS, QUERY, error, send
from tests.server.process import Triptych
from tests.server.sockets import opened

OTHER = "{ __typename }"
HASH = sha256(QUERY.encode()).hexdigest()
CODEGEN = {f"sha256:{HASH}": QUERY, "2f1a": OTHER}
RELAY = {md5(QUERY.encode()).hexdigest(): QUERY}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": f"sha256:{HASH}", "name": "Providers", "type": "query", "body": QUERY},
        {"id": "2f1a", "name": "Name", "type": "query", "body": OTHER},
    ],
}
UNTRUSTED = error("This server executes trusted documents only", "PERSISTED_QUERY_NOT_IN_LIST")
UNLISTED = error("No trusted document has this id", "PERSISTED_QUERY_NOT_IN_LIST")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What graphql-codegen's client preset writes."""
    path = tmp_path / "persisted-documents.json"
    path.write_text(json.dumps(CODEGEN), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "documents"),
    [(CODEGEN, CODEGEN), (RELAY, RELAY), (APOLLO, CODEGEN)],
    ids=["codegen", "relay", "apollo"],
)
def test_a_manifest_of_each_tool_is_read(tmp_path: Path, content: Any, documents: dict[str, str]) -> None:
    """Texts by id."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    assert manifest.read(path) == documents


WRONG = [
    (None, "cannot be read: No such file or directory"),
    ("{", "is not valid JSON"),
    ("{}", "has no documents"),
    ("[]", "is not a manifest"),
    ('{"a": 7}', "is not a manifest"),
    ('{"": "{ a }"}', "is not a manifest"),
    ('{"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]}', "is not a manifest"),
    ('{"format": "apollo-persisted-query-manifest", "operations": [7]}', "is not a manifest"),
]


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_what_is_no_manifest_is_told(tmp_path: Path, content: str | None, sentence: str) -> None:
    """In one sentence, which says what was expected."""
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(ManifestError) as raised:
        manifest.read(path)

    assert str(raised.value).startswith(sentence)


WAYS: list[dict[str, Any]] = [
    {"documentId": HASH},
    {"documentId": f"sha256:{HASH}"},
    {"documentId": f"sha256:{HASH.upper()}"},
    {"doc_id": HASH},
    {"id": HASH},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
    {"query": QUERY, "documentId": "unknown"},
    {"query": QUERY, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
]


@pytest.mark.parametrize("mode", [DocumentsMode.ALLOW, DocumentsMode.ONLY])
async def test_a_trusted_document_is_named_in_every_way(
    serve: Serve, file: Path, mode: DocumentsMode
) -> None:
    """By graphql-codegen's clients, Apollo's and Relay's; over HTTP and WebSocket."""
    async with serve(documents=file, documents_mode=mode) as graph:
        by_post = [await send(graph, json=fields) for fields in WAYS]
        by_get = await send(graph, "GET", params={"documentId": HASH})
        async with opened(graph) as socket:
            by_socket = [await socket.ask(fields) for fields in WAYS]

    assert by_post == [(200, "application/json", PROVIDERS)] * len(WAYS)
    assert by_get == (200, "application/json", PROVIDERS)
    assert by_socket == [[("next", PROVIDERS), ("complete", None)]] * len(WAYS)


async def test_a_trusted_subscription_is_streamed_by_its_id(serve: Serve, tmp_path: Path) -> None:
    """As events, by GET and POST."""
    file = tmp_path / "manifest.json"
    text = 'subscription { taskUpdated(id: "task:pixai:1") { taskId } }'
    file.write_text(json.dumps({"watch": text}), encoding="utf-8")
    headers = {"Accept": "text/event-stream"}
    async with serve(documents=file, documents_mode=DocumentsMode.ONLY) as graph:
        address = f"{graph.origin}/graphql"
        async with graph.session.get(address, params={"documentId": "watch"}, headers=headers) as response:
            by_get = await response.text()
        async with graph.session.post(address, json={"documentId": "watch"}, headers=headers) as response:
            by_post = await response.text()

    assert by_get == by_post
    assert by_get.startswith('event: next\ndata: {"data":{"taskUpdated":{"taskId":"task:pixai:1"}}}\n\n')


async def test_nothing_else_is_executed_where_only_trusted_documents_are(serve: Serve, file: Path) -> None:
    """No text, no hash that a client registers, and none of the pages that need more."""
    text = "{ providers { isConfigured } }"
    hashed = {"extensions": {"persistedQuery": {"sha256Hash": sha256(text.encode()).hexdigest()}}}
    async with serve(documents=file, documents_mode=DocumentsMode.ONLY) as graph:
        whole = await send(graph, json={"query": text})
        registering = await send(graph, json={"query": text, **hashed})
        unknown = await send(graph, json=hashed)
        nothing = await send(graph, json={})
        async with opened(graph) as socket:
            by_socket = await socket.ask({"query": text})
        pages = [await send(graph, "GET", path) for path in ("/", "/graphiql/x.js")]

    assert whole[2] == registering[2] == UNTRUSTED
    assert unknown[2] == UNLISTED
    assert nothing == (400, "application/json", error("The request has no query"))
    assert by_socket == [("error", UNTRUSTED["errors"])]
    assert [status for status, _, _ in pages] == [404, 404]


async def test_texts_are_executed_beside_trusted_documents(serve: Serve, file: Path) -> None:
    """Where they are allowed; an id that nobody knows is told in the links' words. Off: no id is known."""
    async with serve(documents=file) as graph:
        whole = await send(graph, json={"query": "{ providers { provider __typename } }"})
        unknown = await send(graph, json={"documentId": "nobody's"})
    async with serve(documents=file, documents_mode=DocumentsMode.OFF) as graph:
        off = await send(graph, json={"documentId": HASH})

    assert "errors" not in whole[2]
    assert unknown[2] == off[2] == error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


async def test_a_start_names_the_documents_that_do_not_fit_the_schema(triptych: Triptych) -> None:
    """And serves the others; ten are named, and how many there are."""
    wrong = {f"{number:02}": f"{{ zzzz{number} }}" for number in range(12)}
    file = triptych.directory / "documents.json"
    file.write_text(json.dumps({**CODEGEN, **wrong}), encoding="utf-8")

    async with triptych.running("serve", lines=5, port="0", documents=str(file)) as running:
        assert running.process.stderr is not None
        told = [(await running.process.stderr.readline()).decode().rstrip("\n") for _ in range(11)]

    assert told == [
        *(
            f"Trusted document {id_} is refused: Cannot query field '{text[2:-2]}' on type 'Query'."
            for id_, text in list(wrong.items())[:10]
        ),
        "2 more trusted documents are refused",
    ]


async def test_a_manifest_that_cannot_be_read_stops_the_start(triptych: Triptych) -> None:
    """In one sentence."""
    missing = await triptych.run("serve", port="0", documents="gone.json")

    assert (missing.code, missing.err) == (
        2,
        "triptych: TRIPTYCH_DOCUMENTS='gone.json' cannot be read: No such file or directory\n",
    )
