"""Errors reach the client with a code, at their field, and nothing else of the server."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult

from loaders.account import Account
from loaders.errors import (
    BadInput,
    Forbidden,
    InvalidId,
    LimitExceeded,
    NotConfigured,
    Throttled,
    TriptychError,
)
from loaders.ids import Kind, parse
from loaders.records import Provider, TaskRecord, TaskStatus
from schema import schema
from schema.enums import ErrorCode
from schema.errors import SourceErrorType, to_graphql
from schema.graph import build
from tests.canned import Canned, canned_context

TASK = TaskRecord(
    id="task:pixai:1",
    provider=Provider.PIXAI,
    provider_id="1",
    key="1",
    status=TaskStatus.RUNNING,
    provider_status="running",
    is_terminal=False,
)
SECRET = "sk-1234567890abcdefghijklmnopqrstuv"
URL = f"https://cdn.example.org/a.png?Signature={SECRET}"


async def ask(document: str, *accounts: Account, **variables: object) -> dict[str, Any]:
    """The answer as a transport would write it."""
    result = await schema.execute(
        document, variable_values=variables, context_value=canned_context(*accounts)
    )
    return written(result)


async def ask_stream(document: str) -> list[dict[str, Any]]:
    """The same, of each result of a stream."""
    stream = await schema.stream(document, context_value=canned_context())
    return [written(result) async for result in stream if isinstance(result, ExecutionResult)]


def written(result: ExecutionResult) -> dict[str, Any]:
    """`data`, and `errors` in the protocol's form."""
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


def holding(outcome: TaskRecord | Exception) -> Canned:
    """PixAI, with this behind the task 1."""
    return Canned(tasks={"1": outcome})


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


@pytest.mark.parametrize(
    "bug",
    [
        RuntimeError(f"lost {URL} with Bearer {SECRET}"),
        GraphQLError(f"unforeseen {SECRET}"),
        KeyError(SECRET),
    ],
    ids=lambda bug: type(bug).__name__,
)
async def test_a_bug_is_logged_once_and_not_told(caplog: pytest.LogCaptureFixture, bug: Exception) -> None:
    """The client learns that it is our fault; the log has the whole trace, without keys and signed URLs."""
    answer = await ask('{ task(id: "pixai:1") { id } }', holding(bug))

    assert answer == {
        "data": {"task": None},
        "errors": [
            {
                "message": "Internal error",
                "path": ["task"],
                "locations": [{"line": 1, "column": 3}],
                "extensions": {"code": "INTERNAL"},
            }
        ],
    }
    assert [(record.levelno, record.name) for record in caplog.records] == [(logging.ERROR, "schema.errors")]
    assert "A bug at task:\nTraceback" in caplog.text
    assert type(bug).__name__ in caplog.text
    assert "in get" in caplog.text
    assert SECRET not in caplog.text
    assert "Signature" not in caplog.text


async def test_a_bug_in_many_places_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each field is told; the log has one trace for the cause, and says where and how often."""
    document = '{ a: task(id: "pixai:1") { id } tasksById(ids: ["pixai:1", "pixai:1", "pixai:1"]) { id } }'

    answer = await ask(document, holding(RuntimeError("lost")))

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "INTERNAL"}] * 4
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == [
        "A bug at tasksById.* (3 times), a:"
    ]
    assert caplog.text.count("Traceback") == 1


async def test_a_record_that_does_not_fit_is_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    """A value that GraphQL cannot write is our fault, though GraphQL words it as a complaint."""
    answer = await ask('{ task(id: "task:pixai:1") { id progress } }', holding(replace(TASK, progress=2**40)))

    assert answer["data"] == {"task": {"id": "task:pixai:1", "progress": None}}
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "INTERNAL"}]
    assert len(caplog.records) == 1


async def test_a_streams_errors_have_codes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What breaks inside a subscription is masked like anything else, and logged once."""

    def refusal(*_args: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("resolvers.tasks.write.refusal", refusal)

    results = await ask_stream('subscription { taskUpdated(id: "task:pixai:1") { taskId } }')

    assert [(error["message"], error["extensions"]) for result in results for error in result["errors"]] == [
        ("Internal error", {"code": "INTERNAL"})
    ]
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("error", "told", "is_logged"),
    [
        (LimitExceeded("too deep"), ("too deep", {"code": "LIMIT_EXCEEDED"}), False),
        (RuntimeError(SECRET), ("Internal error", {"code": "INTERNAL"}), True),
    ],
)
async def test_an_extensions_error_has_a_code(
    caplog: pytest.LogCaptureFixture, error: Exception, told: object, is_logged: bool
) -> None:
    """A server's own extension may refuse an operation, or break, like any resolver."""

    class Refusing(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            yield
            raise error

    result = await build(Refusing).execute("{ __typename }", context_value=canned_context())

    assert [(found.message, found.extensions) for found in result.errors or ()] == [told]
    assert len(caplog.records) == is_logged
    assert SECRET not in caplog.text


def test_an_error_can_be_shown_as_data() -> None:
    """A source's error with all it knows; an input error without a provider."""
    refused = NotConfigured("PixAI is not configured here", provider=Provider.PIXAI)
    with pytest.raises(InvalidId) as malformed:
        parse("?", Kind.TASK)

    assert to_graphql(refused) == SourceErrorType(
        code=ErrorCode.PROVIDER_NOT_CONFIGURED,
        message="PixAI is not configured here",
        provider=Provider.PIXAI,
        retryable=False,
        retry_after=None,
        upstream_status=None,
    )
    assert to_graphql(malformed.value) == SourceErrorType(
        code=ErrorCode.INVALID_ID,
        message=malformed.value.message,
        provider=None,
        retryable=False,
        retry_after=None,
        upstream_status=None,
    )
