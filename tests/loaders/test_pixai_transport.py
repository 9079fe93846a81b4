"""What really goes over the wire to PixAI, and what its odd answers come to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from loaders.credentials import Credential
from loaders.errors import (
    Fault,
    Malformed,
    NotSupported,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    Unreachable,
)
from loaders.listing import Listing
from loaders.pixai import documents
from loaders.pixai.client import Answer
from loaders.pixai.documents import PrintedRequest
from loaders.pixai.list import GIVEN_UP, PixaiLister
from loaders.records import Capability, TaskRecord
from sandbox import Sandbox
from tests.loaders.canned_server import Handler, answering, reset, serving
from tests.loaders.contract import PIXAI
from tests.loaders.pixai_served import served


def graphql(**body: Any) -> Handler:
    """HTTP 200 with this answer."""
    return answering(json.dumps(body).encode())


def error(code: str, *path: str | int) -> dict[str, Any]:
    """As PixAI's server writes one."""
    return {"message": "no", "extensions": {"code": code}} | ({"path": list(path)} if path else {})


async def test_a_batch_as_it_is_sent() -> None:
    """The printed text, the ids as variables, the key in its header, and nothing else."""
    answer = graphql(data={"m0": None, "m1": {"id": "2", "type": "IMAGE"}})
    async with serving(answer) as server, served(server.origin) as pixai:
        found = await pixai.media("1", "2")

    ((method, path, body),) = server.seen
    assert (method, path, server.headers["Authorization"]) == ("POST", "/graphql", "Bearer sk-test")
    assert json.loads(body) == {
        "query": documents.batch(documents.MEDIA, ["1", "2"]).text,
        "variables": {"k0": "1", "k1": "2"},
    }
    assert list(found) == ["2"]
    assert pixai.client.calls == 1


@pytest.mark.parametrize(
    ("handle", "kind", "calls"),
    [
        (graphql(data=None), Malformed, 3),
        (graphql(errors=[]), Malformed, 3),
        (graphql(data=None, errors=[]), Malformed, 3),
        (graphql(), Malformed, 3),
        (graphql(data=5), Malformed, 3),
        (graphql(data=[]), Malformed, 3),
        (graphql(data="x", errors="y"), Malformed, 3),
        (answering(b"7"), Malformed, 3),
        (answering(b"[]"), Malformed, 3),
        (answering(b"null"), Malformed, 3),
        (answering(b'"data"'), Malformed, 3),
        (answering(b""), Malformed, 3),
        (answering(b"<html>"), Malformed, 3),
        (answering(b"<html>", 400), Rejected, 1),
        (answering(b"{}", 400), Rejected, 1),
        (answering(b"", 401), Refused, 1),
        (answering(b'{"errors": [{}]}', 403), Refused, 1),
        (answering(b'{"errors": [{}]}', 500), Fault, 3),
        (answering(b"", 429), Throttled, 3),
        (reset, Unreachable, 3),
        (graphql(errors=[error("RATE_LIMIT_EXCEEDED")]), Throttled, 3),
        (graphql(errors=[error("UNAUTHENTICATED")]), Refused, 1),
        (graphql(errors=[error("INTERNAL_SERVER_ERROR")]), Fault, 1),
        (graphql(errors=[1, None, "x", []]), Fault, 1),
        (answering(json.dumps({"errors": [error("X")]}).encode(), 400), Fault, 1),
        (graphql(data={"m0": 5}, errors=[error("X", "m0")]), Fault, 1),
        (graphql(data={}), Fault, 1),
    ],
)
async def test_an_odd_answer_is_a_typed_error(handle: Handler, kind: type[SourceError], calls: int) -> None:
    """Never a bug; tried again where that may help."""
    async with serving(handle) as server, served(server.origin) as pixai:
        found = await pixai.tasks("1")

    assert type(found["1"]) is kind
    assert len(server.seen) == calls == pixai.client.calls


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """A 307 would send the document, with the key, to a stranger and take its answer."""
    stolen = graphql(data={"m0": {"id": "1", "status": "completed"}})
    async with serving(stolen) as elsewhere:
        moved = answering(b"", status, location=f"{elsewhere.origin}/graphql")
        async with serving(moved) as server, served(server.origin) as pixai:
            found = await pixai.tasks("1")

    assert type(found["1"]) is Malformed
    assert elsewhere.seen == []


async def test_long_integers_are_exact() -> None:
    """A seed of 25 digits, and an id beyond 2^53."""
    body = b'{"data": {"m0": {"id": 1749902216266450789, "outputs": {"mediaId": "9", "seed": %d}}}}' % 10**24
    async with serving(answering(body)) as server, served(server.origin) as pixai:
        found = await pixai.tasks("1749902216266450789")

    task = found["1749902216266450789"]
    assert isinstance(task, TaskRecord)
    assert task.seeds is not None
    assert [seed.value for seed in task.seeds] == [10**24]


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("https://a.example/x?Expires=1", "https://a.example/x?Expires=1"),
        ("javascript:alert(1)", None),
        ("/relative", None),
        ("//a.example/x", None),
        ("https://user@a.example/", None),
        ("data:image/png;base64,AAAA", None),
    ],
)
async def test_where_a_picture_is_redirected_to(location: str, url: str | None) -> None:
    """An absolute address that a browser may be sent to, or none."""
    async with serving(answering(b"", 302, location=location)) as server, served(server.origin) as pixai:
        assert await pixai.account.image_url("9/../8") is None
        assert await pixai.account.image_url("a b") == url

    assert [path for _, path, _ in server.seen] == ["/v1/media/a%20b/image"]


async def test_a_picture_that_is_not_there(box: Sandbox) -> None:
    """404 is absence; another status is its error."""
    async with served(box.pixai.url, box.pixai.key) as pixai:
        assert await pixai.account.image_url("1") is None
        box.pixai.fail("GET /v1/media/{id}/image", status=403)
        with pytest.raises(Refused):
            await pixai.account.image_url(next(iter(PIXAI.values())))


async def test_gqls_session_is_opened_and_closed_with_the_client(box: Sandbox) -> None:
    """One pool: nothing is left after closing, not even a second pool of gql's."""
    async with served(box.pixai.url, box.pixai.key) as pixai:
        assert len(await pixai.tasks(*list(PIXAI)[:3])) == 3
        client = pixai.client

    with pytest.raises(RuntimeError):
        await client.execute(documents.task_page(1, None), Credential({"key": "x"}))


LIST: dict[str, Any] = {"data": {"me": {"tasks": {"pageInfo": {}, "edges": []}}}}


class Answers:
    """One answer after another; a DocumentRefused is made of `errors` alone."""

    def __init__(self, *bodies: dict[str, Any]) -> None:
        self._bodies = list(bodies)
        self.asked = 0

    async def __call__(self, _request: web.BaseRequest) -> web.StreamResponse:
        self.asked += 1
        return web.json_response(self._bodies.pop(0))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": {"me": None}}, Malformed),
        ({"data": {"me": {"tasks": None}}}, Malformed),
        ({"errors": [error("UNAUTHENTICATED")]}, Refused),
        ({"data": {"me": None}, "errors": [error("RATE_LIMIT_EXCEEDED", "me")]}, Throttled),
        ({"data": {"me": None}, "errors": [error("COMPLEXITY_LIMIT_EXCEEDED", "me")]}, Fault),
        ({"data": {"me": None}, "errors": [error("INTERNAL_SERVER_ERROR", "me")]}, Fault),
    ],
)
async def test_one_odd_answer_does_not_end_the_list(body: dict[str, Any], kind: type[SourceError]) -> None:
    """The page fails, the next one is asked for, and lists are offered all the time."""
    answers = Answers(body, LIST)
    async with serving(answers) as server, served(server.origin) as pixai:
        with pytest.raises(kind):
            await pixai.first_page()

        assert Capability.LIST_TASKS in pixai.account.capabilities
        assert (await pixai.first_page()).rows == ()
    assert answers.asked == 2


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [error("GRAPHQL_VALIDATION_FAILED")]},
        {"data": {"me": None}, "errors": [error("FORBIDDEN", "me", "tasks")]},
        {"data": {"me": {"tasks": None}}, "errors": [error("PERMISSION_DENIED", "me", "tasks")]},
    ],
)
async def test_a_refusal_of_the_field_is_believed_for_ten_minutes(body: dict[str, Any]) -> None:
    """NotSupported without a call, no capability; then it is tried again."""
    now = [1000.0]
    answers = Answers(body, LIST)
    async with serving(answers) as server, served(server.origin) as pixai:

        async def execute(request: PrintedRequest) -> Answer:
            return await pixai.client.execute(request, Credential({"key": "k"}))

        lister = PixaiLister(execute, clock=lambda: now[0])
        for _ in range(3):
            with pytest.raises(NotSupported):
                await anext(lister.walk(Listing(size=20)))
        assert (answers.asked, list(lister.capabilities())) == (1, [])

        now[0] += GIVEN_UP
        assert list(lister.capabilities()) == [Capability.LIST_TASKS]
        assert (await anext(lister.walk(Listing(size=20)))).rows == ()
