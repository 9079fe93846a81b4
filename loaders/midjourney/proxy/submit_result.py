"""What a submit was answered: accepted, with its task's id, or refused, which is an error.

    {"code": 1,  "result": "173…", …}                        accepted; 22: behind others in the queue
    {"code": 21, "result": "173…", "properties": {…}}        waits for submit/modal, or was there already
    {"code": 3 | 4 | 9 | 23 | 24, "description": "…", …}     refused, with HTTP 200 (C#: 404 for 3)
    400 {"code": 4, "description": "quota_not_enough ", …}   refused by new-api's relay
    400 {"code": 5, "description": "do_request_failed ", …}  the relay does not know, and nobody else does
    404                                                      this server has no such route
    200 <!doctype html>…                                     new-api, of every route that it does not have
Descriptions are in the server's language, and are not read; the relay's own are words, the same in each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders import coerce
from loaders.errors import (
    ErrorCode,
    NotSupported,
    OutcomeUnknown,
    OutOfCredit,
    Rejected,
    SourceError,
    Throttled,
    from_status,
)
from loaders.http import Answer, malformed
from loaders.records import Provider

ACCEPTED, QUEUED = 1, 22
EXISTS = 21
NOT_FOUND, INVALID, UNKNOWN, FAILURE = 3, 4, 5, 9
QUEUE_FULL, BANNED_PROMPT, SATURATED = 23, 24, 30

LONGEST_KEY = 255  # characters; real ones have 16

_NO_QUOTA = "quota_not_enough"
# the relay says code 4 of these, too, when midjourney-proxy has answered it
_TOO_LATE = frozenset(
    {
        "insert_midjourney_task_failed",
        "copy_response_body_failed",
        "close_response_body_failed",
        "unmarshal_response_body_failed",
    }
)
_REJECTED = {
    INVALID: "Midjourney rejected a parameter of the request",
    EXISTS: "Midjourney has this task already, and does not say which it is",
    BANNED_PROMPT: "Midjourney does not allow this prompt",
}
_THROTTLED = {
    QUEUE_FULL: "Midjourney's queue is full",
    SATURATED: "Midjourney's relay has no channel free",
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submit that was accepted.

    key: the task's; None where the answer has none. awaits_confirmation: the task is a window that waits for
    submit/modal.
    """

    key: str | None
    awaits_confirmation: bool = False


class SubmitFailed(SourceError):
    """midjourney-proxy is there, and could not submit: it has no account, or Discord failed it.

    Nothing was started. No pause of everybody else's calls would help.
    """

    code = ErrorCode.UPSTREAM_FAULT
    is_retryable = True


def read(answer: Answer, *, names_task: bool = False) -> Submitted:
    """The submit's task. Raises SourceError; OutcomeUnknown and Malformed where it may have been accepted.

    names_task: whether the request names a task, so that code 3 may mean that one.
    """
    fields = answer.fields()
    code = coerce.integer(fields.get("code"))
    if answer.error is None and code in {ACCEPTED, QUEUED, EXISTS}:
        key = _key(fields.get("result"))
        if code != EXISTS or key is not None:
            return Submitted(key, code == EXISTS and "status" not in coerce.mapping(fields.get("properties")))
    raise _refusal(fields, code, answer, names_task=names_task)


def check_cancelled(answer: Answer) -> None:
    """An empty answer says that it is done; so does code 1. Raises SourceError."""
    if answer.error is None and answer.body.lstrip().startswith(b"<"):
        raise _no_route(answer)
    if answer.error is not None or not answer.is_empty:
        read(answer, names_task=True)


def _key(result: object) -> str | None:
    """Text, a bare number, or a list of one: "173…", 173…, ["173…"]. None for what can be no task's."""
    key = coerce.text(next(iter(result), None) if isinstance(result, list) else result)
    return key if key is not None and len(key) <= LONGEST_KEY else None


def _refusal(fields: Mapping[str, Any], code: int | None, answer: Answer, *, names_task: bool) -> SourceError:
    status = answer.status
    if status == 404 and code is None:
        return _no_route(answer)
    if 300 <= status < 400 or status >= 500:
        assert answer.error is not None
        return answer.error
    return (
        (None if code is None else _of_code(code, fields, status, names_task=names_task))
        or answer.error
        or (_of_envelope(code) if fields.get("success") is False else None)
        or malformed(Provider.MIDJOURNEY, "an answer that does not say whether the request was accepted")
    )


def _of_code(code: int, fields: Mapping[str, Any], status: int, *, names_task: bool) -> SourceError | None:
    kind: type[SourceError]
    word = coerce.word(fields.get("description")).strip()
    if code == INVALID and word == _NO_QUOTA:
        kind, said = OutOfCredit, "Midjourney's relay has no quota left for this key"
    elif code == UNKNOWN or (code == INVALID and word in _TOO_LATE):
        kind, said = OutcomeUnknown, "Midjourney's relay does not know whether the request was carried out"
    elif code in _REJECTED:
        kind, said = Rejected, _REJECTED[code]
    elif code in _THROTTLED:
        kind, said = Throttled, _THROTTLED[code]
    elif code == NOT_FOUND and names_task:
        kind, said = Rejected, "Midjourney does not know the task any more, or has no account to run it"
    elif code == NOT_FOUND:
        kind, said = SubmitFailed, "Midjourney has no account to run the task"
    elif code == FAILURE:
        kind, said = SubmitFailed, "Midjourney failed to submit the task"
    else:
        return None
    return kind(said, provider=Provider.MIDJOURNEY, upstream_status=status)


def _of_envelope(code: int | None) -> SourceError | None:
    """C#: HTTP 200 {"success": false, "code": 401} is an error's status; 500 may have come too late."""
    return None if code is None or code >= 600 else from_status(code, provider=Provider.MIDJOURNEY)


def _no_route(answer: Answer) -> NotSupported:
    said = "This Midjourney server has no such operation"
    return NotSupported(said, provider=Provider.MIDJOURNEY, upstream_status=answer.status)
