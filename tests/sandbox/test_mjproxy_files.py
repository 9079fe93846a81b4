"""The files behind Midjourney's URLs."""

from __future__ import annotations

import io

from PIL import Image
from yarl import URL

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.sandbox.requests_midjourney import PIG, Client

GONE = "This content is no longer available."


async def _image(mj: Client, url: str) -> Image.Image:
    async with mj.session.get(URL(url, encoded=True)) as answer:
        assert answer.status == 200
        image = Image.open(io.BytesIO(await answer.read()))
    image.load()
    return image


async def test_a_url_tells_its_end_and_is_renewed_by_a_fetch(mj: Client, clock: Clock) -> None:
    """One day; then 404, while a new fetch signs afresh."""
    old = (await mj.fetch(PIG))["imageUrl"]
    given = URL(old, encoded=True).query
    alive, _, _ = await mj.text(old)
    clock.now += 86_400

    dead, _, said = await mj.text(old)
    new = (await mj.fetch(PIG))["imageUrl"]

    assert int(given["ex"], 16) - int(given["is"], 16) == 86_400
    assert int(given["ex"], 16) == clock.now
    assert (alive, dead, said) == (200, 404, GONE)
    assert (await mj.text(new))[0] == 200


async def test_forged_urls_are_refused(mj: Client) -> None:
    """Another end, another file, no signature."""
    url = (await mj.fetch(PIG))["imageUrl"]
    path, _, query = url.partition("?")
    forged = [
        url.replace("ex=", "ex=7"),
        f"{path}?{query[:-3]}00&",
        url.replace("1302547211321741343", "1302547211321741344"),
        path,
        f"{path}?ex=zz&is=&hm=",
    ]

    assert [(await mj.text(one))[0] for one in forged] == [404] * len(forged)


async def test_a_url_may_lead_nowhere(box: Sandbox, mj: Client) -> None:
    """Where the file is gone, and where the task was deleted."""
    gone = await mj.fetch(TASKS["file gone"])
    pig = await mj.fetch(PIG)
    box.mj.world.delete(PIG)

    assert (await mj.text(gone["imageUrl"]))[::2] == (404, GONE)
    assert (await mj.text(pig["imageUrl"]))[::2] == (404, GONE)


async def test_a_grid_shows_its_four_pictures(mj: Client) -> None:
    """Two by two; the single ones are as large as the whole, each with a thumbnail."""
    task = await mj.fetch(TASKS["imageUrls"])

    grid = await _image(mj, task["imageUrl"])
    singles = [await _image(mj, one["url"]) for one in task["imageUrls"]]
    small = await _image(mj, task["imageUrls"][3]["thumbnail"])

    assert grid.size == (task["width"], task["height"])
    assert [one.size for one in singles] == [grid.size] * 4
    assert len({one.tobytes() for one in singles}) == 4
    assert max(small.size) == 192


async def test_an_upscaled_picture_is_one_of_its_grids(box: Sandbox) -> None:
    """It has one seed of the painter's, and another task's grid has it too."""
    tasks = [task for task in box.mj.world if task.art]
    grids = {seed for task in tasks if task.art and len(task.art.seeds) == 4 for seed in task.art.seeds}
    singles = [task.art.seeds[0] for task in tasks if task.action == "UPSCALE" and task.art]

    assert len(grids.intersection(singles)) > 90


async def test_a_preview_is_another_file(mj: Client) -> None:
    """WebP, of the same size as the result will be."""
    task = await mj.fetch(TASKS["IN_PROGRESS with a preview"])

    image = await _image(mj, task["imageUrl"])

    assert (image.format, image.size) == ("WEBP", (task["width"], task["height"]))


async def test_videos_move_and_have_posters(mj: Client) -> None:
    """Under URLs that last."""
    task = await mj.fetch(TASKS["video_urls objects"])

    video = await _image(mj, task["videoUrl"])
    poster = await _image(mj, task["videoUrls"][0]["thumbnail"])

    assert task["videoUrls"][0]["url"] == task["videoUrl"]
    assert getattr(video, "n_frames", 1) > 1
    assert getattr(poster, "n_frames", 1) == 1
    assert URL(task["videoUrl"]).query_string == ""
