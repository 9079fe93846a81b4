"""midjourney-proxy's tasks: one, many, and what each flavour makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import ODD_ID, TASKS
from sandbox.mjproxy import Flavour, MidjourneyProxy
from sandbox.mjproxy.objects import JAVA
from tests.sandbox.requests_midjourney import PIG, Client, documented


def _unsigned(task: dict[str, Any]) -> dict[str, Any]:
    """Without the host and the signature of its picture."""
    return task | {"imageUrl": task["imageUrl"].partition("/attachments/")[2].partition("?")[0]}


@pytest.mark.parametrize("flavour", ["csharp", "reseller"])
async def test_the_documents_task(box: Sandbox, mj: Client, flavour: Flavour) -> None:
    """Equal to the document's but for the URL's host and signature, whose form is the document's."""
    box.mj.flavour = flavour
    wanted = documented("image_seed")

    task = await mj.fetch(PIG)

    common = {name: task[name] for name in wanted}
    assert _unsigned(common) == _unsigned(wanted)
    assert flavour == "csharp" or list(task) == list(wanted)
    query = task["imageUrl"].partition("?")[2]
    assert [len(part.partition("=")[2]) for part in query.split("&")] == [8, 8, 64, 0]
    assert box.mj.requests == {"GET /mj/task/{id}/fetch": 1}


async def test_the_java_server_tells_less(box: Sandbox, mj: Client) -> None:
    """The same values; no buttons, seeds or videos."""
    whole = await mj.fetch(PIG)
    box.mj.flavour = "java"

    task = await mj.fetch(PIG)

    assert tuple(task) == JAVA
    assert task == {name: whole[name] for name in JAVA}


@pytest.mark.parametrize(
    ("flavour", "status", "body"),
    [
        ("csharp", 204, None),
        ("java", 200, None),
        ("reseller", 400, {"description": "task_no_found ", "type": "upstream_error", "code": 4}),
    ],
)
@pytest.mark.parametrize("key", ["1", TASKS["row only"]])
async def test_an_unknown_task(
    box: Sandbox, mj: Client, flavour: Flavour, status: int, body: object, key: str
) -> None:
    """Nothing at all, or an error, by flavour; also where only new-api remembers it."""
    box.mj.flavour = flavour

    assert await mj.json(f"/mj/task/{key}/fetch") == (status, body)


async def test_many_come_in_an_order_of_their_own(box: Sandbox, mj: Client) -> None:
    """Unknown ids are dropped, duplicates collapse; each is what fetch answers."""
    keys = [task.id for task in box.mj.world if task.proxied][:100]

    found = await mj.many(*keys, *keys[:3], "1", TASKS["row only"])
    reverse = await mj.many(*reversed(keys))

    ids = [task["id"] for task in found]
    assert sorted(ids) == sorted(keys)
    assert ids not in (keys, keys[::-1])
    assert reverse == found
    assert found[0] == await mj.fetch(ids[0])
    assert box.mj.requests["POST /mj/task/list-by-condition"] == 2


@pytest.mark.parametrize("body", [{"ids": []}, {"ids": None}, {}])
async def test_no_ids_are_no_tasks(mj: Client, body: object) -> None:
    """Not all of them."""
    assert await mj.json("/mj/task/list-by-condition", "POST", json=body) == (200, [])


async def test_one_task_can_come_as_itself(box: Sandbox, mj: Client) -> None:
    """As a reseller documents it; two are a list."""
    box.mj.single_object = True

    assert (await mj.many(PIG))["id"] == PIG
    assert len(await mj.many(PIG, TASKS["MODAL"])) == 2
    assert await mj.many("1") == []


async def test_other_addresses_of_the_same(mj: Client) -> None:
    """C#'s alias, and a mode's prefix."""
    body = {"ids": [PIG]}

    answers = [
        await mj.json(f"{prefix}/task/{name}", "POST", json=body)
        for prefix, name in (("/mj", "list-by-ids"), ("/mj-relax/mj", "list-by-condition"))
    ]

    assert [found[0]["id"] for _, found in answers] == [PIG, PIG]


async def test_a_body_that_is_no_list_is_refused(mj: Client) -> None:
    """In the flavour's shape."""
    status, body = await mj.json("/mj/task/list-by-condition", "POST", json={"ids": "1"})

    assert (status, body["success"]) == (400, False)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status empty in the row", {"status": "NOT_START", "progress": None, "startTime": None}),
        ("status null in the object", {"status": None}),
        ("NOT_START", {"imageUrl": None, "finishTime": None, "buttons": [], "failReason": None}),
        ("SUBMITTED", {"status": "SUBMITTED", "progress": "0%"}),
        ("MODAL", {"status": "MODAL", "progress": None, "description": "Waiting for window confirm"}),
        ("CANCEL", {"status": "CANCEL", "description": "取消任务"}),
        ("FAILURE", {"status": "FAILURE", "progress": "", "imageUrl": None}),
        ("FAILURE with null times", {"startTime": None, "finishTime": None}),
        ("status Failed", {"status": "Failed"}),
        ("status CANCELLED", {"status": "CANCELLED"}),
        ("progress null", {"status": "IN_PROGRESS", "progress": None}),
        ("progress empty", {"progress": ""}),
        ("progress Waiting", {"progress": "Waiting to start"}),
        ("progress a number", {"progress": 31}),
        ("progress 12.5%", {"progress": "12.5%"}),
        ("progress text around a number", {"progress": "(88%) relaxed"}),
        ("start and finish unset though SUCCESS", {"status": "SUCCESS", "startTime": None}),
        ("submit unset", {"submitTime": None}),
        ("times 0 in the object", {"startTime": 0, "finishTime": 0}),
        ("imageUrl null though SUCCESS", {"status": "SUCCESS", "imageUrl": None, "imageUrls": []}),
        ("imageUrl empty though SUCCESS", {"status": "SUCCESS", "imageUrl": ""}),
        ("imageUrls null", {"imageUrls": None}),
        ("buttons null", {"buttons": None}),
        (
            "buttons with empty texts",
            {"buttons": [{"customId": "", "emoji": "", "label": "", "type": 2, "style": 2}]},
        ),
        ("properties null", {"properties": None}),
        ("properties {}", {"properties": {}}),
        ("video_urls null", {"videoUrls": None}),
        ("no video though SUCCESS", {"videoUrl": None, "videoUrls": []}),
        ("action null", {"action": None}),
        (
            "texts null",
            dict.fromkeys(("prompt", "promptEn", "description", "state", "failReason")),
        ),
        ("seed on the task", {"seed": "2718281828"}),
        ("seed on the task as a number", {"seed": 2718281829}),
        ("seed in the prompt", {"seed": "20240711"}),
        ("seed failed", {"seed": None, "seedError": "Request timeout"}),
        ("odd id", {"id": ODD_ID}),
    ],
)
async def test_edge_cases(mj: Client, name: str, values: dict[str, object]) -> None:
    """Each lies in one task, which its name finds."""
    task = await mj.fetch(TASKS[name])

    assert {field: task[field] for field in values} == values


async def test_a_task_moves_with_the_clock(mj: Client, clock: Clock) -> None:
    """A preview appears on the way and gives way to the result."""
    seen = []
    for step in (0, 6, 5, 15, 16):
        clock.now += step
        task = await mj.fetch("1900000000000104")
        kind = (task["imageUrl"] or "").partition("?")[0].rpartition(".")[2]
        seen.append((task["status"], task["progress"], kind, len(task["buttons"])))

    assert seen == [
        ("NOT_START", None, "", 0),
        ("SUBMITTED", None, "", 0),
        ("IN_PROGRESS", "3%", "", 0),
        ("IN_PROGRESS", "53%", "webp", 0),
        ("SUCCESS", "100%", "png", 9),
    ]


def test_the_world_is_the_same_every_time(box: Sandbox, clock: Clock) -> None:
    """Two servers started at one instant hold the same tasks; new-api shares the proxy's."""
    again = MidjourneyProxy(clock, "csharp", "bearer").world

    assert list(again) == list(box.mj.world)
    assert box.newapi.world is box.mj.world


async def test_tests_change_the_world(box: Sandbox, mj: Client, clock: Clock) -> None:
    """Tasks are inserted, finished, deleted; all of them go at once."""
    world = box.mj.world
    new = world.insert(action="UPSCALE", status="IN_PROGRESS", progress="10%", finish=0, buttons=())
    refused = world.insert(id="", status="FAILURE", proxied=False)
    clock.now += 3

    running = await mj.fetch(new.id)
    world.finish(new.id)
    done = await mj.fetch(new.id)
    world.delete(new.id)
    world.delete(refused.row)

    assert (running["status"], running["finishTime"]) == ("IN_PROGRESS", None)
    assert (done["status"], done["progress"], done["finishTime"]) == ("SUCCESS", "100%", clock.now * 1000)
    assert done["buttons"]
    assert await mj.many(new.id) == []
    world.clear()
    assert list(world) == []
    assert world.insert().row == refused.row + 1
