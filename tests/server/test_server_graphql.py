"""`/graphql` over HTTP: what is answered to requests good and bad."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from multidict import CIMultiDict
from yarl import URL

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import TASKS
from server.example import EXAMPLE
from server.graphql.body import JSON, LIMITS
from tests.conftest import Client, Serve, without_ids

PROVIDERS = {"data": {"providers": [{"provider": name} for name in ("PIXAI", "MESHY", "MIDJOURNEY")]}}
QUERY = "{ providers { provider } }"
PREFLIGHT = {"graphql-preflight": "1"}


def error(message: str, code: str = "BAD_USER_INPUT") -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


async def send(
    graph: Client, method: str = "POST", path: str = "/graphql", **how: Any
) -> tuple[int, str, Any]:
    """Status, media type and body."""
    async with graph.session.request(method, URL(graph.origin + path, encoded=True), **how) as response:
        text = await response.text()
        answer = without_ids(json.loads(text) if text else None, response.headers["X-Request-Id"])
        return response.status, response.content_type, answer


@pytest.mark.parametrize(
    ("method", "how"),
    [
        ("POST", {"json": {"query": QUERY}}),
        (
            "POST",
            {
                "data": json.dumps({"query": QUERY}),
                "headers": {"content-type": "Application/JSON; charset=utf-8"},
            },
        ),
        ("POST", {"json": {"query": QUERY, "variables": None, "operationName": None, "extensions": {}}}),
        ("GET", {"params": {"query": QUERY}}),
        ("GET", {"params": {"query": QUERY, "variables": "{}"}, "headers": {"accept": "*/*"}}),
    ],
)
async def test_a_query_is_answered(graph: Client, method: str, how: dict[str, Any]) -> None:
    """By POST and by GET, as different clients write them."""
    async with graph.session.request(method, f"{graph.origin}/graphql", **how) as response:
        assert (response.status, response.content_type, await response.json()) == (
            200,
            "application/json",
            PROVIDERS,
        )


@pytest.mark.parametrize("body", [{"query": QUERY}, {"query": "{ providers { provider } } # \ufeff"}])
async def test_a_byte_order_mark_is_no_part_of_the_query(graph: Client, body: dict[str, str]) -> None:
    """Some editors and shells put one in front of what they save as UTF-8."""
    data = b"\xef\xbb\xbf" + json.dumps(body, ensure_ascii=False).encode()

    answer = await send(graph, data=data, headers={"content-type": JSON})

    assert answer == (200, JSON, PROVIDERS)


WRONG_BODIES = [
    (b"\xef\xbb\xbf", 400, "The request is not valid JSON"),
    (b"{", 400, "The request is not valid JSON"),
    (b"\xff\xfe", 400, "The request is not valid JSON"),
    (b"", 400, "The request is not valid JSON"),
    (b'{"query": "\\ud800"}', 400, "The request is not valid JSON"),
    (b"[" * 5_000, 400, "The request is not valid JSON"),
    (b"[]", 400, "Batches are not supported: send one operation per request"),
    (b'[{"query": "{ __typename }"}]', 400, "Batches are not supported: send one operation per request"),
    (b"7", 400, "Expected a JSON object with a query"),
    (b'"{ __typename }"', 400, "Expected a JSON object with a query"),
    (b"null", 400, "The request has no query"),
    (b"{}", 400, "The request has no query"),
    (b'{"query": null}', 400, "The request has no query"),
    (b'{"query": 7}', 400, "The GraphQL operation's `query` must be a string or null, if provided."),
    (
        b'{"query": "{ __typename }", "variables": [1]}',
        400,
        "The GraphQL operation's `variables` must be an object or null, if provided.",
    ),
    (
        b'{"query": "{ __typename }", "extensions": "x"}',
        400,
        "The GraphQL operation's `extensions` must be an object or null, if provided.",
    ),
    (b'{"query": "{ __typename }", "operationName": 7}', 400, "operationName must be a string or null"),
    (b'{"query": "query A { __typename }", "operationName": "B"}', 400, 'Unknown operation named "B".'),
    (
        b'{"query": "subscription { tasksUpdated(ids: []) { taskId } }"}',
        400,
        "Subscriptions need a WebSocket, or Accept: text/event-stream",
    ),
]


async def test_a_wrong_body_is_told_in_the_graphs_own_form(graph: Client) -> None:
    """JSON with a code, never text and never a 500."""
    headers = {"content-type": "application/json"}

    answers = [(body, await send(graph, data=body, headers=headers)) for body, _, _ in WRONG_BODIES]

    assert answers == [
        (body, (status, "application/json", error(message))) for body, status, message in WRONG_BODIES
    ]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/graphql"])
async def test_another_content_type_is_refused(graph: Client, kind: str) -> None:
    """Simple requests, which a page of any site may send, among them."""
    answer = await send(graph, data=json.dumps({"query": QUERY}).encode(), headers={"content-type": kind})

    assert answer == (
        415,
        "application/json",
        error("Expected Content-Type application/json, or multipart/form-data for uploads"),
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { task(id: $id) { id } }", "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize(
    ("accept", "status", "data"),
    [("application/json", 200, None), ("application/graphql-response+json, */*", 400, "none")],
)
async def test_a_wrong_document_has_a_code(
    graph: Client, document: str, code: str, accept: str, status: int, data: str | None
) -> None:
    """With the status that belongs to the media type which the client takes."""
    found, kind, answer = await send(graph, json={"query": document}, headers={"accept": accept})

    assert (found, kind, answer.get("data", "none")) == (status, accept.partition(",")[0], data)
    assert [one["extensions"] for one in answer["errors"]] == [{"code": code}]


async def test_the_newer_media_type_comes_back(graph: Client) -> None:
    """With data it is a 200; a refused request has it too."""
    headers = {"accept": "application/graphql-response+json"}

    answered = await send(graph, json={"query": QUERY}, headers=headers)
    refused = await send(graph, json=[], headers=headers)

    assert answered == (200, "application/graphql-response+json", PROVIDERS)
    assert refused[:2] == (400, "application/graphql-response+json")


async def test_get_takes_queries_only(graph: Client) -> None:
    """A mutation by GET is a 405 that says what is allowed."""
    mutation = 'mutation { deleteTask(id: "task:pixai:1") { __typename } }'

    async with graph.session.get(f"{graph.origin}/graphql", params={"query": mutation}) as response:
        answer = without_ids(await response.json(), response.headers["X-Request-Id"])
        assert (response.status, response.headers["Allow"], answer) == (
            405,
            "GET, POST, OPTIONS",
            error("mutations are not allowed when using GET"),
        )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "The request has no query"),
        ({"query": QUERY, "variables": "{"}, "The request is not valid JSON"),
        ({"query": QUERY, "variables": "[]"}, "Batches are not supported: send one operation per request"),
        ({"query": QUERY, "extensions": "7"}, "Expected a JSON object with a query"),
    ],
)
async def test_a_wrong_get_is_told_as_well(graph: Client, params: dict[str, str], message: str) -> None:
    """Without Accept, as curl sends it, there is no GraphiQL but an answer."""
    async with graph.session.get(f"{graph.origin}/graphql", params=params) as response:
        body = without_ids(await response.json(), response.headers["X-Request-Id"])
        answer = response.status, response.content_type, body

    assert answer == (400, "application/json", error(message))


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
    """Without it a page of any site could send the form; with it uploadMedia answers for itself."""
    query = "mutation ($file: Upload!) { uploadMedia(file: $file) { mediaId } }"

    def form() -> aiohttp.FormData:
        fields = aiohttp.FormData()
        fields.add_field("operations", json.dumps({"query": query, "variables": {"file": None}}))
        fields.add_field("map", json.dumps({"0": ["variables.file"]}))
        fields.add_field("0", b"\x89PNG", filename="a.png", content_type="image/png")
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
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"


WRONG_FORMS: list[dict[str, str]] = [
    {"operations": "{", "map": "{}"},
    {"operations": "[]", "map": "{}"},
    {"operations": '{"query": "{ __typename }"}', "map": '{"0": ["variables.file"]}'},
    {"operations": '{"query": "{ __typename }"}', "map": '{"0": 7}', "0": "x"},
    {
        "operations": '{"query": "{ __typename }", "variables": []}',
        "map": '{"0": ["variables.a.b.3"]}',
        "0": "x",
    },
    {},
]


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


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_beyond_the_limit_is_a_413(graph: Client, is_chunked: bool) -> None:
    """Whether or not it tells its length; the server goes on."""
    body = json.dumps({"query": QUERY, "extensions": {"x": "x" * LIMITS[JSON]}}).encode()

    async def pieces() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    answer = await send(
        graph, data=pieces() if is_chunked else io.BytesIO(body), headers={"content-type": "application/json"}
    )

    assert answer == (
        413,
        "application/json",
        error("Request body too large: expected at most 1,048,576 bytes", "PAYLOAD_TOO_LARGE"),
    )
    assert await graph.ask(QUERY) == PROVIDERS


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
    """Accept: text/event-stream, the subscription's refusal as data."""
    query = 'subscription { taskUpdated(id: "task:pixai:1") { taskId error { code } } }'
    headers = {"accept": "text/event-stream"}

    async with graph.session.post(
        f"{graph.origin}/graphql", json={"query": query}, headers=headers
    ) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        text = await response.text()

    sent = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    assert sent == [{"data": {"taskUpdated": {"taskId": "task:pixai:1", "error": {"code": "NOT_SUPPORTED"}}}}]


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
