"""The pictures behind Meshy's URLs: real, distinct, and gone when their time is over."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from sandbox import Clock
from sandbox.meshy.edge_cases import TASKS
from sandbox.meshy.files import LIFETIME
from sandbox.meshy.vendor_examples import TASK
from tests.sandbox.requests_meshy import IMAGES, Meshy


async def test_a_url_says_when_it_ends_and_keeps_to_it(meshy: Meshy, clock: Clock) -> None:
    """Served until the second before, refused from then on; asking for the task again renews it."""
    (url,) = (await meshy.task(TASK))["image_urls"]
    end = int(parse_qs(urlsplit(url).query)["Expires"][0])

    clock.now = end - 1
    alive, _, _ = await meshy.fetch(url)
    clock.now = end
    dead, kind, said = await meshy.fetch(url)
    (renewed,) = (await meshy.task(TASK))["image_urls"]
    again, _, _ = await meshy.fetch(renewed)

    assert (alive, dead, kind, again) == (200, 403, "application/xml", 200)
    assert b"Request has expired" in said
    assert int(parse_qs(urlsplit(renewed).query)["Expires"][0]) == end + LIFETIME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Expires=1", "Expires=2"),
        ("Signature=", "Signature=0"),
        ("image.png", "other.png"),
        (TASK, "018a"),
        ("?", "#"),
    ],
)
async def test_a_forged_url_is_refused(meshy: Meshy, old: str, new: str) -> None:
    """Every part of it counts."""
    (url,) = (await meshy.task(TASK))["image_urls"]

    status, _, _ = await meshy.fetch(url.replace(old, new))

    assert status == 403


async def test_views_are_different_pictures(meshy: Meshy) -> None:
    """Three views, three pictures that decode; the same URL gives the same bytes."""
    urls = (await meshy.task(TASKS["three views"]))["image_urls"]

    bodies = [(await meshy.fetch(url))[2] for url in urls]

    assert len(set(bodies)) == 3
    assert {Image.open(io.BytesIO(body)).format for body in bodies} == {"PNG"}
    assert bodies[0] == (await meshy.fetch(urls[0]))[2]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("picture is a JPEG", "image/jpeg"),
        ("picture without suffix", "image/png"),
        ("URL without expiry", "image/png"),
    ],
)
async def test_odd_urls_are_served_too(meshy: Meshy, name: str, kind: str) -> None:
    """Other suffixes, none, and one that never ends."""
    (url,) = (await meshy.task(TASKS[name]))["image_urls"]

    assert (await meshy.fetch(url))[:2] == (200, kind)


@pytest.mark.parametrize("name", [name for name in TASKS if name.startswith("id ")])
async def test_odd_ids_have_urls_that_work(meshy: Meshy, name: str) -> None:
    """An id is a segment of the URL, encoded."""
    for url in (await meshy.task(TASKS[name]))["image_urls"]:
        assert (await meshy.fetch(url))[0] == 200


async def test_deleting_a_task_takes_its_pictures(meshy: Meshy) -> None:
    """A URL that was alive is refused at once."""
    (url,) = (await meshy.task(TASK))["image_urls"]

    await meshy.ask(f"{IMAGES}/{TASK}", "DELETE")

    assert (await meshy.fetch(url))[0] == 403
