"""Tasks from beginning to end, through the graph: created, read, grown, rerun, stopped and removed."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

import sandbox
from loaders import cache
from sandbox import Clock, Sandbox
from sandbox.pictures import picture
from tests.conftest import Client, Serve

CREATE = """
mutation ($input: CreateTaskInput!, $key: String) {
  createTask(input: $input, idempotencyKey: $key) { taskId task { id status prompt isTerminal } }
}
"""
RESULT = "query ($id: ID!) { task(id: $id) { status media { url } seeds { value } } }"
DELETE = "mutation ($id: ID!) { deleteTask(id: $id) { deletedId } }"
LISTED = "{ tasks(first: 1) { nodes { id status } } }"
PIXAI = {"pixai": {"prompt": "a fox in the snow", "batchSize": 2, "seed": "3283868009760115"}}
MESHY = {
    "meshyImageToImage": {
        "aiModel": "nano-banana",
        "prompt": "a fox in the snow",
        "referenceImageUrls": ["https://pictures.example/fox.png"],
    }
}
PNG = picture(7, 16, 16, "PNG")


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """The sandbox, whose time stands still until it is stepped: tasks stay as they are made."""
    async with sandbox.start(clock=Clock(time.time())) as started:
        started.clock.advance(1)  # a new task is newer than those that the sandbox begins with
        yield started


@pytest.fixture(autouse=True)
def no_memory_of_unfinished_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are remembered for a second, which no test waits for."""
    monkeypatch.setattr(cache, "RUNNING", 0.0)


async def test_a_pixai_task_from_its_creation_to_its_end(graph: Client, box: Sandbox) -> None:
    """Created, read, finished with pictures and seeds, removed: eight calls, of which one pays."""
    made = (await graph.data(CREATE, input=PIXAI))["createTask"]
    (key,) = box.pixai.created
    first = await graph.data(LISTED)
    box.clock.advance(60)
    grown = (await graph.data(RESULT, id=made["taskId"]))["task"]
    deleted = (await graph.data(DELETE, id=made["taskId"]))["deleteTask"]
    listed = await graph.data(LISTED)

    assert made == {
        "taskId": f"task:pixai:{key}",
        "task": {
            "id": f"task:pixai:{key}",
            "status": "QUEUED",
            "prompt": "a fox in the snow",
            "isTerminal": False,
        },
    }
    assert first == {"tasks": {"nodes": [{"id": made["taskId"], "status": "QUEUED"}]}}
    assert grown["status"] == "SUCCEEDED"
    assert [one["url"].startswith(box.pixai.url) for one in grown["media"]] == [True, True]
    assert len({one["value"] for one in grown["seeds"]}) == 2
    assert deleted == {"deletedId": made["taskId"]}
    assert listed["tasks"]["nodes"][0]["id"] != made["taskId"]
    assert box.pixai.created == [key]
    assert box.pixai.requests == {"POST /graphql": 7}


async def test_a_meshy_task_from_its_creation_to_its_end(graph: Client, box: Sandbox) -> None:
    """Created, read, finished with a picture, removed, gone at once: it has no seeds."""
    made = (await graph.data(CREATE, input=MESHY))["createTask"]
    (key,) = box.meshy.created
    box.clock.advance(60)
    grown = (await graph.data(RESULT, id=made["taskId"]))["task"]
    deleted = (await graph.data(DELETE, id=made["taskId"]))["deleteTask"]
    gone = await graph.data(RESULT, id=made["taskId"])

    assert made["taskId"] == f"task:meshy:image-to-image:{key}"
    assert made["task"] == {
        "id": made["taskId"],
        "status": "QUEUED",
        "prompt": "a fox in the snow",
        "isTerminal": False,
    }
    assert (grown["status"], len(grown["media"]), grown["seeds"]) == ("SUCCEEDED", 1, [])
    assert (deleted, gone) == ({"deletedId": made["taskId"]}, {"task": None})
    assert box.meshy.requests == {
        "POST /openapi/v1/image-to-image": 1,
        "GET /openapi/v1/image-to-image/{id}": 3,
        "DELETE /openapi/v1/image-to-image/{id}": 1,
    }


RERUN = """
mutation ($id: ID!, $key: String) {
  rerunTask(id: $id, idempotencyKey: $key) { taskId task { prompt parameters } }
}
"""


@pytest.mark.parametrize(
    ("input", "name", "parameters"),
    [
        (PIXAI, "pixai", {"prompts": "a fox in the snow", "batchSize": 2, "seed": 3283868009760115}),
        (MESHY, "meshy", None),
    ],
)
async def test_a_task_is_rerun_with_the_same_parameters(
    graph: Client, box: Sandbox, input: dict[str, Any], name: str, parameters: object
) -> None:
    """As a new task; a key makes it one however often it is asked for."""
    made = (await graph.data(CREATE, input=input))["createTask"]["taskId"]

    reruns = [(await graph.data(RERUN, id=made, key="again"))["rerunTask"] for _ in range(2)]

    created = getattr(box, name).created
    assert len(created) == 2
    rerun = {
        "taskId": f"{made.rpartition(':')[0]}:{created[1]}",
        "task": {"prompt": "a fox in the snow", "parameters": parameters},
    }
    assert reruns == [rerun, rerun]


async def test_what_a_meshy_task_began_with_is_known_of_ones_own_alone(graph: Client, box: Sandbox) -> None:
    """Meshy does not tell it."""
    (task,) = (await graph.data("{ tasks(first: 1, filter: { providers: [MESHY] }) { nodes { id } } }"))[
        "tasks"
    ]["nodes"]

    answer = await graph.ask(RERUN, id=task["id"])

    assert answer["errors"][0]["message"] == (
        "Meshy does not tell the pictures that this task began with: create it again with them"
    )
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"
    assert box.meshy.created == []


async def test_a_canceled_task_is_canceled_to_every_reader_at_once(graph: Client, box: Sandbox) -> None:
    """Also to a request that has read it a moment before, and in the list."""
    made = (await graph.data(CREATE, input=PIXAI))["createTask"]["taskId"]
    cancel = "mutation ($id: ID!) { cancelTask(id: $id) { taskId task { status } } }"

    canceled = (await graph.data(cancel, id=made))["cancelTask"]

    assert canceled == {"taskId": made, "task": {"status": "CANCELED"}}
    assert (await graph.data("query ($id: ID!) { task(id: $id) { status } }", id=made)) == {
        "task": {"status": "CANCELED"}
    }
    assert await graph.data(LISTED) == {"tasks": {"nodes": [{"id": made, "status": "CANCELED"}]}}


async def test_a_picture_inside_the_request_begins_a_task(graph: Client, box: Sandbox) -> None:
    """As a data URL, and beside it an address of the sandbox's own."""
    inside = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    given = MESHY["meshyImageToImage"] | {"referenceImageUrls": [inside, f"{box.meshy.url}/a.png"]}

    await graph.data(CREATE, input={"meshyImageToImage": given})

    assert len(box.meshy.created) == 1


async def test_several_writes_of_one_operation_are_carried_out_in_order(graph: Client, box: Sandbox) -> None:
    """One that is refused costs its own field; the others are done, and read."""
    answer = await graph.ask(
        """
        mutation ($good: CreateTaskInput!, $bad: CreateTaskInput!) {
          a: createTask(input: $good, idempotencyKey: "a") { taskId task { status } }
          b: createTask(input: $bad) { taskId }
          c: createTask(input: $good, idempotencyKey: "a") { taskId }
          d: createTask(input: $good) { taskId }
        }
        """,
        good=PIXAI,
        bad={"pixai": {"prompt": "a", "width": 1}},
    )

    first, second = box.pixai.created
    assert answer["data"] == {
        "a": {"taskId": f"task:pixai:{first}", "task": {"status": "QUEUED"}},
        "b": None,
        "c": {"taskId": f"task:pixai:{first}"},
        "d": {"taskId": f"task:pixai:{second}"},
    }
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["b"], "UPSTREAM_REJECTED")
    ]


async def test_capabilities_tell_what_is_taken(graph: Client) -> None:
    """Before it is tried."""
    found = await graph.data("{ providers { provider capabilities } }")

    kinds = {"CREATE", "RERUN", "CANCEL", "DELETE", "ACT", "UPLOAD"}
    assert {one["provider"]: kinds & {*one["capabilities"]} for one in found["providers"]} | {
        "MIDJOURNEY": None
    } == {
        "PIXAI": {"CREATE", "RERUN", "CANCEL", "DELETE", "UPLOAD"},
        "MESHY": {"CREATE", "RERUN", "DELETE"},
        "MIDJOURNEY": None,
    }


@pytest.mark.parametrize("engine", ["plan", "strawberry"])
async def test_whichever_engine_executes_them(serve: Serve, box: Sandbox, engine: str) -> None:
    """Pictures of a payload's task are loaded like any others."""
    async with serve(engine=engine) as graph:
        made = await graph.data(
            """
            mutation ($input: CreateTaskInput!) {
              createTask(input: $input) { __typename taskId task { ...shown media { url seed { value } } } }
            }
            fragment shown on Task { provider status cover { id } }
            """,
            input=PIXAI,
        )

    (key,) = box.pixai.created
    assert made == {
        "createTask": {
            "__typename": "CreateTaskPayload",
            "taskId": f"task:pixai:{key}",
            "task": {"provider": "PIXAI", "status": "QUEUED", "cover": None, "media": []},
        }
    }
