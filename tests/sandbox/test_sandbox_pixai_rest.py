"""PixAI's REST and the files behind its URLs."""

from __future__ import annotations

import io

import pytest
from aiohttp import ClientSession
from PIL import Image

from sandbox import Clock
from sandbox.pixai.edge_cases import MEDIA, TASKS
from sandbox.pixai.vendor_examples import BATCH, BATCH_MEDIA
from tests.sandbox.requests import START, PixAI

ONE = BATCH_MEDIA[0]


async def test_media_stands_at_the_top_level(pixai: PixAI) -> None:
    """No `data` around it; the original's URL is signed, the thumbnails' are not."""
    status, body = await pixai.get(f"/v1/media/{ONE}")
    urls = {one["variant"]: one["url"] for one in body.pop("urls")}

    origin = pixai.upstream.url
    assert (status, body) == (
        200,
        {"id": ONE, "type": "IMAGE", "width": 512, "height": 384, "imageType": "image/png"},
    )
    assert urls["PUBLIC"].startswith(f"{origin}/images/orig/{ONE}.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert "&X-Amz-Date=20250301T000000Z&X-Amz-Expires=3600&" in urls["PUBLIC"]
    assert urls["THUMBNAIL"] == f"{origin}/images/thumb/{ONE}.webp"
    assert urls["STILL_THUMBNAIL"] == f"{origin}/images/stillThumb/{ONE}.webp"


async def test_a_task_has_other_outputs_than_in_graphql(pixai: PixAI) -> None:
    """Ids and URLs, no seeds; /v1 and /v2 answer alike."""
    status, body = await pixai.get(f"/v1/task/{BATCH}")
    _, second = await pixai.get(f"/v2/task/{BATCH}")

    urls = body["outputs"].pop("mediaUrls")
    assert (status, body) == (
        200,
        {
            "id": BATCH,
            "status": "completed",
            "startedAt": "2024-05-22T06:22:12.240Z",
            "endAt": "2024-05-22T06:22:18.229Z",
            "createdAt": "2024-05-22T06:22:11.557Z",
            "updatedAt": "2024-05-22T06:22:11.557Z",
            "outputs": {"mediaIds": list(BATCH_MEDIA)},
        },
    )
    assert urls == second["outputs"]["mediaUrls"]
    assert len(urls) == 4


async def test_an_unfinished_task_has_empty_lists(pixai: PixAI) -> None:
    """REST shows empty arrays until the task is done."""
    _, body = await pixai.get(f"/v1/task/{TASKS['running, outputs null']}")

    assert (body["status"], body["outputs"]) == ("running", {"mediaIds": [], "mediaUrls": []})


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/media/1", 404, "NOT_FOUND"),
        ("/v1/media/%2E%2E%2Fx", 404, "NOT_FOUND"),
        ("/v1/media/1/image", 404, "NOT_FOUND"),
        (f"/v1/media/{ONE}/poster", 404, "NOT_FOUND"),
        ("/v1/task/1", 404, "NOT_FOUND"),
        ("/v3/task/1", 404, "NOT_FOUND"),
        ("/v1/media/" + MEDIA["another user's"], 403, "FORBIDDEN"),
    ],
)
async def test_what_is_not_there(pixai: PixAI, path: str, status: int, code: str) -> None:
    """404 for what does not exist, 403 for what is somebody else's."""
    seen, body = await pixai.get(path)

    assert (seen, body["code"]) == (status, code)


async def test_image_redirects_to_a_picture_that_is_counted_apart(pixai: PixAI) -> None:
    """The redirect leads to a real picture of the size that the media says."""
    async with pixai.session.get(f"/v1/media/{ONE}/image") as answer:
        picture = Image.open(io.BytesIO(await answer.read()))

    assert [step.status for step in answer.history] == [302]
    assert (answer.content_type, picture.format, picture.size) == ("image/png", "PNG", (512, 384))
    assert pixai.upstream.requests == {"GET /v1/media/{id}/image": 1, "GET /images/orig/{name}": 1}


async def test_thumbnails_need_no_key(pixai: PixAI) -> None:
    """Web tools read them without one."""
    async with (
        ClientSession(pixai.upstream.url) as anyone,
        anyone.get(f"/v1/media/{ONE}/thumbnail") as answer,
    ):
        picture = Image.open(io.BytesIO(await answer.read()))

    assert (answer.status, picture.format, picture.size) == (200, "WEBP", (192, 144))
    assert pixai.upstream.requests == {"GET /v1/media/{id}/{variant}": 1, "GET /images/thumb/{name}": 1}


async def test_a_signed_url_expires(pixai: PixAI, clock: Clock) -> None:
    """It lives an hour, to the second; the answer is the store's XML."""
    _, body = await pixai.get(f"/v1/media/{ONE}")
    url = body["urls"][0]["url"]

    seen = []
    for age in (3599, 3600):
        clock.now = START + age
        async with pixai.session.get(url) as answer:
            seen.append(answer.status)
            text = await answer.read()

    assert seen == [200, 403]
    assert text.endswith(b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("X-Amz-Expires=3600", "X-Amz-Expires=999999"),
        ("X-Amz-Date=2025", "X-Amz-Date=2035"),
        (ONE, BATCH_MEDIA[1]),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("X-Amz-Date=", "X-Amz-Day="),
        ("X-Amz-Expires=3600", "X-Amz-Expires=soon"),
    ],
)
async def test_a_forged_url_is_refused(pixai: PixAI, old: str, new: str) -> None:
    """Path, date and lifetime are all signed."""
    _, body = await pixai.get(f"/v1/media/{ONE}")
    forged = body["urls"][0]["url"].replace(old, new)

    async with pixai.session.get(forged) as answer:
        assert answer.status == 403


async def test_a_video_moves_and_its_poster_does_not(pixai: PixAI) -> None:
    """REST has no URLs for it; GraphQL has."""
    key = MEDIA["video"]
    _, rest = await pixai.get(f"/v1/media/{key}")
    graph = await pixai.data("query($id: String!) { media(id: $id) { type urls { variant url } } }", id=key)
    urls = {one["variant"]: one["url"] for one in graph["media"]["urls"]}

    frames = {}
    for variant in ("PUBLIC", "STILL_THUMBNAIL"):
        async with pixai.session.get(urls[variant]) as answer:
            frames[variant] = getattr(Image.open(io.BytesIO(await answer.read())), "n_frames", 1)

    assert (rest["type"], rest["urls"], graph["media"]["type"]) == ("VIDEO", [], "VIDEO")
    assert frames == {"PUBLIC": 12, "STILL_THUMBNAIL": 1}
