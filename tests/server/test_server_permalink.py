"""`/media/{id}`: a link that lasts leads to a picture that is there."""

from __future__ import annotations

import asyncio
import logging
import re
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import MEDIA
from server.access.tokens import Token
from tests.conftest import Client, Serve

PICTURE = f"media:pixai:{vendor_examples.SINGLE_MEDIA}"
PERMALINK = "query ($id: ID!) { media(id: $id) { permalink thumbnail: permalink(variant: THUMBNAIL) } }"
TOKENS = (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)


async def follow(graph: Client, link: str, method: str = "GET") -> tuple[int, dict[str, str], Any]:
    """Status, headers, and the body where it is JSON; the redirect is not followed."""
    url = URL(link if link.startswith("http") else graph.origin + link, encoded=True)
    async with graph.session.request(method, url, allow_redirects=False) as response:
        is_json = response.content_type == "application/json" and method != "HEAD"
        return response.status, dict(response.headers), await response.json() if is_json else None


async def code(graph: Client, link: str) -> tuple[int, str]:
    """Status and error code."""
    status, _, body = await follow(graph, link)
    return status, body["errors"][0]["extensions"]["code"]


async def test_the_graphs_links_lead_to_pictures(graph: Client) -> None:
    """Both sizes; the redirect may be kept as long as its URL lasts, and by nobody in between."""
    links = (await graph.data(PERMALINK, id=PICTURE))["media"]
    sizes = []
    for link in links.values():
        status, headers, _ = await follow(graph, link)
        age = re.fullmatch(r"private, max-age=(\d+)", headers["Cache-Control"])
        async with graph.session.get(headers["Location"]) as picture:
            sizes.append((picture.status, picture.content_type.partition("/")[0], len(await picture.read())))
        assert (status, headers["Referrer-Policy"]) == (302, "no-referrer")
        assert age is not None
        assert 0 < int(age[1]) <= 3600

    assert links == {
        "permalink": f"{graph.origin}/media/{PICTURE}",
        "thumbnail": f"{graph.origin}/media/{PICTURE}?variant=THUMBNAIL",
    }
    assert [size[:2] for size in sizes] == [(200, "image"), (200, "image")]
    assert sizes[1][2] < sizes[0][2]


async def test_head_answers_like_get(graph: Client) -> None:
    """Without a body."""
    status, headers, _ = await follow(graph, f"/media/{PICTURE}", "HEAD")

    assert (status, headers["Location"].startswith("http://")) == (302, True)


NOWHERE = [
    (f"/media/{PICTURE}?variant=HUGE", (400, "BAD_USER_INPUT")),
    (f"/media/{PICTURE}?variant=", (400, "BAD_USER_INPUT")),
    ("/media/media:pixai:1", (404, "NOT_FOUND")),
    ("/media/", (400, "INVALID_ID")),
    ("/media/nonsense", (400, "INVALID_ID")),
    ("/media/task:pixai:1", (400, "INVALID_ID")),
    (f"/media/media:pixai:{'9' * 600}", (400, "INVALID_ID")),
    (f"/media/{quote('media:pixai:a/b', safe='')}", (404, "NOT_FOUND")),
    (f"/media/{quote('media:pixai:../../v1/task/1', safe='')}", (404, "NOT_FOUND")),
    (f"/media/{quote('media:pixai:100%25', safe='')}", (404, "NOT_FOUND")),
    ("/media/media:pixai:" + quote('🦊 "}', safe=""), (404, "NOT_FOUND")),
    ("/media/media:pixai:a%0Ab", (404, "NOT_FOUND")),
    ("/media/media:pixai:%FF", (404, "NOT_FOUND")),
]


async def test_a_link_that_leads_nowhere(graph: Client) -> None:
    """JSON with a code, never a redirect and never a 500."""
    assert [(link, await code(graph, link)) for link, _ in NOWHERE] == NOWHERE


@pytest.mark.parametrize(
    ("fault", "answer", "retry_after"),
    [
        ({"status": 500}, (502, "UPSTREAM_FAULT"), None),
        ({"status": 429, "retry_after": 90}, (503, "UPSTREAM_THROTTLED"), "90"),
        ({"status": 401}, (502, "UPSTREAM_REFUSED"), None),
        ({"reset": True}, (502, "UPSTREAM_UNREACHABLE"), None),
        ({"html": True}, (502, "UPSTREAM_MALFORMED"), None),
    ],
)
async def test_a_source_that_does_not_answer(
    graph: Client, box: Sandbox, fault: Any, answer: tuple[int, str], retry_after: str | None
) -> None:
    """5xx with the graph's code, and when to come again where the source said so."""
    box.pixai.fail("POST /graphql", **fault)

    status, headers, body = await follow(graph, f"/media/{PICTURE}")

    assert (status, body["errors"][0]["extensions"]["code"]) == answer
    assert (headers.get("Retry-After"), headers["Cache-Control"]) == (retry_after, "no-store")
    assert body["errors"][0]["extensions"]["provider"] == "PIXAI"


async def test_a_source_that_takes_too_long(serve: Serve, box: Sandbox) -> None:
    """504 at the deadline."""
    box.pixai.fail("POST /graphql", latency=5)

    async with serve(deadline=0.2) as graph:
        assert await code(graph, f"/media/{PICTURE}") == (504, "UPSTREAM_TIMEOUT")


async def test_a_source_that_stays_silent(serve: Serve, box: Sandbox) -> None:
    """504 after the silence of the settings, as in the graph, however long the request may take."""
    box.pixai.fail("POST /graphql", latency=5)

    async with serve(source_deadline=0.2) as graph:
        assert await code(graph, f"/media/{PICTURE}") == (504, "UPSTREAM_TIMEOUT")


async def test_a_client_that_leaves_ends_its_look_up(graph: Client, box: Sandbox) -> None:
    """What would have been asked next for it is not; a client beside it has its picture."""
    link = f"/media/media:pixai:{MEDIA['urls null']}"
    box.pixai.fail("POST /graphql", latency=0.4)

    leaving = asyncio.create_task(follow(graph, link))
    await asyncio.sleep(0.1)  # longer than a departure is not looked for
    staying = asyncio.create_task(follow(graph, link))
    await asyncio.sleep(0.1)
    leaving.cancel()
    status, _, _ = await staying

    assert leaving.cancelled()
    assert status == 302
    assert box.pixai.requests == {"POST /graphql": 1, "GET /v1/media/{id}/image": 1}


async def test_a_picture_whose_urls_are_null_has_another_way(graph: Client, box: Sandbox) -> None:
    """PixAI's own redirect serves it."""
    status, headers, _ = await follow(graph, f"/media/media:pixai:{MEDIA['urls null']}")
    async with graph.session.get(headers["Location"]) as picture:
        assert (picture.status, picture.content_type.partition("/")[0]) == (200, "image")

    assert status == 302
    assert box.pixai.requests["GET /v1/media/{id}/image"] == 1


async def test_twenty_at_once_cost_one_call(graph: Client, box: Sandbox) -> None:
    """A gallery's different pictures, each asked for by a request of its own."""
    keys = [*vendor_examples.BATCH_MEDIA, *(f"9{index}" for index in range(20))][:20]

    answers = await asyncio.gather(*(follow(graph, f"/media/media:pixai:{key}") for key in keys))

    assert sorted({status for status, _, _ in answers}) == [302, 404]
    assert box.pixai.requests["POST /graphql"] == 1


async def test_with_tokens_in_force_links_are_signed(serve: Serve) -> None:
    """An image sends no header: the link itself says that this server made it, for this size."""
    async with serve(tokens=TOKENS) as graph:
        graph.session.headers["Authorization"] = "Bearer secret"
        links = (await graph.data(PERMALINK, id=PICTURE))["media"]
        del graph.session.headers["Authorization"]
        signature = links["permalink"].partition("sig=")[2]
        refused = [
            await code(graph, f"/media/{PICTURE}{query}")
            for query in (
                "",
                "?sig=",
                "?sig=%C3%A9",
                f"?sig={signature[::-1]}",
                f"?variant=THUMBNAIL&sig={signature}",
            )
        ]
        other = await code(graph, f"/media/media:pixai:1?sig={signature}")
        followed = [(await follow(graph, link))[0] for link in links.values()]

    assert refused == [(403, "FORBIDDEN")] * 5
    assert (other, followed) == ((403, "FORBIDDEN"), [302, 302])


async def test_callers_with_keys_of_their_own_look_at_nothing_through_ours(serve: Serve) -> None:
    """In passthrough the server's key follows no link."""
    async with serve(passthrough=True) as graph:
        assert await code(graph, f"/media/{PICTURE}") == (501, "PROVIDER_NOT_CONFIGURED")


async def test_no_signed_url_is_logged(graph: Client, caplog: pytest.LogCaptureFixture) -> None:
    """At any level."""
    caplog.set_level(logging.DEBUG)

    _, headers, _ = await follow(graph, f"/media/{PICTURE}")

    signature = headers["Location"].partition("?")[2]
    assert signature
    assert signature not in caplog.text
