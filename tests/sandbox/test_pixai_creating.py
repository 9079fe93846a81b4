"""Creating tasks at PixAI, by GraphQL and REST, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.pixai.server import PRICE
from sandbox.pixai.vendor_examples import SINGLE, SINGLE_MEDIA
from tests.sandbox.requests import PixAI

CREATE = "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { id status } }"
PROMPT = {"prompts": "a glass orchard"}


async def test_each_created_task_is_counted(pixai: PixAI, box: Sandbox, clock: Clock) -> None:
    """By GraphQL, REST and rerun alike; it takes ten seconds and costs credits."""
    quota = int((await pixai.data("{ me { quotaAmount } }"))["me"]["quotaAmount"])

    first = (await pixai.data(CREATE, p=PROMPT | {"batchSize": 3}))["createGenerationTask"]
    status, second = await pixai.send("/v1/task", {"parameters": PROMPT})
    rerun = await pixai.data("mutation($id: ID!) { rerunGenerationTask(id: $id) { id } }", id=first["id"])

    assert status == 200
    assert second == {
        "id": second["id"],
        "status": "waiting",
        "createdAt": "2025-03-01T00:00:00.000Z",
        "updatedAt": "2025-03-01T00:00:00.000Z",
        "startedAt": None,
        "endAt": None,
        "outputs": {"mediaIds": [], "mediaUrls": []},
    }
    assert box.pixai.created == [first["id"], second["id"], rerun["rerunGenerationTask"]["id"]]
    left = (await pixai.data("{ me { quotaAmount } }"))["me"]["quotaAmount"]
    assert int(left) == quota - 7 * PRICE
    clock.advance(9.9)
    assert (await pixai.get(f"/v1/task/{second['id']}"))[1]["status"] == "running"
    clock.advance(0.1)
    _, ended = await pixai.get(f"/v1/task/{second['id']}")
    assert (ended["status"], len(ended["outputs"]["mediaIds"])) == ("completed", 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"prompts": ""}, "prompts is required"),
        ({"prompts": 5}, "prompts must be a string"),
        ({"width": "512"}, "width must be an integer, 64 to 4096"),
        ({"height": 5000}, "height must be an integer, 64 to 4096"),
        ({"batchSize": 10}, "batchSize must be an integer, 1 to 9"),
        ({"batchSize": True}, "batchSize must be an integer, 1 to 9"),
        ({"seed": "random"}, "seed must be a number, its digits or an empty string"),
        ({"samplingSteps": 2.5}, "samplingSteps must be an integer"),
        ({"cfgScale": "7"}, "cfgScale must be a number"),
        ({"strength": 2}, "strength must be a number, 0 to 1"),
        ({"lora": {"1": "half"}}, "lora must be weights by version id"),
        ({"mediaUrl": "ftp://example.test/a.png"}, "mediaUrl must be an http(s) URL"),
        ({"mediaId": SINGLE_MEDIA, "mediaUrl": "https://e.test/a"}, "mediaId and mediaUrl cannot be used"),
        ({"mediaId": "media:pixai:1"}, "mediaId: media not found"),
    ],
)
async def test_wrong_parameters_create_nothing(
    pixai: PixAI, box: Sandbox, parameters: dict[str, Any], message: str
) -> None:
    """The message names the parameter, by GraphQL and by REST."""
    status, body = await pixai.post(CREATE, p=PROMPT | parameters)
    rest, said = await pixai.send("/v1/task", {"parameters": PROMPT | parameters})

    (error,) = body["errors"]
    assert (status, body["data"]) == (200, {"createGenerationTask": None})
    assert (error["path"], error["extensions"]["code"]) == (["createGenerationTask"], "BAD_USER_INPUT")
    assert error["message"].startswith(message)
    assert (rest, said) == (400, {"message": error["message"], "code": "BAD_USER_INPUT"})
    assert box.pixai.created == []


async def test_unknown_parameters_and_nulls_pass(pixai: PixAI) -> None:
    """As the workflow parameters do, which are documented by name only; a seed may be of any length."""
    given = PROMPT | {
        "workflowName": "x",
        "priority": 2**40,
        "width": None,
        "mediaId": SINGLE_MEDIA,
        "seed": 2**70,
    }

    made = await pixai.data(
        "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { parameters priority } }", p=given
    )

    assert made["createGenerationTask"] == {"parameters": given, "priority": 500}


async def test_more_than_ten_at_once_are_refused(pixai: PixAI, box: Sandbox, clock: Clock) -> None:
    """Waiting and running ones count; ended and cancelled ones do not."""
    made = [(await pixai.data(CREATE, p=PROMPT))["createGenerationTask"]["id"] for _ in range(10)]

    status, body = await pixai.post(CREATE, p=PROMPT)
    rest, _ = await pixai.send("/v1/task", {"parameters": PROMPT})
    await pixai.data("mutation($id: ID!) { cancelGenerationTask(id: $id) { id } }", id=made[0])
    made += [(await pixai.data(CREATE, p=PROMPT))["createGenerationTask"]["id"]]

    assert (status, body["errors"][0]["extensions"]["code"], rest) == (200, "TOO_MANY_TASKS", 429)
    assert box.pixai.created == made
    clock.advance(10)
    assert (await pixai.data(CREATE, p=PROMPT))["createGenerationTask"]["status"] == "waiting"


async def test_without_credits_nothing_is_created(pixai: PixAI, box: Sandbox) -> None:
    """An error in GraphQL, 402 by REST."""
    box.pixai.quota = PRICE

    status, body = await pixai.post(CREATE, p=PROMPT | {"batchSize": 2})
    rest = await pixai.send("/v1/task", {"parameters": PROMPT | {"batchSize": 2}})

    assert (status, body["errors"][0]["extensions"]["code"]) == (200, "INSUFFICIENT_BALANCE")
    assert rest == (402, {"message": "Insufficient balance", "code": "INSUFFICIENT_BALANCE"})
    assert (box.pixai.created, box.pixai.quota) == ([], PRICE)


async def test_v2_makes_parameters_of_its_own(pixai: PixAI, box: Sandbox) -> None:
    """An aspect ratio becomes a size."""
    body = {
        "modelVersionId": "1648918127446573124",
        "prompt": "a heron",
        "aspectRatio": "9:16",
        "mode": "standard",
    }

    status, made = await pixai.send("/v2/image/create", body)
    task = await pixai.data("query($id: ID!) { task(id: $id) { parameters } }", id=made["id"])

    assert status == 200
    assert task["task"]["parameters"] == {
        "prompts": "a heron",
        "modelId": "1648918127446573124",
        "width": 576,
        "height": 1024,
    }
    assert box.pixai.created == [made["id"]]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/v1/task", {}, "parameters is required"),
        ("/v1/task", [], "a JSON object was expected"),
        ("/v2/image/create", {"prompt": "x"}, "modelVersionId is required"),
        ("/v2/image/create", {"modelVersionId": "1", "prompt": ""}, "prompt is required"),
        (
            "/v2/image/create",
            {"modelVersionId": "1", "prompt": "x", "aspectRatio": "wide"},
            "aspectRatio must be two numbers like 9:16",
        ),
        (
            "/v2/image/create",
            {"modelVersionId": "1", "prompt": "x", "callbackUrl": "no"},
            "callbackUrl must be an http(s) URL",
        ),
    ],
)
async def test_bad_rest_bodies(pixai: PixAI, path: str, body: object, message: str) -> None:
    """400 with a message that names what is wrong."""
    assert await pixai.send(path, body) == (400, {"message": message, "code": "BAD_REQUEST"})


async def test_ids_that_nobody_has(pixai: PixAI, box: Sandbox) -> None:
    """Null, and nothing is created; deleting one is no error either."""
    query = """mutation {
      cancelGenerationTask(id: "1") { id } rerunGenerationTask(id: "1") { id } deleteGenerationTask(id: "1")
    }"""

    assert await pixai.data(query) == {
        "cancelGenerationTask": None,
        "rerunGenerationTask": None,
        "deleteGenerationTask": None,
    }
    assert box.pixai.created == []


async def test_an_ended_task_is_not_cancelled(pixai: PixAI) -> None:
    """It is answered as it is."""
    query = "mutation($id: ID!) { cancelGenerationTask(id: $id) { status outputs } }"

    task = (await pixai.data(query, id=SINGLE))["cancelGenerationTask"]

    assert (task["status"], task["outputs"]["mediaId"]) == ("completed", SINGLE_MEDIA)


async def test_the_web_applications_fields_can_be_selected(pixai: PixAI) -> None:
    """Clients that are modelled on it select them all."""
    query = """query($id: ID!) { me { id email quotaAmount } task(id: $id) {
      artworkId artworkIds artworks { id title mediaId flag { status } } priority runnerId retryCount
      paidCredit favoritedAt type { type model } moderationAction { promptsModerationAction }
      media { fileUrl thumbnailUrl hlsUrl duration size
        flag { status isSensitive isMinors isRealistic isFlagged isSexyPic isSexyText shouldBlur isWarned
          isAppealable } }
    } }"""

    found = await pixai.data(query, id=SINGLE)

    assert (found["me"]["email"], found["task"]["priority"]) == ("sandbox@example.com", 1000)
    media = found["task"].pop("media")
    assert media["fileUrl"].startswith(f"{pixai.upstream.url}/images/orig/{SINGLE_MEDIA}.png?")
    assert (media["flag"]["status"], media["flag"]["isAppealable"]) == ("PASSED", False)
