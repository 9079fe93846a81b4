"""The edge cases of new-api's rows."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import ODD_ID, REFUSED, TASKS
from tests.sandbox.requests_midjourney import PIG, Client

FIELDS = (
    *("id", "code", "user_id", "action", "mj_id", "prompt", "prompt_en", "description", "state"),
    *("submit_time", "start_time", "finish_time", "image_url", "video_url", "video_urls", "status"),
    *("progress", "fail_reason", "channel_id", "quota", "buttons", "properties"),
)


async def _row(newapi: Client, key: str) -> Any:
    (row,) = (await newapi.page(f"mj_id={quote(key, safe='')}"))["items"]
    return row


async def test_every_row_has_every_field_in_its_type(newapi: Client) -> None:
    """In new-api's order; whole numbers and texts, never null."""
    whole = {"id", "code", "user_id", "submit_time", "start_time", "finish_time", "channel_id", "quota"}

    for row in await newapi.rows():
        assert tuple(row) == FIELDS
        assert {name for name, value in row.items() if type(value) is int} == whole
        assert {type(value) for name, value in row.items() if name not in whole} == {str}


async def test_the_documents_task_as_a_row(box: Sandbox, newapi: Client) -> None:
    """Buttons and properties are JSON inside a string, the picture is forwarded."""
    row = await _row(newapi, PIG)

    assert row["image_url"] == f"{box.newapi.url}/mj/image/{PIG}"
    assert [one["label"] for one in json.loads(row["buttons"])][:4] == ["U1", "U2", "U3", "U4"]
    assert json.loads(row["properties"]) == {"finalPrompt": "pig --v 6.1", "finalZhPrompt": ""}
    assert (row["submit_time"], row["progress"], row["code"]) == (1730621826053, "100%", 1)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status empty in the row", {"status": "", "progress": "0%", "start_time": 0, "finish_time": 0}),
        ("NOT_START", {"status": "NOT_START", "progress": "0%"}),
        ("SUBMITTED", {"status": "SUBMITTED", "progress": "0%"}),
        ("IN_PROGRESS with a preview", {"status": "IN_PROGRESS", "progress": "46%", "finish_time": 0}),
        ("MODAL", {"status": "MODAL", "code": 21}),
        ("CANCEL", {"status": "CANCEL"}),
        (
            "FAILURE",
            {"status": "FAILURE", "progress": "100%", "fail_reason": "Invalid parameter: `--ar 0:0`"},
        ),
        ("FAILURE without a reason", {"status": "FAILURE", "progress": "100%", "fail_reason": ""}),
        ("status success", {"status": "success"}),
        ("status paused", {"status": "PAUSED"}),
        ("progress Waiting", {"progress": "Waiting to start"}),
        ("progress without a percent sign", {"progress": "64"}),
        ("progress over 100", {"progress": "150%"}),
        ("progress below 0", {"progress": "-3%"}),
        ("buttons empty", {"buttons": ""}),
        ("buttons null", {"buttons": "null"}),
        ("buttons broken", {"buttons": '[{"customId": "MJ::JOB'}),
        ("properties empty", {"properties": ""}),
        ("properties null", {"properties": "null"}),
        ("properties {}", {"properties": "{}"}),
        ("properties broken", {"properties": '{"finalPrompt": '}),
        ("properties an array", {"properties": "[]"}),
        ("video_urls empty", {"video_urls": ""}),
        ("video_urls []", {"video_urls": "[]"}),
        ("video_urls null", {"video_urls": "null"}),
        ("video_urls broken", {"video_urls": '[{"url": "https://'}),
        ("video_url empty", {"video_url": ""}),
        ("no video though SUCCESS", {"video_url": "", "video_urls": "", "status": "SUCCESS"}),
        ("action unknown", {"action": "HOLOGRAM"}),
        ("code 22", {"code": 22}),
        ("quota over 31 bits", {"quota": 3_000_000_000}),
        ("quota 0", {"quota": 0}),
        ("prompt translated", {"prompt": "雪上的纸鹤", "prompt_en": "a paper crane on snow --v 6.1"}),
    ],
)
async def test_edge_cases(newapi: Client, name: str, values: dict[str, object]) -> None:
    """Each lies in one row, which its name finds."""
    row = await _row(newapi, TASKS[name])

    assert {field: row[field] for field in values} == values


async def test_videos_are_told_in_both_forms(newapi: Client) -> None:
    """Objects as the server stores them, strings as its document shows them."""
    objects, strings = [await _row(newapi, TASKS[f"video_urls {form}"]) for form in ("objects", "strings")]

    assert json.loads(objects["video_urls"])[0] == {"url": objects["video_url"]}
    assert json.loads(strings["video_urls"])[0] == strings["video_url"]


async def test_start_and_finish_in_seconds_among_milliseconds(newapi: Client) -> None:
    """A value's size tells its unit."""
    row = await _row(newapi, TASKS["start and finish in seconds"])

    assert row["submit_time"] > 10**12
    assert row["submit_time"] // 1000 <= row["start_time"] < row["finish_time"] < 10**11


async def test_refused_submits_have_no_id_and_share_an_instant(box: Sandbox, newapi: Client) -> None:
    """Only their row tells them apart; the picture's URL still is there."""
    rows = [row for row in await newapi.rows() if row["mj_id"] == "" and row["channel_id"] == 1]
    instants = [row["submit_time"] for row in rows]
    shared = [row for row in rows if instants.count(row["submit_time"]) == len(REFUSED)]

    assert [row["code"] for row in shared] == [3, 23, 24]
    assert {row["status"] for row in rows} == {"FAILURE"}
    assert {row["image_url"] for row in rows} == {f"{box.newapi.url}/mj/image/"}


async def test_a_picture_is_forwarded_before_there_is_one(box: Sandbox, newapi: Client) -> None:
    """For every row; without forwarding the URL is the source's, "" where there is none."""
    waiting = TASKS["NOT_START"]
    forwarded = (await _row(newapi, waiting))["image_url"]
    missing = await newapi.json(f"/mj/image/{waiting}")

    box.newapi.forward = False

    assert forwarded == f"{box.newapi.url}/mj/image/{waiting}"
    assert missing == (500, {"error": "http_get_image_failed"})
    assert (await _row(newapi, waiting))["image_url"] == ""


async def test_a_plain_url_dies_a_day_after_the_task_ended(
    box: Sandbox, newapi: Client, clock: Clock
) -> None:
    """It was signed then, and the row keeps it."""
    key = "1900000000000101"
    box.newapi.forward = False
    clock.now += 10
    url = (await _row(newapi, key))["image_url"]
    fresh, kind, _ = await newapi.text(url)
    clock.now += 86_400

    dead, _, said = await newapi.text(url)

    assert url.startswith(f"{box.mj.url}/attachments/")
    assert (await _row(newapi, key))["image_url"] == url
    assert (fresh, kind, dead, said) == (200, "image/png", 404, "This content is no longer available.")


async def test_an_id_may_hold_anything(box: Sandbox, newapi: Client) -> None:
    """Percent-encoded it is one key, in queries and in the picture's path."""
    row = await _row(newapi, ODD_ID)

    status, kind, _ = await newapi.text(row["image_url"], headers={})

    assert row["mj_id"] == ODD_ID
    assert row["image_url"] == f"{box.newapi.url}/mj/image/odd%2F%20id%3F%23%25%C3%A9%26"
    assert (status, kind) == (200, "image/png")


async def test_a_task_moves_with_the_clock(newapi: Client, clock: Clock) -> None:
    """Without a status first, then with a picture on the way, then done."""
    seen = []
    for step in (0, 6, 5, 15, 16):
        clock.now += step
        row = await _row(newapi, "1900000000000104")
        seen.append((row["status"], row["progress"], bool(row["start_time"]), bool(row["finish_time"])))

    assert seen == [
        ("", "0%", False, False),
        ("SUBMITTED", "0%", False, False),
        ("IN_PROGRESS", "3%", True, False),
        ("IN_PROGRESS", "53%", True, False),
        ("SUCCESS", "100%", True, True),
    ]
