"""The pictures and videos of tasks, from every spelling that either server has for them."""

from __future__ import annotations

import json

import pytest

from loaders.midjourney import normalise
from loaders.records import MediaKind, MediaVariant
from tests.loaders.midjourney_records import document, node, picture, public, row

URL_1, URL_2, POSTER = "https://cdn.example/1.mp4", "https://cdn.example/2.mp4", "https://cdn.example/1.webp"


def test_videos_of_the_document() -> None:
    """The users' page's row has two addresses of videos, one of them in JSON text."""
    found = normalise.newapi_row(document("newapi_self")["data"]["items"][0])

    assert found is not None
    assert found.media[1:] == (
        picture("task123456:v0", MediaKind.VIDEO, urls=public("https://example.com/video1.mp4")),
        picture("task123456:v1", MediaKind.VIDEO, urls=public("https://example.com/video.mp4")),
    )


@pytest.mark.parametrize(
    ("urls", "url", "found"),
    [
        ([{"url": URL_1}, {"url": URL_2}], URL_1, {"1:v0": URL_1, "1:v1": URL_2}),
        (json.dumps([{"url": URL_1}]), URL_1, {"1:v0": URL_1}),
        (json.dumps([URL_1, URL_2]), "", {"1:v0": URL_1, "1:v1": URL_2}),
        ([], URL_1, {"1:v0": URL_1}),
        ("", URL_1, {"1:v0": URL_1}),
        ("null", URL_1, {"1:v0": URL_1}),
        (None, URL_1, {"1:v0": URL_1}),
        ('[{"url": "https://', URL_1, {"1:v0": URL_1}),
        ([{"url": None}, {"url": URL_2}], None, {"1:v1": URL_2}),
        ("[]", "", {}),
    ],
)
def test_videos(urls: object, url: object, found: dict[str, str]) -> None:
    """Strings, objects or JSON text; none twice; a missing one changes no other's id."""
    for record in (node(videoUrls=urls, videoUrl=url), row(video_urls=urls, video_url=url)):
        assert {video.key: video.details and video.details.urls[0].url for video in record.media} == found


def test_video_with_a_poster() -> None:
    """The thumbnail of a video is a still."""
    found = node(videoUrls=[{"url": URL_1, "thumbnail": POSTER}])

    wanted = [*public(URL_1), (MediaVariant.THUMBNAIL, POSTER), (MediaVariant.STILL_THUMBNAIL, POSTER)]
    assert found.media == (picture("1:v0", MediaKind.VIDEO, urls=wanted),)
    assert found.cover == found.media[0]


def test_single_pictures() -> None:
    """The C# server's singles follow the grid; its size and type are the grid's."""
    found = node(
        imageUrl="https://cdn.example/grid.png",
        imageUrls=[
            {"url": "https://cdn.example/a", "thumbnail": "https://cdn.example/t"},
            "https://cdn.example/b",
        ],
        width=1024,
        height=768,
        contentType="image/png",
    )

    grid = picture(
        "1:0", urls=public("https://cdn.example/grid.png"), width=1024, height=768, content_type="image/png"
    )
    thumbnail = (MediaVariant.THUMBNAIL, "https://cdn.example/t")
    assert found.media == (
        grid,
        picture("1:1", urls=[*public("https://cdn.example/a"), thumbnail]),
        picture("1:2", urls=public("https://cdn.example/b")),
    )
    assert found.cover == grid


def test_an_only_picture_is_not_shown_twice() -> None:
    """An upscaled picture comes as imageUrl, and again as the one entry of imageUrls."""
    found = node(action="UPSCALE", imageUrl="https://d.example/u", imageUrls=[{"url": "https://c.example/u"}])

    assert found.media == (picture("1:0", urls=public("https://d.example/u")),)


@pytest.mark.parametrize(
    ("status", "preview"),
    [
        ("IN_PROGRESS", True),
        ("", True),
        ("MODAL", True),
        ("FAILURE", False),
        ("CANCEL", False),
        ("SUCCESS", False),
    ],
)
def test_picture_of_an_unfinished_task(status: str, preview: bool) -> None:
    """Before the end an image URL is a preview, never a result; after a failure it is nothing."""
    url = "https://newapi.example/mj/image/1"
    for found in (node(status=status, imageUrl=url), row(status=status, image_url=url)):
        assert found.preview == (url if preview else None)
        assert bool(found.media) is bool(found.cover) is (status == "SUCCESS")
        assert found.seeds == (None if status == "SUCCESS" else ())


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:image/png;base64,AA==",
        "file:///etc/passwd",
        "/mj/image/1",
        "//a.example/1",
        "https://user:pass@a.example/1",
        "ftp://a.example/1",
        "5",
        5,
        "",
        None,
        {},
        True,
    ],
)
def test_what_is_no_address(address: object) -> None:
    """Only absolute http(s) addresses without user info become pictures; the others keep their ids."""
    good = "https://cdn.example/b"
    pair = {"url": good, "thumbnail": address}
    found = node(imageUrl=address, imageUrls=[address, {"url": address}, pair], videoUrl=address)

    assert found.media == (picture("1:3", urls=public(good)),)
    assert (found.cover, row(image_url=address, video_url=address).media) == (found.media[0], ())
    assert node(status="IN_PROGRESS", imageUrl=address).preview is None


@pytest.mark.parametrize(
    ("prompt", "ratio"),
    [
        ("a heron --ar 3:2 --v 6.1", 1.5),
        ("a heron --aspect 9:16", 0.5625),
        ("a heron --ar=16:9", 16 / 9),
        ("a heron", 1.0),
        ("a heron --ar 0:1", 1.0),
        ("a heron --ar wide", 1.0),
        ("a heron --arc 3:2", 1.0),
    ],
)
def test_the_shape_is_known_before_the_pixels(prompt: str, ratio: float) -> None:
    """From the prompt, at every picture of the task; the pixels, where they are told, are surer."""
    found = node(imageUrl=URL_1, imageUrls=[URL_1, POSTER], prompt=prompt)
    measured = node(imageUrl=URL_1, prompt=prompt, width=300, height=200)

    assert [one.details and one.details.aspect_ratio for one in found.media] == [ratio] * 3
    assert [one.details and one.details.aspect_ratio for one in measured.media] == [1.5]
