"""What really goes over the wire to Meshy, seen by a server that keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from loaders.credentials import Credential
from loaders.errors import Malformed
from loaders.meshy.client import MeshyClient

KEY = Credential({"key": "msy-secret"})


class Recorder:
    """Answers everything alike. seen: (path as sent, Authorization) of each request."""

    def __init__(self, body: bytes, status: int = 200, location: str | None = None) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self._body = body
        self._status = status
        self._headers = {} if location is None else {"Location": location}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.raw_path, request.headers.get("Authorization")))
        return web.Response(body=self._body, status=self._status, headers=self._headers)


@asynccontextmanager
async def asking(recorder: Recorder) -> AsyncIterator[MeshyClient]:
    """A client of the recorder."""
    runner = web.ServerRunner(web.Server(recorder.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = MeshyClient(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await client.open()
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def test_a_list_says_its_order_with_an_encoded_query() -> None:
    """Always: the order when nothing is said is not documented."""
    recorder = Recorder(b"[]")
    async with asking(recorder) as client:
        assert await client.list_tasks("image-to-image", 3, 50, KEY) == []

    path = "/openapi/v1/image-to-image?page_num=3&page_size=50&sort_by=-created_at"
    assert recorder.seen == [(path, "Bearer msy-secret")]


@pytest.mark.parametrize(
    ("id", "segment"),
    [
        ("018a210d-8ba4-705c-b111-1f1776f7f578", "018a210d-8ba4-705c-b111-1f1776f7f578"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("a b+c", "a%20b%2Bc"),
        ("a?b#c", "a%3Fb%23c"),
        ('"\n\x00', "%22%0A%00"),
        ("🦊", "%F0%9F%A6%8A"),
        ("...", "..."),
        ("a:b@c", "a%3Ab%40c"),
    ],
)
async def test_an_id_is_one_encoded_segment(id: str, segment: str) -> None:
    """As it is read back by any server."""
    recorder = Recorder(b'{"id": "x"}')
    async with asking(recorder) as client:
        await client.get_task("text-to-image", id, KEY)

    assert [path for path, _ in recorder.seen] == [f"/openapi/v1/text-to-image/{segment}"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """It would take the key wherever it leads."""
    elsewhere = Recorder(b'{"id": "x", "status": "SUCCEEDED"}')
    async with asking(elsewhere) as other:
        recorder = Recorder(b"{}", status, f"{other.origin}/stolen")
        async with asking(recorder) as client:
            with pytest.raises(Malformed):
                await client.get_task("image-to-image", "x", KEY)

    assert elsewhere.seen == []
    assert client.calls == 1


@pytest.mark.parametrize("body", [b"", b" ", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000])
async def test_an_answer_that_is_no_task(body: bytes) -> None:
    """Empty, another type, broken, or bottomless."""
    async with asking(Recorder(body)) as client:
        with pytest.raises(Malformed):
            await client.get_task("image-to-image", "x", KEY)


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"data": []}', b"[1]", b"[null]", b"[[]]", b"[{}"])
async def test_an_answer_that_is_no_list(body: bytes) -> None:
    """An envelope is none either."""
    async with asking(Recorder(body)) as client:
        with pytest.raises(Malformed):
            await client.list_tasks("image-to-image", 1, 50, KEY)


async def test_long_integers_are_exact() -> None:
    """A task that carries one is not rounded."""
    async with asking(Recorder(b'{"id": 123456789012345678901234567890}')) as client:
        assert await client.get_task("image-to-image", "x", KEY) == {"id": 123456789012345678901234567890}
