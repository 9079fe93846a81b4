"""PixAI's GraphQL: documents, variables, errors and access, over HTTP."""

from __future__ import annotations

import json

import pytest
from aiohttp import ClientSession

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.sandbox.requests import FIXTURES, PixAI

TASK = """query getTaskById($id: ID!) {
  task(id: $id) { id userId parameters outputs status startedAt endAt createdAt updatedAt }
}"""
MEDIA = "query getMediaById($id: String!) { media(id: $id) { urls { variant url } } }"
BATCH = "459604023097100648"


def shape(value: object) -> object:
    """Keys and types; a list has the shape of its first entry."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def without_elided(task: dict[str, object]) -> dict[str, object]:
    """A task without what the document only shows as `{ ... }`, and with the one batch entry it shows."""
    outputs = task["outputs"]
    assert isinstance(outputs, dict)
    kept = {key: value for key, value in outputs.items() if key not in ("detailParameters", "extra")}
    if "batch" in kept:
        kept["batch"] = kept["batch"][:1]
    return {**task, "parameters": None, "outputs": kept}


@pytest.mark.parametrize("name", ["pixai_task_single.json", "pixai_task_batch.json"])
async def test_the_documented_tasks_come_to_the_digit(pixai: PixAI, name: str) -> None:
    """Every value that the vendor's document shows is answered."""
    documented_task = json.loads((FIXTURES / name).read_text("utf-8"))

    task = (await pixai.data(TASK, id=documented_task["id"]))["task"]

    assert without_elided(task) == without_elided(documented_task)
    assert list(task) == list(documented_task)
    assert isinstance(task["outputs"]["detailParameters"], dict)


async def test_media_has_the_documented_shape(pixai: PixAI) -> None:
    """The three variants in the document's order, each with a URL."""
    shown = json.loads((FIXTURES / "pixai_media.json").read_text("utf-8"))

    status, body = await pixai.post(MEDIA, id=BATCH)

    assert status == 200
    assert shape(body) == shape(shown)
    assert [one["variant"] for one in body["data"]["media"]["urls"]] == [
        "PUBLIC",
        "THUMBNAIL",
        "STILL_THUMBNAIL",
    ]


async def test_the_documented_batch_query_is_refused(pixai: PixAI) -> None:
    """It repeats `media` without aliases: fields conflict, as on every real server."""
    status, body = await pixai.post((FIXTURES / "pixai_batch_query.graphql").read_text("utf-8"))

    assert (status, list(body)) == (400, ["errors"])
    assert body["errors"][0]["message"].startswith(
        "Fields 'media' conflict because they have differing arguments"
    )
    assert body["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_aliases_answer_many_ids_at_once(pixai: PixAI) -> None:
    """400 aliases in one document; an unknown id is null without an error."""
    keys = [*vendor_examples.BATCH_MEDIA, "1"] * 80
    arguments = ", ".join(f"$k{index}: String!" for index in range(len(keys)))
    fields = " ".join(f"m{index}: media(id: $k{index}) {{ id }}" for index in range(len(keys)))
    variables = {f"k{index}": key for index, key in enumerate(keys)}

    data = await pixai.data(f"query({arguments}) {{ {fields} }}", **variables)

    assert data == {f"m{index}": None if key == "1" else {"id": key} for index, key in enumerate(keys)}
    assert pixai.upstream.requests == {"POST /graphql": 1}


@pytest.mark.parametrize(
    "query",
    [
        "query($id: String!) { task(id: $id) { id } }",
        "query($id: ID!) { media(id: $id) { id } }",
        '{ media(id: "1") { id fileSize } }',
        '{ media(id: "1") }',
    ],
)
async def test_what_does_not_fit_the_schema_is_a_400_without_data(pixai: PixAI, query: str) -> None:
    """`task` takes ID!, `media` takes String!, and neither takes the other."""
    status, body = await pixai.post(query, id="1")

    assert (status, list(body)) == (400, ["errors"])
    assert {one["extensions"]["code"] for one in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{ media(id: "}, "GRAPHQL_PARSE_FAILED"),
        ({"query": MEDIA, "variables": {}}, "BAD_USER_INPUT"),
        ({"query": MEDIA, "variables": [1]}, "BAD_REQUEST"),
        ({"query": "{ me { id } }", "operationName": "other"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "subscription { personalEvents { taskUpdated { id } } }"}, "BAD_REQUEST"),
        ({"query": ""}, "BAD_REQUEST"),
        ({}, "BAD_REQUEST"),
        ([{"query": "{ me { id } }"}], "BAD_REQUEST"),
    ],
)
async def test_bad_bodies_are_400s_without_data(pixai: PixAI, body: object, code: str) -> None:
    """Array batches too: they are off."""
    async with pixai.session.post("/graphql", json=body) as answer:
        said = await answer.json()

    assert (answer.status, list(said)) == (400, ["errors"])
    assert said["errors"][0]["extensions"] == {"code": code}


async def test_persisted_queries_are_never_found(pixai: PixAI) -> None:
    """A hash alone asks the client to send the text."""
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}

    async with pixai.session.post("/graphql", json=body) as answer:
        said = await answer.json()

    code = {"code": "PERSISTED_QUERY_NOT_FOUND"}
    assert (answer.status, said) == (
        200,
        {"errors": [{"message": "PersistedQueryNotFound", "extensions": code}]},
    )


@pytest.mark.parametrize(("kind", "data"), [("text/plain", "{}"), ("application/json", "{")])
async def test_a_post_must_be_json(pixai: PixAI, kind: str, data: str) -> None:
    """Another content type is blocked as possible cross-site forgery."""
    async with pixai.session.post("/graphql", data=data, headers={"Content-Type": kind}) as answer:
        said = await answer.json()

    assert answer.status == 400
    assert said["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 403, {"message": "Forbidden", "code": "FORBIDDEN"}),
        ({"Authorization": "Basic YTpi"}, 403, {"message": "Forbidden", "code": "FORBIDDEN"}),
        ({"Authorization": "Bearer nonsense"}, 401, {"message": "Invalid API key", "code": "UNAUTHORIZED"}),
    ],
)
async def test_the_key_is_checked(box: Sandbox, headers: dict[str, str], status: int, body: object) -> None:
    """The error stands at the top level, with neither `errors` nor `data`."""
    async with ClientSession(box.pixai.url, headers=headers) as session:
        async with session.post("/graphql", json={"query": "{ me { id } }"}) as answer:
            graph = (answer.status, await answer.json())
        async with session.get(f"/v1/media/{BATCH}") as answer:
            rest = (answer.status, await answer.json())

    assert graph == (status, body)
    assert rest == (status, body)


@pytest.mark.parametrize("key", ['"', "}", "\n", "../x", "%2F", " ", "🦊", "x" * 10_000, ""])
async def test_odd_ids_are_nobodys(pixai: PixAI, key: str) -> None:
    """Any text may be asked for; it is null."""
    query = "query($t: ID!, $m: String!) { task(id: $t) { id } media(id: $m) { id } }"

    assert await pixai.data(query, t=key, m=key) == {"task": None, "media": None}
