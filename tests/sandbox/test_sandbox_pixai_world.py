"""PixAI's world: enough of it, the same every time, and every edge case in it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.pixai.edge_cases import MEDIA, TASKS
from sandbox.pixai.records import epoch, iso
from sandbox.pixai.snowflakes import media_id, task_id
from sandbox.pixai.world import World
from tests.sandbox.requests import START, PixAI

LATER = START + 86_400


def test_the_world_is_large_and_the_same_every_time() -> None:
    """More than 1,100 tasks with ids of 19 digits over eight months, thousands of media with 18."""
    tasks = World(START).listed(LATER)
    media = [key for task in tasks for key in task.media_ids()]

    assert tasks == World(START).listed(LATER)
    assert len(tasks) > 1100
    assert len(set(media)) > 3000
    assert {len(task.id) for task in tasks} == {19}
    assert {len(key) for key in media} == {18}
    assert tasks[-1].created - tasks[0].created > 200 * 86_400


def test_ids_carry_their_time_as_the_documented_ones_do() -> None:
    """The documented ids lie where their times put them, the task's within 50 ms, its cover's within 4 s."""
    created = epoch("2024-05-22T06:22:11.557Z")

    assert abs(int(task_id(created)) - 1749903535747486198) < 50 << 22
    assert abs(int(media_id(epoch("2024-05-22T06:22:18.229Z"))) - 459604021635814417) < 4_000 << 22
    assert iso(created) == "2024-05-22T06:22:11.557Z"


SEEDS: dict[str, list[Any]] = {
    "outputs.seed": [91827364554637],
    "outputs.seed as text": ["91827364554638"],
    "outputs.seed over 63 bits": [18446744073709551615],
    "outputs.seed over 64 bits": [123456789012345678901234567890],
    "outputs.seed zero": [0],
    "no seed": [None],
    "batch seeds as text": ["11", "3283868009760115", "18446744073709551615", "0"],
    "batch seeds over 53 bits": [2**53 + 1, 2**63, 2**64 - 1, 123456789012345678901234567890],
    "batch seeds missing": [None, 5],
}
OUTPUTS = (
    "query($id: ID!) { task(id: $id) { status outputs parameters createdAt updatedAt endAt media { id } } }"
)


@pytest.mark.parametrize("name", SEEDS)
async def test_seeds_arrive_to_the_digit(pixai: PixAI, name: str) -> None:
    """Numbers beyond 53, 63 and 64 bits, and text."""
    outputs = (await pixai.data(OUTPUTS, id=TASKS[name]))["task"]["outputs"]

    assert [one.get("seed") for one in outputs.get("batch", [outputs])] == SEEDS[name]


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("parameters.seed", 424242),
        ("parameters.seed as text", "9007199254740993"),
        ("parameters.seed empty", ""),
    ],
)
async def test_a_seed_only_in_the_parameters(pixai: PixAI, name: str, seed: object) -> None:
    """The outputs have none."""
    task = (await pixai.data(OUTPUTS, id=TASKS[name]))["task"]

    assert (task["parameters"]["seed"], "seed" in task["outputs"]) == (seed, False)


@pytest.mark.parametrize(
    ("name", "status", "outputs"),
    [
        ("waiting, outputs null", "waiting", None),
        ("waiting, outputs {}", "waiting", {}),
        ("running, outputs {}", "running", {}),
        ("running, outputs with a reason", "running", {"reason": "retrying"}),
        ("failed, outputs.reason", "failed", {"reason": "out of memory on the runner"}),
        ("failed, outputs.failureReason", "failed", {"failureReason": "prompt was moderated"}),
        ("failed, outputs null", "failed", None),
        ("cancelled, outputs.reason", "cancelled", {"reason": "changed my mind"}),
        ("status canceled", "canceled", None),
        ("status CANCELLED", "CANCELLED", None),
        ("status paused", "paused", None),
        ("status empty", "", None),
        ("status null", None, None),
    ],
)
async def test_tasks_without_results(pixai: PixAI, name: str, status: str | None, outputs: object) -> None:
    """Every spelling of a state, every form of empty outputs."""
    task = (await pixai.data(OUTPUTS, id=TASKS[name]))["task"]

    assert (task["status"], task["outputs"], task["media"]) == (status, outputs, None)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("dates without milliseconds", "Z"),
        ("dates with microseconds", "123Z"),
        ("dates with +00:00", "+00:00"),
        ("dates with +09:00", "+09:00"),
    ],
)
async def test_dates_in_other_forms_are_the_same_instants(pixai: PixAI, name: str, ending: str) -> None:
    """Each is ISO 8601, near the instant at which the task's id was made."""
    task = (await pixai.data(OUTPUTS, id=TASKS[name]))["task"]

    assert all(task[key].endswith(ending) for key in ("createdAt", "updatedAt", "endAt"))
    assert abs(int(task_id(epoch(task["createdAt"]))) - int(TASKS[name])) < 2_000 << 22


KINDS: dict[str, list[tuple[str | None, str | None]] | None] = {
    "urls null": None,
    "urls []": [],
    "url null in every entry": [("PUBLIC", None), ("THUMBNAIL", None), ("STILL_THUMBNAIL", None)],
    "url null first, then whole": [
        ("PUBLIC", None),
        ("PUBLIC", "orig"),
        ("THUMBNAIL", "thumb"),
        ("STILL_THUMBNAIL", "stillThumb"),
    ],
    "url empty": [("PUBLIC", ""), ("THUMBNAIL", "thumb")],
    "variant null only": [(None, "orig")],
    "only THUMBNAIL": [("THUMBNAIL", "thumb")],
    "no PUBLIC": [("THUMBNAIL", "thumb"), ("STILL_THUMBNAIL", "stillThumb")],
}


@pytest.mark.parametrize("name", KINDS)
async def test_media_with_odd_urls(pixai: PixAI, name: str) -> None:
    """Null lists, null entries, missing variants."""
    media = (
        await pixai.data("query($id: String!) { media(id: $id) { urls { variant url } } }", id=MEDIA[name])
    )["media"]

    urls = media["urls"]
    kinds = (
        None if urls is None else [(one["variant"], one["url"] and one["url"].split("/")[4]) for one in urls]
    )
    assert kinds == KINDS[name]


async def test_media_that_cannot_be_seen_are_null(pixai: PixAI) -> None:
    """Another user's media, and those of a task whose pictures are gone."""
    gone = (await pixai.data(OUTPUTS, id=TASKS["media gone"]))["task"]
    query = "query($a: String!, $b: String!) { a: media(id: $a) { id } b: media(id: $b) { id } }"

    seen = await pixai.data(query, a=MEDIA["another user's"], b=gone["outputs"]["batch"][0]["mediaId"])

    assert seen == {"a": None, "b": None}
    assert gone["media"] is None


async def test_a_task_of_the_web_application(pixai: PixAI) -> None:
    """A video with its poster, both of which exist."""
    task = (await pixai.data(OUTPUTS, id=TASKS["videos"]))["task"]

    assert task["outputs"] == {
        "duration": 41.7,
        "videos": [{"mediaId": MEDIA["video"], "thumbnailMediaId": MEDIA["video's poster"], "seed": 271828}],
    }
    assert task["media"] == {"id": MEDIA["video's poster"]}


async def test_another_users_task_cannot_be_seen(pixai: PixAI) -> None:
    """Null in GraphQL, missing in REST."""
    key = TASKS["another user's"]

    task = await pixai.data(OUTPUTS, id=key)
    status, _ = await pixai.get(f"/v1/task/{key}")

    assert (task, status) == ({"task": None}, 404)


@pytest.mark.parametrize("name", [name for name in TASKS if name != "another user's"])
async def test_every_edge_case_can_be_read(pixai: PixAI, name: str) -> None:
    """No edge case breaks PixAI's own schema, by GraphQL or REST."""
    task = await pixai.data(
        "query($id: ID!) { task(id: $id) { id status startedAt parameters outputs } }", id=TASKS[name]
    )
    status, body = await pixai.get(f"/v1/task/{TASKS[name]}")

    assert task["task"]["id"] == TASKS[name]
    assert (status, body["id"]) == (200, TASKS[name])
