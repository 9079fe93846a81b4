"""What midjourney-proxy's answers to a write mean, and what is known where there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loaders import errors
from loaders.creations import ButtonPress
from loaders.credentials import Credential
from loaders.errors import ErrorCode, SourceError
from loaders.midjourney import normalise
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.writes import MidjourneyWrites
from tests.loaders.canned_server import Handler, answering, hang, reset
from tests.loaders.midjourney_writing import GRID, HERON, U1, WINDOW, writing

URL = "https://pictures.example.com/a.png"


async def test_a_confirmation_may_be_answered_without_an_id() -> None:
    """It is that of the task that waited."""
    async with writing(answering(b'{"code":1,"result":null}')) as (writes, _):
        assert await writes.press(WINDOW, ButtonPress(action_id=normalise.CONFIRM)) == "7"


def code(number: object, result: object = None, **others: Any) -> bytes:
    """A submit's answer."""
    return json.dumps({"code": number, "description": "x", "result": result, **others}).encode()


def relay(number: int, description: str) -> bytes:
    """The relay's own answer."""
    return json.dumps({"code": number, "description": f"{description} ", "type": "upstream_error"}).encode()


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (code(1, "1320098173412546"), "1320098173412546"),
        (code(1, 1320098173412546), "1320098173412546"),
        (code(1, ["1320098173412546"]), "1320098173412546"),
        (code("1", "5"), "5"),
        (code(22, "5", properties={"numberOfQueues": 3}), "5"),
        (code(21, "5", properties={"status": "SUCCESS", "imageUrl": URL}), "5"),
        (code(21, 5, properties={"finalPrompt": "x", "remix": True}), "5"),
        (code(1, "5", properties=None), "5"),
    ],
)
async def test_accepted(body: bytes, key: str) -> None:
    """An id is text, a number or a list of one; 21 is accepted where an id comes with it."""
    async with writing(answering(body)) as (writes, server):
        assert await writes.create(HERON) == key
        assert len(server.seen) == 1


REFUSED: list[tuple[int, bytes, ErrorCode]] = [
    (200, code(3), ErrorCode.UPSTREAM_FAULT),
    (200, code(4), ErrorCode.UPSTREAM_REJECTED),
    (200, code(9), ErrorCode.UPSTREAM_FAULT),
    (200, code(21), ErrorCode.UPSTREAM_REJECTED),
    (200, code(23, "14001929738841620"), ErrorCode.UPSTREAM_THROTTLED),
    (200, code(24), ErrorCode.UPSTREAM_REJECTED),
    (200, code(30), ErrorCode.UPSTREAM_THROTTLED),
    (200, b'{"success":false,"code":401,"message":"x"}', ErrorCode.UPSTREAM_REFUSED),
    (200, b'{"success":false,"code":429}', ErrorCode.UPSTREAM_THROTTLED),
    (400, relay(4, "task_not_found"), ErrorCode.UPSTREAM_REJECTED),
    (400, relay(4, "quota_not_enough"), ErrorCode.UPSTREAM_OUT_OF_CREDIT),
    (401, b"", ErrorCode.UPSTREAM_REFUSED),
    (401, "未登录".encode(), ErrorCode.UPSTREAM_REFUSED),
    (402, b"", ErrorCode.UPSTREAM_OUT_OF_CREDIT),
    (403, b'{"error":{"message":"x"}}', ErrorCode.UPSTREAM_REFUSED),
    (404, code(3), ErrorCode.UPSTREAM_FAULT),
    (404, b"", ErrorCode.NOT_SUPPORTED),
    (404, b"404 page not found", ErrorCode.NOT_SUPPORTED),
    (422, b"{}", ErrorCode.UPSTREAM_REJECTED),
    (429, relay(30, "saturated"), ErrorCode.UPSTREAM_THROTTLED),
    (429, b"", ErrorCode.UPSTREAM_THROTTLED),
]
UNKNOWN: list[tuple[int, bytes]] = [
    (200, code(1)),
    (200, code(22, "")),
    (200, code(1, [])),
    (200, code(1, "9" * 256)),
    (200, code(77, "5")),
    (200, code(5)),
    (200, code(None)),
    (200, b""),
    (200, b"[]"),
    (200, b"ok"),
    (200, b"<!doctype html><html></html>"),
    (200, b'{"code":1,"result":"1320'),
    (200, b'{"success":false,"code":500,"message":"x"}'),
    (200, b'{"success":false}'),
    (302, b""),
    (400, relay(5, "do_request_failed")),
    (400, relay(4, "insert_midjourney_task_failed")),
    (500, b""),
    (500, code(23)),
    (502, b"<html></html>"),
    (504, b""),
]


async def failure(handle: Handler, seconds: float = 5) -> tuple[SourceError, int]:
    """What a submit comes to, and how many requests the server has seen."""
    async with writing(handle, seconds) as (writes, server):
        with pytest.raises(SourceError) as raised:
            await writes.create(HERON)
        return raised.value, len(server.seen)


@pytest.mark.parametrize(("status", "body", "expected"), REFUSED)
async def test_refused(status: int, body: bytes, expected: ErrorCode) -> None:
    """Definite: nothing was started, and nothing of what the server said is quoted."""
    error, requests = await failure(answering(body, status))

    assert (error.code, error.upstream_status is not None, requests) == (expected, True, 1)
    assert "x" not in error.message.split()


@pytest.mark.parametrize(("status", "body"), UNKNOWN)
async def test_nobody_knows(status: int, body: bytes) -> None:
    """Accepted or not, the answer does not say; it is not sent again, and no redirect is followed."""
    error, requests = await failure(answering(body, status, location="/mj/submit/imagine/"))

    assert (error.code, error.retryable, requests) == (ErrorCode.OUTCOME_UNKNOWN, False, 1)


@pytest.mark.parametrize("handle", [reset, hang])
async def test_no_answer(handle: Handler) -> None:
    """The request has come, once."""
    error, requests = await failure(handle, seconds=0.1)

    assert (error.code, requests) == (ErrorCode.OUTCOME_UNKNOWN, 1)


async def test_no_connection() -> None:
    """Nothing was sent: it may be tried again."""
    async with writing(answering()) as (writes, _):
        pass  # the server has gone
    client = MjProxyClient(writes._client.origin)
    await client.open()
    writes = MidjourneyWrites(client, Credential({}), seconds=5)
    try:
        with pytest.raises(errors.NoConnection) as raised:
            await writes.create(HERON)
    finally:
        await client.close()

    assert raised.value.retryable


async def test_code_3_of_a_task_that_is_named() -> None:
    """That task is not known any more: another input may help, waiting will not."""
    async with writing(answering(code(3), 404)) as (writes, _):
        with pytest.raises(errors.Rejected):
            await writes.press(GRID, ButtonPress(action_id=U1))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", None),
        (b" ", None),
        (code(1, "7"), None),
        (code(4), ErrorCode.UPSTREAM_REJECTED),
        (b"<!doctype html>", ErrorCode.NOT_SUPPORTED),
        (b'{"success":false,"code":403}', ErrorCode.UPSTREAM_REFUSED),
        (b"who knows", ErrorCode.OUTCOME_UNKNOWN),
    ],
)
async def test_answers_to_cancelling(body: bytes, expected: ErrorCode | None) -> None:
    """Nothing is the usual one; new-api has no such route, and answers with its page."""
    found = None
    async with writing(answering(body)) as (writes, server):
        try:
            await writes.cancel("a/b ?#%")
        except SourceError as error:
            found = error.code
        assert [path for _, path, _ in server.seen] == ["/mj/task/a%2Fb%20%3F%23%25/cancel"]

    assert found == expected


async def test_one_kind_of_task_that_is_missing() -> None:
    """A reseller without it may have the others: creating stays announced."""
    async with writing(answering(b"", 404)) as (writes, _):
        before = list(writes.capabilities())
        with pytest.raises(errors.NotSupported):
            await writes.create(HERON)
        assert list(writes.capabilities()) == before


async def test_a_second_call_has_the_time_that_is_left() -> None:
    """A button with its window's prompt: what is known stands, and the window's outcome is not."""
    button = ButtonPress(action_id=U1, prompt="a hat")

    async with writing(answering(code(21, "8"))) as (writes, server):
        assert await writes.press(GRID, button) == "8"
        assert [path for _, path, _ in server.seen] == ["/mj/submit/action", "/mj/submit/modal"]
    async with writing(answering(code(21, "8", properties={"status": "SUCCESS"}))) as (writes, server):
        assert await writes.press(GRID, button) == "8"  # no window: it was there already
        assert [path for _, path, _ in server.seen] == ["/mj/submit/action"]


async def test_many_refusals_open_no_breaker() -> None:
    """A banned prompt, a failed Discord and a full queue are answers: the next one is sent, too."""
    for body in (code(24), code(9), code(3), code(23)):
        async with writing(answering(body)) as (writes, server):
            for _ in range(20):
                with pytest.raises(SourceError):
                    await writes.create(HERON)
            assert len(server.seen) == 20
