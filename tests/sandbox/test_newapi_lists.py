"""new-api's lists: pages, filters, modes and units."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.sandbox.requests_midjourney import PIG, Client, asking_newapi, documented

EVERYBODY = "/api/mj/"


@pytest.fixture
async def admin(box: Sandbox) -> AsyncIterator[Client]:
    async with asking_newapi(box.newapi, box.newapi.admin_key, box.newapi.admin_user) as client:
        yield client


async def test_the_documents_row_in_its_unit(box: Sandbox, newapi: Client) -> None:
    """In seconds and without forwarding, row 1 is the document's to the letter; it has more fields."""
    box.newapi.unit, box.newapi.forward = "s", False
    wanted = documented("newapi_self")["data"]["items"][0]

    data = await newapi.page("p=1&page_size=20&mj_id=task123456&end_timestamp=1640995200")

    assert {name: data[name] for name in ("page", "page_size", "total")} == {
        "page": 1,
        "page_size": 20,
        "total": 1,
    }
    (row,) = data["items"]
    assert {name: row[name] for name in wanted} == wanted
    assert set(row) - set(wanted) == {
        *("code", "user_id", "description", "state", "channel_id", "buttons", "properties"),
    }
    assert box.newapi.requests == {"GET /api/mj/self": 1}


async def test_everybodys_list_has_the_documents_fields(admin: Client) -> None:
    """The same rows, with the owner and the channel."""
    wanted = documented("newapi_all")["data"]

    data = await admin.page("page_size=1", EVERYBODY)

    assert set(data) == set(wanted)
    assert set(wanted["items"][0]) <= set(data["items"][0])


async def test_pages_hold_every_row_once_newest_first(newapi: Client, admin: Client, box: Sandbox) -> None:
    """The owner has most of more than 600; everybody's list has the others too."""
    own, everybody = await newapi.rows(), await admin.rows(path=EVERYBODY)

    rows = [row["id"] for row in everybody]
    assert rows == sorted(set(rows), reverse=True)
    assert own == [row for row in everybody if row["user_id"] == box.newapi.user]
    assert len(own) > len(everybody) / 2 > 300
    assert len(Counter(row["user_id"] for row in everybody)) >= 4
    assert len(Counter(row["channel_id"] for row in everybody)) >= 4


@pytest.mark.parametrize("size", [7, 10, 20, 50, 100])
async def test_rows_of_one_instant_lie_across_a_pages_end(newapi: Client, size: int) -> None:
    """Whoever resumes by time meets them."""
    rows = await newapi.rows()

    ends = range(size, len(rows), size)
    assert any(rows[end]["submit_time"] == rows[end - 1]["submit_time"] for end in ends)


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 10),
        ("p=2&page_size=20", 2, 20),
        ("p=1&page_size=1000", 1, 100),
        ("p=0&page_size=0", 1, 10),
        ("p=-3&page_size=-5", 1, 10),
        ("p=x&page_size=y", 1, 10),
        ("ps=3", 1, 3),
        ("size=4", 1, 4),
        ("p=999", 999, 10),
    ],
)
async def test_odd_pages_are_put_right_silently(newapi: Client, query: str, page: int, size: int) -> None:
    """The envelope tells what was meant; a page behind the end is empty."""
    data = await newapi.page(query)

    assert (data["page"], data["page_size"]) == (page, size)
    assert len(data["items"]) == (0 if page == 999 else size)
    assert data["total"] > 500


async def test_times_are_inclusive_at_both_ends(newapi: Client) -> None:
    """One row's own instant as start and end finds it."""
    at = 1730621826053

    rows = await newapi.rows(f"start_timestamp={at}&end_timestamp={at}")
    before = await newapi.page(f"end_timestamp={at - 1}")
    after = await newapi.page(f"start_timestamp={at + 1}")
    every = await newapi.page("start_timestamp=&end_timestamp=&mj_id=")

    assert [row["mj_id"] for row in rows] == [PIG]
    assert before["total"] + 1 + after["total"] == every["total"]


async def test_a_time_in_the_other_unit_is_compared_as_it_is(box: Sandbox, newapi: Client) -> None:
    """Seconds against milliseconds: everything is later, nothing earlier; unless it is lenient."""
    everything = (await newapi.page())["total"]

    strict = [
        (await newapi.page(f"{name}=1730621827"))["total"] for name in ("start_timestamp", "end_timestamp")
    ]
    box.newapi.lenient = True
    lenient = [
        (await newapi.page(f"{name}=1730621827"))["total"] for name in ("start_timestamp", "end_timestamp")
    ]

    assert strict == [everything, 0]
    assert min(lenient) > 0
    assert sum(lenient) == everything


async def test_seconds_are_filtered_in_seconds(box: Sandbox, newapi: Client) -> None:
    """With the document's unit its example finds the document's row."""
    box.newapi.unit = "s"

    rows = await newapi.rows("start_timestamp=1640908800&end_timestamp=1640995200")

    assert [(row["mj_id"], row["submit_time"]) for row in rows] == [("task123456", 1640908800)]


async def test_a_time_that_is_no_number_gives_null_for_a_list(newapi: Client) -> None:
    """The database's complaint is swallowed."""
    assert await newapi.page("end_timestamp=today") == {
        "page": 1,
        "page_size": 10,
        "total": 0,
        "items": None,
    }


async def test_lists_can_come_as_null(box: Sandbox, newapi: Client) -> None:
    """As an option, in both modes."""
    box.newapi.null_items = True
    paged = await newapi.page()
    box.newapi.mode = "legacy"

    assert paged["items"] is None
    assert await newapi.page() is None


async def test_channels_are_a_filter_of_everybodys_list_only(newapi: Client, admin: Client) -> None:
    """A user's own list does not hear it."""
    mine, all_mine = await newapi.page("channel_id=9"), await newapi.page()
    theirs = await admin.rows("channel_id=9", EVERYBODY)

    assert mine["total"] == all_mine["total"]
    assert [row["mj_id"] for row in theirs] == [TASKS["another channel's"]]


async def test_the_legacy_mode_counts_from_nought_and_hears_no_size(box: Sandbox, newapi: Client) -> None:
    """Bare arrays of ten, without videos; below nought is the first."""
    wanted = [row["id"] for row in await newapi.rows()][:20]
    box.newapi.mode = "legacy"

    pages = [await newapi.page(query) for query in ("p=0&page_size=50", "p=1", "p=-1", "", "p=9999")]

    ids = [[row["id"] for row in page] for page in pages]
    assert ids == [wanted[:10], wanted[10:], wanted[:10], wanted[:10], []]
    assert not {"video_url", "video_urls"} & set(pages[0][0])


@pytest.mark.parametrize(("path", "to"), [("/api/mj/self/", "/api/mj/self"), ("/api/mj", "/api/mj/")])
async def test_the_other_slash_form_redirects_with_its_query(
    box: Sandbox, admin: Client, path: str, to: str
) -> None:
    """301, as gin does; whoever follows gets the list."""
    query = "?p=2&mj_id=a%2Bb"
    async with admin.session.get(
        box.newapi.url + path + query, headers=admin.headers, allow_redirects=False
    ) as first:
        location = first.headers["Location"]

    followed, _ = await admin.json(path + query, allow_redirects=True)

    assert (first.status, location, followed) == (301, to + query, 200)
    assert box.newapi.requests == {f"GET {path}": 2, f"GET {to}": 1}


async def test_rows_arrive_finish_and_leave_between_pages(box: Sandbox, newapi: Client, clock: Clock) -> None:
    """What a walk must bear: offsets shift by what was inserted and deleted."""
    world = box.newapi.world
    first = await newapi.page("page_size=5")
    running: list[Any] = [row for row in first["items"] if row["status"] == ""]
    clock.now += 1

    new = world.insert(status="IN_PROGRESS", progress="10%", finish=0, art=None, buttons=())
    twin = world.insert(submit=new.submit)
    shifted = await newapi.page("page_size=5")
    world.delete(twin.id)
    world.delete(first["items"][0]["id"])
    world.finish(new.row)
    finished = await newapi.page("page_size=5")

    before = [row["id"] for row in first["items"]]
    assert running
    assert [row["id"] for row in shifted["items"]] == [twin.row, new.row, *before[:3]]
    assert [row["id"] for row in finished["items"]] == [new.row, *before[1:]]
    assert (shifted["items"][1]["status"], finished["items"][0]["status"]) == ("IN_PROGRESS", "SUCCESS")
    assert finished["total"] == first["total"]
