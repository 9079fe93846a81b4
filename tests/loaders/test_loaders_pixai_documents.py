"""The texts that PixAI gets, and the trick that sends them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from gql import Client
from gql.transport.async_transport import AsyncTransport
from graphql import ExecutionResult, build_schema, parse, validate

import sandbox.pixai
from loaders.pixai import documents
from loaders.pixai.documents import MEDIA, TASK, PrintedRequest, Selection

SCHEMA = build_schema((Path(sandbox.pixai.__file__).parent / "schema.graphql").read_text())


def test_ids_travel_as_variables() -> None:
    """One alias and one variable per id; nothing of an id in the text."""
    request = documents.batch(MEDIA, ['1") { id } #', "2"])

    assert request.payload == {
        "query": (
            "query mediaBatch($k0: String!, $k1: String!) {\n"
            "  m0: media(id: $k0) { id type width height imageType urls { variant url } }\n"
            "  m1: media(id: $k1) { id type width height imageType urls { variant url } }\n"
            "}"
        ),
        "variables": {"k0": '1") { id } #', "k1": "2"},
    }


@pytest.mark.parametrize("selection", [MEDIA, TASK])
def test_they_are_valid_against_pixais_schema(selection: Selection) -> None:
    """`task` takes ID!, `media` takes String!: a variable of the other type is refused."""
    assert validate(SCHEMA, parse(documents.batch(selection, ["1", "2", "3"]).text)) == []
    assert validate(SCHEMA, parse(documents.task_page(20, None).text)) == []


def test_a_text_is_printed_once_for_its_size() -> None:
    """The second batch of the same size has the same string, not an equal one."""
    assert documents.batch(MEDIA, ["1", "2"]).text is documents.batch(MEDIA, ["3", "4"]).text


async def test_gql_sends_the_text_as_it_is() -> None:
    """`payload` is what gql's transports send: neither parsed nor printed on the way."""
    sent = []

    class Recording(AsyncTransport):
        async def connect(self) -> None: ...
        async def close(self) -> None: ...
        def subscribe(self, *_: object, **__: object) -> None: ...  # type: ignore[override]

        async def execute(self, request: PrintedRequest, **_: object) -> ExecutionResult:  # type: ignore[override]
            sent.append(request.payload)
            return ExecutionResult(data={})

    async with Client(transport=Recording()) as session:
        await session.execute(PrintedRequest("not GraphQL at all", {"k0": "1"}))

    assert sent == [{"query": "not GraphQL at all", "variables": {"k0": "1"}}]
