"""Where errors become GraphQL, and the only place where they do.

TriptychError                        its message, `extensions` of its code
the document cannot be read          GRAPHQL_PARSE_FAILED
it does not fit the schema           GRAPHQL_VALIDATION_FAILED
a variable or argument cannot be     BAD_USER_INPUT
anything else                        a bug: INTERNAL to the client; logged once for each operation and cause

An answer has at most 100 errors; one more says how many were left out.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any, Self

import strawberry
from graphql import ExecutionResult, FieldNode, GraphQLError
from strawberry.exceptions import MissingQueryError, StrawberryInputCoercionError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import StreamExecutionResult

from loaders import errors
from loaders.errors import TriptychError
from schema.enums import ErrorCode, Provider
from schema.redact import redacted

log = logging.getLogger(__name__)

MOST = 100  # errors of one answer
SHAPES = 5  # places of one bug that the log names

# raised to the transport, which answers them itself
_FOR_THE_TRANSPORT = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)


@strawberry.type(
    name="SourceError",
    description="Why a provider did not answer: what `errors[].extensions` would say, as data.",
)
class SourceErrorType:
    """An error of ours as data, through `to_graphql`."""

    code: ErrorCode = strawberry.field(description="What went wrong, named by what can be done next.")
    message: str = strawberry.field(description="The error in English, for people. Do not parse it.")
    provider: Provider | None = strawberry.field(
        description="The provider concerned; null where the request itself is at fault."
    )
    retryable: bool = strawberry.field(description="Whether the same request may succeed later.")
    retry_after: float | None = strawberry.field(
        description="Seconds to wait before a retry; null where the provider did not say."
    )
    upstream_status: int | None = strawberry.field(
        description="The HTTP status that the provider answered with; null where there was no answer."
    )


def to_graphql(error: TriptychError) -> SourceErrorType:
    """An error as data. No view like the rest: GraphQL raises an exception that it meets as a value."""
    return SourceErrorType(
        code=error.code,
        message=error.message,
        provider=getattr(error, "provider", None),
        retryable=getattr(error, "retryable", False),
        retry_after=getattr(error, "retry_after", None),
        upstream_status=getattr(error, "upstream_status", None),
    )


def extensions_of(error: TriptychError) -> dict[str, object]:
    """`errors[].extensions`: for a source's error everything a client needs to decide, else its code."""
    if not isinstance(error, errors.SourceError):
        return {"code": error.code.value}
    return {
        "code": error.code.value,
        "provider": error.provider.value,
        "retryable": error.retryable,
        "retryAfter": error.retry_after,
        "upstreamStatus": error.upstream_status,
    }


class ErrorCodes(SchemaExtension):
    """Gives every error of a result its code; path and locations stay."""

    def __init__(self) -> None:
        self._is_executing = False
        self._is_stream = False

    @classmethod
    def rewrite_executed(cls, result: ExecutionResult) -> None:
        """The same for a result of a valid document that no Strawberry schema has executed."""
        cls._executing()._rewrite(result)

    @classmethod
    def thrown_executing(cls, error: Exception) -> GraphQLError:
        """What stands for an exception that ended the execution."""
        return cls._executing()._thrown(error)

    @classmethod
    def _executing(cls) -> Self:
        codes = cls()
        codes._is_executing = True
        return codes

    def _thrown(self, error: Exception) -> GraphQLError:
        thrown = error if isinstance(error, GraphQLError) else _wrapped(error)
        _log_bugs([thrown] if self._is_bug(thrown) else [])
        return self._coded(thrown)

    def on_operation(self) -> Iterator[None]:
        """After the operation, before its result is sent."""
        try:
            yield
        except _FOR_THE_TRANSPORT:
            raise
        except Exception as error:
            # thrown by another extension's hook: there is no result to rewrite
            raise self._thrown(error) from None
        if not self._is_stream:
            self._rewrite(self.execution_context.result)

    def on_execute(self) -> Iterator[None]:
        """From here on the document is valid."""
        self._is_executing = True
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Before each result of a stream is sent."""
        self._is_stream = True
        self._rewrite(result)
        for name in "incremental", "completed":  # the parts of @defer and @stream
            for part in getattr(result, name, None) or ():
                self._rewrite(part)
        yield

    def _rewrite(self, result: Any) -> None:  # of several classes of two libraries, which share `errors`
        found = getattr(result, "errors", None)
        if not found:
            return
        _log_bugs([error for error in found if self._is_bug(error)])
        if len(found) > MOST:
            # the same ones every time, whatever failed first
            found = sorted(found, key=_place)
        result.errors = [self._coded(error) for error in found[:MOST]]
        if len(found) > MOST:
            result.errors.append(_left_out(len(found) - MOST))

    def _is_bug(self, error: GraphQLError) -> bool:
        if not self._is_executing or (error.extensions and "code" in error.extensions):
            return False
        cause = _cause(error)
        return not isinstance(cause, TriptychError) and not (cause is None and _is_from_input(error))

    def _coded(self, error: GraphQLError) -> GraphQLError:
        if error.extensions and "code" in error.extensions:
            return error
        cause = _cause(error)
        if isinstance(cause, TriptychError):
            return _replaced(error, cause.message, extensions_of(cause), cause)
        if not self._is_executing:
            is_parsed = self.execution_context.graphql_document is not None
            code = "GRAPHQL_VALIDATION_FAILED" if is_parsed else "GRAPHQL_PARSE_FAILED"
            message = (
                "The document is nested too deeply" if isinstance(cause, RecursionError) else error.message
            )
            return _replaced(error, message, {"code": code})
        if not self._is_bug(error):
            return _replaced(error, error.message, {"code": ErrorCode.BAD_USER_INPUT.value})
        return _replaced(error, "Internal error", {"code": ErrorCode.INTERNAL.value})


def _log_bugs(errors: list[GraphQLError]) -> None:
    """Each cause once: errors that were raised at the same place have the same."""
    by_cause: dict[object, list[GraphQLError]] = {}
    for error in errors:
        by_cause.setdefault(_raised_at(_cause(error) or error), []).append(error)
    for same in by_cause.values():
        # tasksById.0.media.1.url, tasksById.7.media.0.url -> tasksById.*.media.*.url (2 times)
        paths = Counter(_shape(error) if len(same) > 1 else _path(error) for error in same)
        where = ", ".join(
            f"{path} ({number} times)" if number > 1 else path for path, number in paths.most_common(SHAPES)
        )
        more = "" if len(paths) <= SHAPES else f" and {len(paths) - SHAPES} other places"
        log.error("A bug at %s%s:\n%s", where, more, redacted(_cause(same[0]) or same[0]))


def _raised_at(error: BaseException) -> object:
    frame = error.__traceback__
    if frame is None:
        return type(error), str(error)
    while frame.tb_next is not None:
        frame = frame.tb_next
    return type(error), frame.tb_frame.f_code, frame.tb_lineno


def _path(error: GraphQLError) -> str:
    return ".".join(map(str, error.path or ())) or "the operation"


def _shape(error: GraphQLError) -> str:
    return ".".join("*" if isinstance(key, int) else key for key in error.path or ()) or "the operation"


def _place(error: GraphQLError) -> list[tuple[bool, int, str]]:
    return [
        (False, key, "") if isinstance(key, int) else (True, 0, key) for key in error.path or ()
    ]  # names and numbers never meet: both belong to one kind of value


def _left_out(number: int) -> GraphQLError:
    return GraphQLError(
        f"{number:,} more errors are left out",
        extensions={"code": ErrorCode.LIMIT_EXCEEDED.value, "omitted": number},
    )


def _wrapped(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _cause(error: GraphQLError) -> Exception | None:
    """What was really raised; None where GraphQL itself complains."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _is_from_input(error: GraphQLError) -> bool:
    """Whether GraphQL complains about a value that came in, not about one that a resolver gave.

    It points at the variable or the argument then, otherwise at the field.
    """
    if isinstance(error, StrawberryInputCoercionError) or error.path is None:
        return True
    if isinstance(error.original_error, StrawberryInputCoercionError):
        return True
    return not any(isinstance(node, FieldNode) for node in error.nodes or ())


def _replaced(
    error: GraphQLError, message: str, extensions: dict[str, object], cause: Exception | None = None
) -> GraphQLError:
    coded = GraphQLError(
        message, nodes=error.nodes, path=error.path, original_error=cause, extensions=extensions
    )
    coded.locations = error.locations
    return coded
