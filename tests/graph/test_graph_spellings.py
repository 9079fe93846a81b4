"""What each source writes, and what the graph says: statuses, progress, times, JSON inside strings, media.

One row a spelling: the sandbox's task that has it, and the fields it shows in. Names are the worlds' own.
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.meshy.edge_cases import TASKS as MESHY
from sandbox.midjourney.edge_cases import TASKS as MIDJOURNEY
from sandbox.pixai.edge_cases import TASKS as PIXAI
from tests.conftest import Client, Serve

WORLDS = {"pixai": PIXAI, "meshy": MESHY, "midjourney": MIDJOURNEY}

# (source, what is odd) -> what the graph answers
SPELLINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("pixai", "waiting, outputs null"): {
        "status": "QUEUED",
        "providerStatus": "waiting",
        "isTerminal": False,
    },
    ("pixai", "running, outputs {}"): {"status": "RUNNING", "providerStatus": "running", "media": []},
    ("pixai", "cancelled, outputs null"): {"status": "CANCELED", "providerStatus": "cancelled"},
    ("pixai", "status canceled"): {"status": "CANCELED", "providerStatus": "canceled"},
    ("pixai", "status COMPLETED"): {"status": "SUCCEEDED", "providerStatus": "COMPLETED"},
    ("pixai", "status paused"): {"status": "UNKNOWN", "providerStatus": "paused", "isTerminal": True},
    ("pixai", "status empty"): {"status": "QUEUED", "providerStatus": "", "isTerminal": False},
    ("pixai", "status null"): {"status": "QUEUED", "providerStatus": "", "isTerminal": False},
    ("pixai", "failed, outputs.reason"): {
        "status": "FAILED",
        "failure": {"code": None, "message": "out of memory on the runner", "retryable": None},
    },
    ("pixai", "failed, outputs null"): {
        "status": "FAILED",
        "failure": {"code": None, "message": "PixAI gave no reason", "retryable": None},
    },
    ("pixai", "startedAt and endAt null"): {"startedAt": None, "finishedAt": None},
    ("pixai", "startedAt and endAt empty"): {"startedAt": None, "finishedAt": None},
    ("pixai", "parameters null"): {"parameters": None, "prompt": None, "model": None},
    ("pixai", "parameters with empty strings"): {"prompt": None, "model": None},
    ("meshy", "pending, times 0"): {
        "status": "QUEUED",
        "providerStatus": "PENDING",
        "progress": 0,
        "startedAt": None,
        "finishedAt": None,
        "media": [],
    },
    ("meshy", "pending, times null"): {"startedAt": None, "finishedAt": None},
    ("meshy", "pending, first in the queue"): {"queuePosition": 0},
    ("meshy", "running"): {"status": "RUNNING", "providerStatus": "IN_PROGRESS", "isTerminal": False},
    ("meshy", "running, preceding_tasks left over"): {"queuePosition": None},
    ("meshy", "only id and status"): {"prompt": None, "createdAt": None, "cost": None, "progress": None},
    ("meshy", "created_at 0"): {"createdAt": None},
    ("meshy", "expires_at null"): {"expiresAt": None},
    ("meshy", "task_error empty"): {"status": "SUCCEEDED", "failure": None},
    ("meshy", "failed, message only"): {"status": "FAILED"},
    ("meshy", "canceled"): {"status": "CANCELED", "providerStatus": "CANCELED", "isTerminal": True},
    ("meshy", "status EXPIRED"): {"status": "FAILED", "providerStatus": "EXPIRED"},
    ("meshy", "status unknown, finished"): {"status": "UNKNOWN", "isTerminal": True},
    ("meshy", "status unknown, unfinished"): {"status": "UNKNOWN", "isTerminal": False},
    ("meshy", "status in lower case"): {"status": "SUCCEEDED", "providerStatus": "succeeded"},
    ("meshy", "progress over 100"): {"progress": 100},
    ("meshy", "progress below 0"): {"progress": 0},
    ("meshy", "progress null"): {"progress": None},
    ("meshy", "consumed_credits absent"): {"cost": None},
    ("meshy", "consumed_credits 0"): {"cost": {"amount": "0", "unit": "CREDITS"}},
    ("meshy", "id with a slash"): {"providerId": "studio/2024/07?x=1#y"},
    ("meshy", "id with spaces"): {"providerId": "été 東京 🦊 100%25"},
    ("midjourney", "status null in the object"): {"status": "QUEUED", "providerStatus": ""},
    ("midjourney", "NOT_START"): {"status": "QUEUED", "providerStatus": "NOT_START", "isTerminal": False},
    ("midjourney", "SUBMITTED"): {"status": "QUEUED", "providerStatus": "SUBMITTED"},
    ("midjourney", "IN_PROGRESS without a preview"): {"status": "RUNNING", "media": [], "preview": None},
    ("midjourney", "MODAL"): {"status": "ACTION_REQUIRED", "isTerminal": True, "media": []},
    ("midjourney", "CANCEL"): {"status": "CANCELED", "providerStatus": "CANCEL", "isTerminal": True},
    ("midjourney", "FAILURE"): {
        "status": "FAILED",
        "failure": {"code": None, "message": "Invalid parameter: `--ar 0:0`", "retryable": None},
    },
    ("midjourney", "status success"): {"status": "SUCCEEDED", "providerStatus": "success"},
    ("midjourney", "status CANCELLED"): {"status": "CANCELED"},
    ("midjourney", "status paused"): {"status": "UNKNOWN", "providerStatus": "PAUSED"},
    ("midjourney", "progress null"): {"progress": None},
    ("midjourney", "progress empty"): {"progress": None},
    ("midjourney", "progress Waiting"): {"progress": None},
    ("midjourney", "progress without a percent sign"): {"progress": 64},
    ("midjourney", "progress a number"): {"progress": 31},
    ("midjourney", "progress over 100"): {"progress": 100},
    ("midjourney", "start and finish unset though SUCCESS"): {"startedAt": None, "finishedAt": None},
    ("midjourney", "submit unset"): {"createdAt": None},
    ("midjourney", "imageUrl null though SUCCESS"): {"status": "SUCCEEDED", "media": [], "cover": None},
    ("midjourney", "buttons null"): {"actions": []},
    ("midjourney", "prompt translated"): {"promptEnglish": "a paper crane on snow --v 6.1"},
    ("midjourney", "texts null"): {"prompt": None, "promptEnglish": None, "state": None, "description": None},
    ("midjourney", "state"): {"state": '{"page": "postcards", "item": 12}'},
    ("midjourney", "odd id"): {"providerId": "odd/ id?#%é&"},
}

FIELDS = """providerId status providerStatus isTerminal progress startedAt finishedAt createdAt prompt
    expiresAt promptEnglish model description queuePosition parameters preview state media { id } cover { id }
    failure { code message retryable } cost { amount unit } actions { id }"""


@pytest.mark.parametrize(("source", "odd"), SPELLINGS)
async def test_a_spelling(graph: Client, source: str, odd: str) -> None:
    """Left: the source and what is odd about its task. Right: what the graph answers for it."""
    query = f"query ($id: ID!) {{ task(id: $id) {{ {FIELDS} }} }}"

    task = (await graph.data(query, id=f"{source}:{WORLDS[source][odd]}"))["task"]

    expected = SPELLINGS[source, odd]
    assert {field: task[field] for field in expected} == expected


GRID = ["U1", "U2", "U3", "U4", None, "V1", "V2", "V3", "V4"]  # the labels under an ordinary result
NO_TEXTS = {"prompt": None, "promptEnglish": None, "description": None}

# what is odd about a row of new-api's list -> what the graph answers where it has nothing else
ROWS: dict[str, dict[str, Any]] = {
    "buttons empty": {"labels": []},
    "buttons null": {"labels": []},
    "buttons broken": {"labels": []},
    "buttons with empty texts": {"labels": []},
    "properties null": {"labels": GRID, "status": "SUCCEEDED"},
    "properties {}": {"labels": GRID, "status": "SUCCEEDED"},
    "properties empty": {"labels": GRID, "status": "SUCCEEDED"},
    "properties broken": {"labels": GRID, "status": "SUCCEEDED"},
    "properties an array": {"labels": GRID, "status": "SUCCEEDED"},
    "video_urls objects": {"films": [0, 1, 2, 3]},
    "video_urls strings": {"films": [0, 1, 2, 3]},
    "video_urls empty": {"films": [0]},
    "video_urls []": {"films": [0]},
    "video_urls null": {"films": [0]},
    "video_urls broken": {"films": [0]},
    "video_url empty": {"films": [0]},
    "no video though SUCCESS": {"films": [], "status": "SUCCEEDED"},
    "status empty in the row": {"status": "QUEUED", "providerStatus": "", "isTerminal": False},
    "FAILURE": {
        "status": "FAILED",
        "progress": 100,
        "failure": {"code": None, "message": "Invalid parameter: `--ar 0:0`", "retryable": None},
    },
    "MODAL": {"status": "ACTION_REQUIRED", "isTerminal": True},
    "progress null": {"progress": 0},
    "progress Waiting": {"progress": None},
    "start and finish in seconds": {"duration": True},
    "start and finish unset though SUCCESS": {"startedAt": None, "finishedAt": None, "duration": False},
    "quota 0": {"cost": {"amount": "0", "unit": "QUOTA"}},
    "quota over 31 bits": {"cost": {"amount": "3000000000", "unit": "QUOTA"}},
    "prompt translated": {"prompt": "雪上的纸鹤", "promptEnglish": "a paper crane on snow --v 6.1"},
    "texts null": NO_TEXTS,
    "state": {"state": '{"page": "postcards", "item": 12}'},
    "another channel's": {"channelId": "9", "ownerId": "7"},
    "row only": {"channelId": "1", "ownerId": "7"},
    "action null": {"operation": None},
    "odd id": {"providerId": "odd/ id?#%é&"},
}


def shown(task: dict[str, Any]) -> dict[str, Any]:
    """With what several fields tell together: labels of the buttons, numbers of the films, a duration."""
    heads = f"{task['id'].replace('task:', 'media:', 1)}:v"
    films = [int(one["id"].removeprefix(heads)) for one in task["media"] if one["kind"] == "VIDEO"]
    labels = [action["label"] for action in task["actions"]]
    return task | {"films": films, "labels": labels, "duration": bool(task["duration"])}


def newapi_alone(box: Sandbox) -> dict[str, Any]:
    """Settings with one source that is there: new-api."""
    return {
        "newapi_url": box.newapi.url,
        "newapi_token": box.newapi.key,
        "newapi_user": box.newapi.user,
    }


@pytest.mark.parametrize("odd", ROWS)
async def test_a_spelling_of_a_row(box: Sandbox, serve: Serve, odd: str) -> None:
    """JSON inside of strings, and what only a row tells: owner, channel and cost."""
    query = f"""query ($id: ID!) {{ task(id: $id) {{
        {FIELDS.replace("media { id }", "media { id kind }").replace("actions { id }", "actions { label }")}
        id operation duration ownerId channelId }} }}"""
    async with serve(**newapi_alone(box)) as graph:
        task = shown((await graph.data(query, id=f"midjourney:{MIDJOURNEY[odd]}"))["task"])

    assert {field: task[field] for field in ROWS[odd]} == ROWS[odd]
    assert {upstream.name for upstream in box.upstreams() if upstream.requests} == {"newapi"}


@pytest.mark.parametrize(
    ("properties", "seed"),
    [
        ('{"finalPrompt": "a heron --seed 7"}', "7"),
        ('{"finalPrompt": ""}', "8"),
        ('{"finalPrompt": "a heron --se', "8"),
        ("null", "8"),
        ("{}", "8"),
        ("[]", "8"),
        ("", "8"),
    ],
)
async def test_properties_of_a_row(box: Sandbox, serve: Serve, properties: str, seed: str) -> None:
    """What Midjourney made of the prompt stands in them; where they cannot be read, the row's own does."""
    texts = {"prompt": "a heron", "prompt_en": "a heron --seed 8", "properties": properties}
    id_ = box.mj.world.insert(in_row=texts).id
    query = "query ($id: ID!) { task(id: $id) { seeds { value origin } } }"

    async with serve(**newapi_alone(box)) as graph:
        seeds = (await graph.data(query, id=f"midjourney:{id_}"))["task"]["seeds"]

    assert seeds == [{"value": seed, "origin": "PROMPT"}]


@pytest.mark.parametrize(
    ("odd", "videos"),
    [
        ("video_urls objects", True),
        ("video_urls strings", True),
        ("video_urls empty", True),
        ("video_urls broken", True),
        ("no video though SUCCESS", False),
    ],
)
async def test_videos_have_their_posters(graph: Client, odd: str, videos: bool) -> None:
    """`:v0`… with the film as PUBLIC and its poster as thumbnail, from whichever form the source sent."""
    query = "query ($id: ID!) { task(id: $id) { media { id kind urls { variant } } } }"
    id_ = MIDJOURNEY[odd]

    media = (await graph.data(query, id=f"midjourney:{id_}"))["task"]["media"]

    films = [one for one in media if one["kind"] == "VIDEO"]
    assert [film["id"] for film in films] == [f"media:midjourney:{id_}:v{n}" for n in range(len(films))]
    assert bool(films) is videos
    for film in films:
        assert film["urls"][0]["variant"] == "PUBLIC"


SEEDS = {
    "seed text": ("1234567890", "IMAGE_SEED"),
    "seed number": ("1320098173", "IMAGE_SEED"),
    "seed over 31 bits": ("4294967295", "IMAGE_SEED"),
    "seed number over 64 bits": ("123456789012345678901234567890", "IMAGE_SEED"),
    "seed 0": ("0", "IMAGE_SEED"),
    "seed on the task": ("2718281828", "REPORTED"),
    "seed in the prompt": ("20240711", "REPORTED"),
    "seed no digits": None,
    "seed empty": None,
    "seed missing": None,
    "seed as a task object": None,
}


@pytest.mark.parametrize("odd", SEEDS)
async def test_midjourneys_seeds(graph: Client, odd: str) -> None:
    """What image-seed answers in all its shapes; where nobody knows, there is just none."""
    query = "query ($id: ID!) { task(id: $id) { seeds { id value origin } } }"
    id_ = MIDJOURNEY[odd]

    seeds = (await graph.data(query, id=f"midjourney:{id_}"))["task"]["seeds"]

    told = SEEDS[odd]
    assert seeds == (
        [{"id": f"seed:midjourney:{id_}", "value": told[0], "origin": told[1]}] if told is not None else []
    )


async def test_a_seed_that_midjourney_failed_to_find(graph: Client) -> None:
    """Null and an error, where there being none is an empty list."""
    query = "query ($id: ID!) { task(id: $id) { status seeds { value } } }"

    answer = await graph.ask(query, id=f"midjourney:{MIDJOURNEY['seed failed']}")

    assert answer["data"] == {"task": {"status": "SUCCEEDED", "seeds": None}}
    (error,) = answer["errors"]
    assert error["path"] == ["task", "seeds"]
    assert error["extensions"]["code"] == "UPSTREAM_FAULT"
