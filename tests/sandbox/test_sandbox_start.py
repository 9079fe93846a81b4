"""Starting and stopping the sandbox."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from aiohttp import ClientConnectorError, ClientSession

from sandbox import start


async def test_it_serves_while_the_block_lasts() -> None:
    """Before and after there is nothing at the URL, and no URL."""
    async with start() as box, ClientSession() as session:
        url = box.pixai.url
        async with session.get(f"{url}/v1/media/1") as answer:
            assert answer.status == 403

    async with ClientSession() as session:
        with pytest.raises(ClientConnectorError):
            await session.get(url)
    with pytest.raises(RuntimeError, match="pixai is not being served"):
        _ = box.pixai.url


async def test_ports_can_be_chosen_and_a_taken_one_is_an_oserror() -> None:
    """A second sandbox on the same port fails, and the first goes on."""
    async with start() as first:
        port = urlsplit(first.pixai.url).port
        assert port is not None

        with pytest.raises(OSError, match="address already in use"):
            async with start(pixai_port=port):
                pass

        assert first.pixai.url == f"http://127.0.0.1:{port}"


async def test_two_sandboxes_share_nothing() -> None:
    """Each has its own counts and faults."""
    async with start() as one, start() as other, ClientSession() as session:
        one.pixai.fail("*", status=500)
        async with session.get(f"{other.pixai.url}/v1/media/1") as answer:
            assert answer.status == 403

    assert (one.pixai.requests, other.pixai.requests) == ({}, {"GET /v1/media/{id}": 1})


async def test_a_fault_finds_the_upstreams_that_have_its_route() -> None:
    """By the route alone, or with the upstream's name in front."""
    async with start() as box:
        box.arm("POST /graphql: status=500")
        box.arm("pixai *: reset times=1")

        assert [str(armed.fault) for armed in box.pixai.faults] == [
            "POST /graphql: status=500",
            "*: reset times=1",
        ]
        with pytest.raises(
            ValueError, match=r"'GET /x: reset': there is no such route; the routes are pixai GET /graphql, "
        ):
            box.arm("GET /x: reset")
