"""Getting and listing Meshy's tasks, as its documents say."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox, start
from sandbox.meshy.edge_cases import TASKS, edge_cases
from sandbox.meshy.vendor_examples import TASK
from tests.sandbox.requests import START
from tests.sandbox.requests_meshy import API, IMAGES, TEXTS, Meshy, asking, documented


async def _whole(
    meshy: Meshy, order: str = "-created_at", collection: str = IMAGES
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in count(1):
        page = await meshy.rows(f"page_num={number}&page_size=50&sort_by={order}", collection)
        rows += page
        if not page:
            break
    return rows


async def test_the_documents_task_in_all_its_fields(meshy: Meshy) -> None:
    """Equal to the document's object but for the URL, whose host and signature are ours."""
    task = await meshy.task(TASK)

    wanted = documented("task")
    (url,) = task["image_urls"]
    assert task | {"image_urls": wanted["image_urls"]} == wanted
    assert f"/tasks/{TASK}/output/image.png?Expires=" in url
    assert documented("get").items() <= wanted.items()
    assert meshy.upstream.requests == {"GET /openapi/v1/image-to-image/{id}": 1}


async def test_a_list_is_a_bare_array_of_the_same_objects(meshy: Meshy) -> None:
    """Ten rows where nothing is said, the oldest first; each is what its own address answers."""
    rows = await meshy.rows("")

    assert len(rows) == 10
    assert rows == [await meshy.task(row["id"]) for row in rows]
    assert rows == await meshy.rows("page_num=1&page_size=10&sort_by=%2Bcreated_at")


@pytest.mark.parametrize(("collection", "least"), [(IMAGES, 450), (TEXTS, 40)])
async def test_pages_hold_every_task_once_in_both_orders(meshy: Meshy, collection: str, least: int) -> None:
    """Pages of 50 until an empty one; the other order is exactly the reverse."""
    newest = await _whole(meshy, "-created_at", collection)
    oldest = await _whole(meshy, "%2Bcreated_at", collection)

    times = [row.get("created_at") or 0 for row in newest]
    assert len(newest) >= least
    assert max(Counter(str(row["id"]) for row in newest).values()) == 1
    assert times == sorted(times, reverse=True)  # type: ignore[type-var]
    assert oldest == newest[::-1]


async def test_equal_times_lie_across_page_ends_and_unset_ones_last(meshy: Meshy) -> None:
    """Whoever pages by time alone loses or repeats rows here."""
    rows = await _whole(meshy)

    times = [row.get("created_at") or 0 for row in rows]
    straddled = {
        size: sum(times[at - 1] == times[at] != 0 for at in range(size, 500, size)) for size in (10, 50)
    }
    unset = {TASKS[f"created_at {value}"] for value in ("0", "null", "absent")} | {
        TASKS["only id and status"]
    }
    assert straddled[10] >= 8
    assert straddled[50] >= 1
    assert {row["id"] for row in rows[-4:]} == unset


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sort_by=+created_at", "sort_by must be +created_at or -created_at"),
        ("sort_by=created_at", "sort_by must be +created_at or -created_at"),
        ("sort_by=", "sort_by must be +created_at or -created_at"),
        ("page_num=0", "page_num must be a positive integer"),
        ("page_num=-1", "page_num must be a positive integer"),
        ("page_num=two", "page_num must be a positive integer"),
        ("page_num=", "page_num must be a positive integer"),
        ("page_size=0", "page_size must be a positive integer"),
        ("page_size=1.5", "page_size must be a positive integer"),
        ("page_size=51", "page_size must be at most 50"),
    ],
)
async def test_bad_paging_is_a_400(meshy: Meshy, query: str, message: str) -> None:
    """Also a `+` that was not encoded: it arrives as a space."""
    assert await meshy.ask(f"{IMAGES}?{query}") == (400, {"message": message})


async def test_beyond_the_last_page_is_nothing(meshy: Meshy) -> None:
    """An empty array, however far."""
    assert await meshy.rows("page_num=99&page_size=50") == []
    assert await meshy.rows("page_num=999999999999999999999") == []


@pytest.mark.parametrize(
    "path", [IMAGES, f"{IMAGES}/{TASK}", f"{IMAGES}/{TASK}/stream", TEXTS, f"{API}/balance"]
)
@pytest.mark.parametrize("sent", [None, "Bearer wrong", "sandbox-meshy-key"])
async def test_without_the_key_everything_is_401(box: Sandbox, path: str, sent: str | None) -> None:
    """In Meshy's shape: a message and nothing else."""
    headers = {"Authorization": sent} if sent else {}
    async with ClientSession(box.meshy.url) as anyone, anyone.get(path, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (401, {"message": "Invalid API key"})


@pytest.mark.parametrize(
    "path",
    [
        f"{IMAGES}/018a0000-0000-7000-8000-000000000000",
        f"{TEXTS}/{TASK}",
        f"{IMAGES}/..%2Fbalance",
        f"{IMAGES}/%F0%9F%A6%8A",
    ],
)
async def test_an_unknown_id_is_404(meshy: Meshy, path: str) -> None:
    """So is one that lives under another resource."""
    assert await meshy.ask(path) == (404, {"message": "Task not found"})


async def test_text_to_image_has_tasks_of_its_own(meshy: Meshy) -> None:
    """With their own type, found under their own resource only."""
    (row,) = await meshy.rows("page_size=1&sort_by=-created_at", TEXTS)

    assert row["type"] == "text-to-image"
    assert await meshy.task(row["id"], TEXTS) == row
    assert (await meshy.ask(f"{IMAGES}/{row['id']}"))[0] == 404


@pytest.mark.parametrize("name", TASKS)
async def test_every_edge_case_is_served_as_it_is(meshy: Meshy, name: str) -> None:
    """Under its id, however odd, with every field but the URLs to the letter."""
    stored = edge_cases()[name]

    sent = await meshy.task(stored.id)

    assert {**sent, "image_urls": None} == {**stored.body, "image_urls": None}
    assert len(sent.get("image_urls") or []) == len(stored.body.get("image_urls") or [])


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Bad Request"),
        (402, "Payment Required"),
        (429, "Too Many Requests"),
        (500, "Internal Server Error"),
    ],
)
async def test_faults_come_in_meshys_shape(meshy: Meshy, status: int, message: str) -> None:
    """Whatever the status; a code is not part of it."""
    meshy.upstream.fail("GET /openapi/v1/image-to-image/{id}", status=status, times=1)

    assert await meshy.ask(f"{IMAGES}/{TASK}") == (status, {"message": message})
    assert (await meshy.ask(f"{IMAGES}/{TASK}"))[0] == 200


async def test_two_worlds_are_the_same(meshy: Meshy, box: Sandbox) -> None:
    """The same start, the same rows."""
    async with start(clock=Clock(START)) as other, asking(other.meshy) as second:
        first_rows, second_rows = await _whole(meshy), await _whole(second)

    assert [{**row, "image_urls": None} for row in first_rows] == [
        {**row, "image_urls": None} for row in second_rows
    ]
