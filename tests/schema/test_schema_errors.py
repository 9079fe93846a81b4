"""Errors reach the client with a code, at their field, and nothing else of the server."""

import pytest

from loaders.errors import (
    BadInput,
    Forbidden,
    InvalidId,
    Throttled,
    TriptychError,
)
from loaders.records import Provider
from tests.schema.error_answers import TASK, ask, ask_stream, holding


async def test_a_source_that_fails_costs_its_own_field() -> None:
    """The error is at the field, says everything a client needs, and the siblings are whole."""
    throttled = Throttled(
        "PixAI asks for fewer requests", provider=Provider.PIXAI, retry_after=1.5, upstream_status=429
    )
    document = '{\n  failed: task(id: "task:pixai:1") { id }\n  absent: task(id: "task:pixai:2") { id }\n}'

    answer = await ask(document, holding(throttled))

    assert answer == {
        "data": {"failed": None, "absent": None},
        "errors": [
            {
                "message": "PixAI asks for fewer requests",
                "path": ["failed"],
                "locations": [{"line": 2, "column": 3}],
                "extensions": {
                    "code": "UPSTREAM_THROTTLED",
                    "provider": "PIXAI",
                    "retryable": True,
                    "retryAfter": 1.5,
                    "upstreamStatus": 429,
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidId("no id"), "INVALID_ID"),
        (BadInput("no"), "BAD_USER_INPUT"),
        (Forbidden("not you"), "FORBIDDEN"),
    ],
)
async def test_an_input_error_has_its_code_alone(error: TriptychError, code: str) -> None:
    """There is no provider behind it."""
    answer = await ask('{ task(id: "pixai:1") { id } }', holding(error))

    assert [(found["message"], found["extensions"]) for found in answer["errors"]] == [
        (error.message, {"code": code})
    ]


async def test_an_error_in_a_list_costs_its_own_item() -> None:
    """Absence is null; an id that is none, or that its source fails, is the error of its item."""
    answer = await ask('{ tasksById(ids: ["task:pixai:1", "?", "task:pixai:2"]) { id } }', holding(TASK))

    assert answer == {
        "data": {"tasksById": [{"id": "task:pixai:1"}, None, None]},
        "errors": [
            {
                "message": "Invalid id '?': expected task:<pixai|meshy|midjourney>:<key>",
                "path": ["tasksById", 1],
                "locations": [{"line": 1, "column": 3}],
                "extensions": {"code": "INVALID_ID"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ task(id: \u0000) }", "GRAPHQL_PARSE_FAILED"),
        ("{ a" * 20_000, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ],
    ids=["unfinished", "control", "deep", "unknown"],
)
async def test_a_document_that_is_none(document: str, code: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is refused with the protocol's code, over a stream too, and is nothing for the log."""
    answer = await ask(document)
    streamed = await ask_stream(document)

    assert (answer["data"], [error["extensions"] for error in answer["errors"]]) == (None, [{"code": code}])
    assert streamed == [answer]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($id: ID!) { task(id: $id) { id } }", {}),
        ("query ($id: ID!) { task(id: $id) { id } }", {"id": None}),
        ("query ($id: ID!) { task(id: $id) { id } }", {"id": 1.5}),
        ("query ($n: Int) { tasks(first: $n) { totalCount } }", {"n": 3283868009760115}),
        ("query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": {"createdAfter": "yesterday"}}),
        ("query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": {"createdAfter": 5}}),
        ("query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": {"providers": ["DALLE"]}}),
        ("mutation ($i: CreateTaskInput!) { createTask(input: $i) { taskId } }", {"i": {}}),
        (
            "mutation ($i: CreateTaskInput!) { createTask(input: $i) { taskId } }",
            {"i": {"pixai": {"prompt": "a"}, "midjourneyDescribe": {"image": "b"}}},
        ),
        (
            "mutation ($i: CreateTaskInput!) { createTask(input: $i) { taskId } }",
            {"i": {"pixai": {"prompt": "a", "seed": 1e20}}},
        ),
        ("mutation ($f: Upload!) { uploadMedia(file: $f) { mediaId } }", {"f": "text"}),
        (
            'query ($v: MediaVariant = PUBLIC) { media(id: "x") { url(variant: $v) } }',
            {"v": "HUGE"},
        ),
    ],
)
async def test_a_value_that_cannot_be(
    document: str, variables: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    """A variable of the wrong kind is the client's fault, said so, and is nothing for the log."""
    answer = await ask(document, **variables)

    assert answer["data"] is None
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_USER_INPUT"}]
    assert caplog.records == []


async def test_an_argument_that_turns_out_null(caplog: pytest.LogCaptureFixture) -> None:
    """A nullable variable may stand where a default is, until null is sent: its field alone is at fault."""
    document = "mutation ($f: Upload!, $p: Provider) { uploadMedia(file: $f, provider: $p) { mediaId } }"

    answer = await ask(document, f=object(), p=None)

    assert answer["data"] == {"uploadMedia": None}
    assert [(error["path"], error["extensions"]) for error in answer["errors"]] == [
        (["uploadMedia"], {"code": "BAD_USER_INPUT"})
    ]
    assert caplog.records == []
