"""uploadMedia over HTTP, as the GraphQL multipart request specification has it, and PixAI's three steps."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest
from gql import Client as GqlClient
from gql import FileVar, gql
from gql.transport.aiohttp import AIOHTTPTransport

from sandbox import Sandbox
from sandbox.pictures import picture
from tests.conftest import Client, Serve

PNG = picture(7, 96, 64, "PNG")
JPEG = picture(8, 64, 64, "JPEG")
QUERY = """
mutation ($file: Upload!, $provider: Provider) {
  uploadMedia(file: $file, provider: $provider) {
    mediaId media { id kind width height contentType url task { id } }
  }
}
"""
PUT, POST = "PUT /uploads/{key}", "POST /graphql"
PREFLIGHT = {"apollo-require-preflight": "true"}


async def send(graph: Client, *files: bytes, query: str = QUERY, provider: str = "PIXAI") -> dict[str, Any]:
    """As Apollo's upload client and urql do: operations, map, then the files."""
    names = ["file"] if len(files) == 1 else [f"file{index}" for index in range(len(files))]
    operations = {"query": query, "variables": {**dict.fromkeys(names), "provider": provider}}
    form = aiohttp.FormData()
    form.add_field("operations", json.dumps(operations))
    form.add_field("map", json.dumps({f"{at}": [f"variables.{name}"] for at, name in enumerate(names)}))
    for index, content in enumerate(files):
        form.add_field(
            f"{index}", io.BytesIO(content), filename="blob", content_type="application/octet-stream"
        )
    async with graph.session.post(f"{graph.origin}/graphql", data=form, headers=PREFLIGHT) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def fetched(graph: Client, url: str) -> bytes:
    """What is behind it."""
    async with graph.session.get(url) as response:
        return await response.read()


async def test_a_picture_is_uploaded(graph: Client, box: Sandbox) -> None:
    """An address, the bytes with their length, the registration; then it is read, and begins a task."""
    made = (await send(graph, PNG))["data"]["uploadMedia"]
    url = made["media"].pop("url")
    begun = await graph.data(
        'mutation ($id: ID!) { createTask(input: { pixai: { prompt: "at night", mediaId: $id } }) '
        "{ task { parameters } } }",
        id=made["mediaId"],
    )

    key = made["mediaId"].removeprefix("media:pixai:")
    assert made == {
        "mediaId": f"media:pixai:{key}",
        "media": {
            "id": f"media:pixai:{key}",
            "kind": "IMAGE",
            "width": 96,
            "height": 64,
            "contentType": "image/png",
            "task": None,
        },
    }
    assert begun["createTask"]["task"]["parameters"] == {"prompts": "at night", "mediaId": key}
    assert await fetched(graph, url) == PNG
    assert box.pixai.requests[PUT] == 1
    assert box.pixai.requests[POST] == 3 + 2


async def test_a_large_file_passes_through_the_disk(graph: Client, box: Sandbox) -> None:
    """What is behind a picture's end belongs to its file; two files may come with one request."""
    large = PNG + b"\0" * 3_000_000
    query = """
    mutation ($file0: Upload!, $file1: Upload!) {
      a: uploadMedia(file: $file0) { media { url } }
      b: uploadMedia(file: $file1) { media { contentType } }
      c: uploadMedia(file: $file0) { media { url } }
    }
    """

    answer = (await send(graph, large, JPEG, query=query))["data"]

    assert await fetched(graph, answer["a"]["media"]["url"]) == large
    assert answer["b"] == {"media": {"contentType": "image/jpeg"}}
    assert await fetched(graph, answer["c"]["media"]["url"]) == large
    assert box.pixai.requests[PUT] == 3


async def test_gqls_own_upload(graph: Client) -> None:
    """A client of its own, with the header that keeps other sites out."""
    transport = AIOHTTPTransport(f"{graph.origin}/graphql", headers=PREFLIGHT)
    upload = gql(QUERY)
    upload.variable_values = {"file": FileVar(io.BytesIO(JPEG), filename="a.jpg"), "provider": "PIXAI"}

    async with GqlClient(transport=transport) as session:
        made = await session.execute(upload, upload_files=True)

    assert made["uploadMedia"]["media"]["contentType"] == "image/jpeg"


async def test_a_form_beyond_the_limit(serve: Serve, box: Sandbox) -> None:
    """Is refused before PixAI is asked."""
    async with serve(upload_bytes=2048) as graph:
        answer = await send(graph, PNG + b"\0" * 3000)

    assert answer["errors"][0]["message"] == "Request body too large: expected at most 2,048 bytes"
    assert box.pixai.requests == {}


@pytest.mark.parametrize(
    ("content", "provider", "code"),
    [
        (b"GIF7", "PIXAI", "BAD_USER_INPUT"),
        (b"", "PIXAI", "BAD_USER_INPUT"),
        (PNG, "MESHY", "NOT_SUPPORTED"),
        (PNG, "MIDJOURNEY", "NOT_SUPPORTED"),
    ],
)
async def test_what_is_not_taken(
    graph: Client, box: Sandbox, content: bytes, provider: str, code: str
) -> None:
    """Nothing is sent."""
    answer = await send(graph, content, provider=provider)

    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"uploadMedia": None}, code)
    assert box.pixai.requests == {}


@pytest.mark.parametrize(
    ("route", "fault", "code", "requests"),
    [
        (POST, {"status": 402, "times": 1}, "UPSTREAM_OUT_OF_CREDIT", {POST: 1}),
        (POST, {"reset": True}, "UPSTREAM_UNREACHABLE", {POST: 3}),
        (PUT, {"status": 403, "times": 1}, "UPSTREAM_REFUSED", {POST: 1, PUT: 1}),
        (PUT, {"reset": True}, "UPSTREAM_UNREACHABLE", {POST: 1, PUT: 3}),
        (POST, {"answer_lost": True, "match": 'externalId":'}, "OUTCOME_UNKNOWN", {POST: 2, PUT: 1}),
        (POST, {"status": 400, "match": 'externalId":'}, "UPSTREAM_REJECTED", {POST: 2, PUT: 1}),
    ],
)
async def test_a_step_that_fails(
    graph: Client, box: Sandbox, route: str, fault: dict[str, Any], code: str, requests: dict[str, int]
) -> None:
    """Until the registration nothing has been made, so the others may be tried again; it is sent once."""
    box.pixai.fail(route, **fault)

    answer = await send(graph, PNG)

    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"uploadMedia": None}, code)
    assert box.pixai.requests == requests


async def test_a_brief_failure_of_the_store_is_mended(graph: Client, box: Sandbox) -> None:
    """The file is sent from its beginning again."""
    box.pixai.fail(PUT, status=503, times=1)

    made = (await send(graph, PNG))["data"]["uploadMedia"]["media"]

    assert await fetched(graph, made["url"]) == PNG
    assert box.pixai.requests[PUT] == 2
