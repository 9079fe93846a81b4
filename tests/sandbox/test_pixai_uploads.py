"""Uploading media to PixAI in three steps."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from PIL import Image

from sandbox import Clock
from sandbox.pictures import picture
from tests.sandbox.requests import PixAI

UPLOAD = """mutation uploadMedia($input: UploadMediaInput!) { uploadMedia(input: $input) {
  uploadUrl externalId mediaId media { id type width height imageType urls { variant url } }
} }"""
PNG = picture(7, 96, 64, "PNG")


async def _upload(pixai: PixAI, **given: object) -> Any:
    return (await pixai.data(UPLOAD, input={"type": "IMAGE", "provider": "S3"} | given))["uploadMedia"]


async def _put(url: str, data: Any, **headers: str) -> tuple[int, str]:
    async with ClientSession() as anyone, anyone.put(url, data=data, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_three_steps_make_a_picture_media(pixai: PixAI) -> None:
    """A URL, the bytes, the registration; the bytes come back, and a thumbnail of them."""
    begun = await _upload(pixai)
    stored = await _put(begun["uploadUrl"], PNG, **{"Content-Type": "image/png"})
    made = await _upload(pixai, externalId=begun["externalId"])
    again = await _upload(pixai, externalId=begun["externalId"])
    urls = {one["variant"]: one["url"] for one in made["media"]["urls"]}
    async with ClientSession() as anyone:
        async with anyone.get(urls["PUBLIC"]) as answer:
            original = await answer.read()
        async with anyone.get(urls["THUMBNAIL"]) as answer:
            thumbnail = await answer.read()

    assert (begun["mediaId"], begun["media"], stored) == (None, None, (200, ""))
    assert made["mediaId"] == made["media"]["id"] == again["mediaId"]
    assert made["media"] == made["media"] | {
        "type": "IMAGE",
        "width": 96,
        "height": 64,
        "imageType": "image/png",
    }
    assert original == PNG
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (96, 64))
    used = await pixai.data(
        "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { status } }",
        p={"prompts": "the same at night", "mediaId": made["mediaId"]},
    )
    assert used["createGenerationTask"] == {"status": "waiting"}


async def test_a_video_needs_no_picture_in_it(pixai: PixAI) -> None:
    """Its bytes are not looked at."""
    begun = await _upload(pixai, type="VIDEO")
    await _put(begun["uploadUrl"], b"\0\0\0\x18ftypmp42", **{"Content-Type": "video/mp4"})

    made = await _upload(pixai, type="VIDEO", externalId=begun["externalId"])

    assert (made["media"]["type"], made["media"]["width"]) == ("VIDEO", None)


async def test_the_store_refuses_chunked_bodies(pixai: PixAI) -> None:
    """As S3 does: without a Content-Length nothing is stored."""

    async def chunks() -> AsyncIterator[bytes]:
        yield PNG

    begun = await _upload(pixai)
    status, said = await _put(begun["uploadUrl"], chunks())

    assert (status, "<Code>NotImplemented</Code>" in said) == (501, True)
    _, body = await pixai.post(UPLOAD, input={"type": "IMAGE", "externalId": begun["externalId"]})
    assert body["errors"][0]["message"] == "externalId: nothing has been uploaded"


@pytest.mark.parametrize(
    ("age", "change", "code"), [(0, "x", "SignatureDoesNotMatch"), (900, "", "AccessDenied")]
)
async def test_an_upload_url_is_signed_and_expires(
    pixai: PixAI, clock: Clock, age: float, change: str, code: str
) -> None:
    """403 in the store's own XML."""
    begun = await _upload(pixai)
    clock.advance(age)

    status, said = await _put(begun["uploadUrl"] + change, PNG)

    assert (status, f"<Code>{code}</Code>" in said) == (403, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"provider": "CF"}, "provider must be S3"),
        ({"externalId": "nothing"}, "externalId: nothing has been uploaded"),
    ],
)
async def test_what_cannot_be_registered(pixai: PixAI, given: dict[str, str], message: str) -> None:
    """The whole answer is null: the field is not nullable."""
    status, body = await pixai.post(UPLOAD, input={"type": "IMAGE"} | given)

    assert (status, body["data"], body["errors"][0]["message"]) == (200, None, message)


@pytest.mark.parametrize("content", [b"", b"no picture", PNG[:40]])
async def test_an_upload_that_is_no_picture_is_not_registered(pixai: PixAI, content: bytes) -> None:
    """The store takes anything; PixAI does not. Nor under another type."""
    begun = await _upload(pixai)
    assert await _put(begun["uploadUrl"], content) == (200, "")

    _, image = await pixai.post(UPLOAD, input={"type": "IMAGE", "externalId": begun["externalId"]})
    _, video = await pixai.post(UPLOAD, input={"type": "VIDEO", "externalId": begun["externalId"]})

    assert image["errors"][0]["message"] == "externalId: the upload is not a picture"
    assert video["errors"][0]["message"] == "type: the upload is of type IMAGE"
