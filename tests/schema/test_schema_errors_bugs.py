"""A bug is logged once, in the log alone; streams and extensions have codes, too."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from loaders.errors import (
    InvalidId,
    LimitExceeded,
    NotConfigured,
)
from loaders.ids import Kind, parse
from loaders.records import Provider
from schema.enums import ErrorCode
from schema.errors import SourceErrorType, to_graphql
from schema.graph import build
from tests.canned import canned_context
from tests.schema.error_answers import SECRET, TASK, URL, ask, ask_stream, holding


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

    monkeypatch.setattr("resolvers.tasks.watch._join", refusal)

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
    refused = NotConfigured("PixAI is not configured", provider=Provider.PIXAI)
    with pytest.raises(InvalidId) as malformed:
        parse("?", Kind.TASK)

    assert to_graphql(refused) == SourceErrorType(
        code=ErrorCode.PROVIDER_NOT_CONFIGURED,
        message="PixAI is not configured",
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
