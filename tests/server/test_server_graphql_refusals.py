"""Uploads, limits, browsers, methods and streams: what else comes to /graphql, and what it is answered."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from multidict import CIMultiDict
from yarl import URL

from resolvers.context import Role
from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import TASKS
from server.access.tokens import Token
from server.example import EXAMPLE
from server.graphql.body import JSON, LIMITS
from tests.conftest import Client, Serve, without_ids
from tests.server.graphql_requests import PREFLIGHT, PROVIDERS, QUERY, WRONG_FORMS, error, send


async def test_integers_of_any_length_arrive_to_the_digit(graph: Client) -> None:
    """In a variable, beyond what a double and 64 bits hold; and a seed in an answer."""
    huge = 123456789012345678901234567890
    task = f"task:pixai:{TASKS['outputs.seed over 64 bits']}"

    asked = await graph.ask("query ($id: ID!) { task(id: $id) { id } }", id=huge)
    answered = await graph.data("query ($id: ID!) { task(id: $id) { seeds { value } } }", id=task)

    assert asked["errors"][0]["extensions"] == {"code": "INVALID_ID"}
    assert str(huge) in asked["errors"][0]["message"]
    assert answered["task"]["seeds"] == [{"value": str(huge)}]


async def test_uploads_need_a_header_that_browsers_ask_for(graph: Client) -> None:
    """Without it a page of any site could send the form; with it the file is looked at."""
    query = "mutation ($file: Upload!) { uploadMedia(file: $file) { mediaId } }"

    def form() -> aiohttp.FormData:
        fields = aiohttp.FormData()
        fields.add_field("operations", json.dumps({"query": query, "variables": {"file": None}}))
        fields.add_field("map", json.dumps({"0": ["variables.file"]}))
        fields.add_field("0", b"<svg>", filename="a.png", content_type="image/png")
        return fields

    refused = await send(graph, data=form())
    status, _, answer = await send(graph, data=form(), headers=PREFLIGHT)

    assert refused == (
        403,
        "application/json",
        error(
            "Possible cross-site request: send one of the headers x-apollo-operation-name, "
            "apollo-require-preflight, graphql-preflight",
            "FORBIDDEN",
        ),
    )
    assert status == 200
    assert answer["data"] == {"uploadMedia": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_form_that_does_not_fit_together_is_a_400(graph: Client) -> None:
    """Never a 500."""
    for fields in WRONG_FORMS:
        with aiohttp.MultipartWriter("form-data") as form:
            for name, text in fields.items():
                disposition = {"Content-Disposition": f'form-data; name="{name}"'}
                form.append(text, CIMultiDict(disposition))
            status, kind, answer = await send(graph, data=form, headers=PREFLIGHT)

        found = (status, kind, answer["errors"][0]["extensions"]["code"])
        assert (fields, found) == (fields, (400, "application/json", "BAD_USER_INPUT"))


async def test_a_broken_form_is_a_400(graph: Client) -> None:
    """A body that is no form at all, and one without a boundary."""
    for kind in "multipart/form-data; boundary=x", "multipart/form-data":
        status, media_type, answer = await send(
            graph, data=b"not a form", headers={"content-type": kind, **PREFLIGHT}
        )
        assert (status, media_type, answer["errors"][0]["extensions"]) == (
            400,
            "application/json",
            {"code": "BAD_USER_INPUT"},
        )


READER = {"tokens": (Token("ben", Role.READ, sha256(b"secret").hexdigest()),)}


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("given", [READER, {"body_bytes": LIMITS[JSON]}])
async def test_a_body_beyond_the_limit_is_a_413(
    serve: Serve, is_chunked: bool, given: dict[str, Any]
) -> None:
    """Whether or not it tells its length; the server goes on."""
    body = json.dumps({"query": QUERY, "extensions": {"x": "x" * LIMITS[JSON]}}).encode()

    async def pieces() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    async with serve(**given) as graph:
        graph.session.headers["Authorization"] = "Bearer secret"
        answer = await send(
            graph,
            data=pieces() if is_chunked else io.BytesIO(body),
            headers={"content-type": "application/json"},
        )
        found = await graph.ask(QUERY)

    assert answer == (
        413,
        "application/json",
        error("Request body too large: expected at most 1,048,576 bytes", "PAYLOAD_TOO_LARGE"),
    )
    assert found == PROVIDERS


async def test_a_large_body_is_large_for_its_texts(graph: Client) -> None:
    """Pictures in base64 pass; millions of small values would be parsed for seconds."""
    headers = {"content-type": "application/json"}
    text = json.dumps({"query": QUERY, "extensions": {"x": "x" * LIMITS[JSON]}}).encode()
    values = json.dumps({"query": QUERY, "extensions": {"x": [[]] * 300_000}}).encode()

    passed = await send(graph, data=io.BytesIO(text), headers=headers)
    refused = await send(graph, data=io.BytesIO(values), headers=headers)

    assert passed == (200, "application/json", PROVIDERS)
    assert refused == (
        413,
        "application/json",
        error("Request body too large: it has more than 20,000 values", "PAYLOAD_TOO_LARGE"),
    )


async def test_browsers_get_graphiql_opened_on_the_example(graph: Client) -> None:
    """By a redirect to `?q=`, which the page reads; + would stay a plus there."""
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    address = f"{graph.origin}/graphql"

    async with graph.session.get(address, headers=headers, allow_redirects=False) as response:
        location = response.headers["Location"]
        assert response.status == 302
    async with graph.session.get(URL(graph.origin + location, encoded=True), headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "GraphiQL" in await response.text()

    assert "+" not in location
    assert parse_qs(urlsplit(location).query) == {"q": [EXAMPLE]}


async def test_the_example_is_answered_by_the_sandbox(graph: Client, box: Sandbox) -> None:
    """Whole, in one call."""
    task = (await graph.data(EXAMPLE))["task"]

    assert (task["status"], len(task["media"])) == ("SUCCEEDED", len(vendor_examples.BATCH_MEDIA))
    assert all(one["seed"]["value"].isdecimal() for one in task["media"])
    assert box.pixai.requests["POST /graphql"] <= 2


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        ("OPTIONS", 204, None),
        ("HEAD", 405, None),
        ("PUT", 405, error("GraphQL only supports GET and POST requests.")),
        ("DELETE", 405, error("GraphQL only supports GET and POST requests.")),
    ],
)
async def test_other_methods_are_told_what_is_allowed(
    graph: Client, method: str, status: int, body: object
) -> None:
    """With Allow, and a body where there may be one."""
    async with graph.session.request(method, f"{graph.origin}/graphql") as response:
        text = await response.text()
        assert (response.status, response.headers["Allow"]) == (status, "GET, POST, OPTIONS")
        answer = without_ids(json.loads(text) if text else None, response.headers["X-Request-Id"])
        assert answer == body


async def test_an_unknown_path_is_a_404_in_json(graph: Client) -> None:
    """In the same form as all errors."""
    for path in "/nothing", "/graphql/x", "/healthz/x", "/%2e%2e/etc/passwd", "/%00":
        assert await send(graph, "GET", path) == (
            404,
            "application/json",
            error("Nothing is served at this path", "NOT_FOUND"),
        )


async def test_a_stream_of_events_is_answered(graph: Client) -> None:
    """Accept: text/event-stream; what is wrong with an id is data."""
    query = 'subscription { taskUpdated(id: "task:none:1") { taskId error { code } } }'
    headers = {"accept": "text/event-stream"}

    async with graph.session.post(
        f"{graph.origin}/graphql", json={"query": query}, headers=headers
    ) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        text = await response.text()

    sent = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    assert sent == [{"data": {"taskUpdated": {"taskId": "task:none:1", "error": {"code": "INVALID_ID"}}}}]


async def test_a_bug_is_an_error_in_json_and_logged_without_secrets(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Outside the graph as well: nobody gets a traceback."""

    async def broken(*_: object) -> None:
        raise RuntimeError("see https://pictures.example/a.png?Signature=abc")

    monkeypatch.setattr("server.health.Health.ready", broken)
    async with serve() as graph:
        answer = await send(graph, "GET", "/readyz")

    assert answer == (500, "application/json", error("Internal error", "INTERNAL"))
    assert "RuntimeError" in caplog.text
    assert "Signature" not in caplog.text
