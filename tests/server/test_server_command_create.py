"""`triptych create`, `rerun`, `cancel`, `delete`, `act`: one mutation each, by a server or by the sources."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputObjectType

import sandbox
from sandbox import Clock, Sandbox
from sandbox.pictures import picture
from schema import schema
from server.cli import create
from tests.conftest import Client
from tests.server.process import Triptych

KINDS = {
    "pixai": "PixaiTaskInput",
    "meshy": "MeshyImageToImageInput",
    "midjourney": "MidjourneyImagineInput",
    "midjourney-blend": "MidjourneyBlendInput",
    "midjourney-describe": "MidjourneyDescribeInput",
}
SHORT = {"referenceImageUrls": "image", "images": "image"}
COMMON = {"key", "server", "json", "watch"}


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """The sandbox, whose time stands still until it is stepped: tasks stay as they are made."""
    async with sandbox.start(clock=Clock(time.time())) as started:
        yield started


@pytest.mark.parametrize(("name", "input_"), KINDS.items())
def test_the_options_are_the_inputs_fields(name: str, input_: str) -> None:
    """All of them, and whatever the input must have is required, or has a default."""
    callback = next(one.callback for one in create.app.registered_commands if one.name == name)
    assert callback is not None
    options = inspect.signature(callback).parameters
    type_ = schema.graphql.type_map[input_]
    assert isinstance(type_, GraphQLInputObjectType)
    fields = {
        re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", SHORT.get(field, field)): str(one.type)
        for field, one in type_.fields.items()
    }

    assert options.keys() - COMMON == fields.keys()
    assert [
        field for field, kind in fields.items() if kind.endswith("!") and options[field].default is None
    ] == []


def test_every_kind_of_input_has_its_command() -> None:
    """A new one needs a new command."""
    type_ = schema.graphql.type_map["CreateTaskInput"]
    assert isinstance(type_, GraphQLInputObjectType)

    assert {str(field.type) for field in type_.fields.values()} == set(KINDS.values())
    assert {command.name for command in create.app.registered_commands} == set(KINDS)


async def test_a_task_is_made_changed_and_removed_by_a_server(
    triptych: Triptych, graph: Client, box: Sandbox, tmp_path: Path
) -> None:
    """Ids on standard output, one a line; what is said about them beside it."""
    (tmp_path / "fox.png").write_bytes(picture(7, 16, 16, "PNG"))
    server = ("--server", graph.origin)
    more = '{"clipSkip": 2, "seedOf": 12345678901234567890}'

    made = await triptych.run("create", "pixai", "--prompt", "a fox", "--parameters", more, *server)
    task = made.out.strip()
    rerun = await triptych.run("rerun", task, "--json", *server)
    canceled = await triptych.run("cancel", task, *server)
    meshy = await triptych.run(
        "create", "meshy", "--prompt", "a fox", "--image", "fox.png", "--idempotency-key", "k", *server
    )
    deleted = await triptych.run("delete", meshy.out.strip(), *server)

    first, second = (f"task:pixai:{key}" for key in box.pixai.created)
    payload: dict[str, Any] = json.loads(rerun.out)
    assert (made.code, made.out, made.err) == (0, f"{first}\n", "queued\n")
    assert (rerun.code, rerun.err) == (0, "")
    assert (payload["taskId"], payload["task"]["prompt"]) == (second, "a fox")
    assert (canceled.code, canceled.out, canceled.err) == (0, f"{task}\n", "canceled\n")
    assert (meshy.code, meshy.out) == (0, f"task:meshy:image-to-image:{box.meshy.created[0]}\n")
    assert (deleted.code, deleted.out, deleted.err) == (0, meshy.out, "")
    record = box.pixai.world.record(box.pixai.created[0])
    assert record is not None
    assert record.parameters == {"prompts": "a fox", "clipSkip": 2, "seedOf": "12345678901234567890"}


async def test_a_task_is_watched_until_it_has_ended(triptych: Triptych, graph: Client, box: Sandbox) -> None:
    """Its outcome is the exit code, as that of `watch`."""
    running = asyncio.create_task(
        triptych.run("create", "pixai", "--prompt", "gore", "--watch", "--server", graph.origin)
    )
    while not box.pixai.created:  # noqa: ASYNC110 - the sandbox tells nobody
        await asyncio.sleep(0.01)
    box.clock.advance(60)

    ended = await running

    task = f"task:pixai:{box.pixai.created[0]}"
    assert (ended.code, ended.out.splitlines()[0]) == (4, task)
    assert ended.out.splitlines()[-1].split()[:2] == [task, "FAILED"]


async def test_what_may_have_been_done_names_its_key(triptych: Triptych, graph: Client, box: Sandbox) -> None:
    """A repetition with it is safe. What is refused needs none."""
    box.pixai.fail("POST /graphql", answer_lost=True, times=1)
    command = ("create", "pixai", "--prompt", "a fox", "--server", graph.origin)

    unknown = await triptych.run(*command)
    refused = await triptych.run(*command, "--media-url", "http://localhost/a.png")

    assert (unknown.code, unknown.out) == (1, "")
    assert re.fullmatch(
        r"triptych: PixAI did not confirm the request; it may have been carried out \(OUTCOME_UNKNOWN\); "
        r"repeat it with --idempotency-key [0-9a-f-]{36}\n",
        unknown.err,
    )
    assert (refused.code, refused.err) == (
        1,
        "triptych: Invalid `mediaUrl`: expected an http or https URL of a public host (BAD_USER_INPUT)\n",
    )
    assert len(box.pixai.created) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--image", "none.png"), "--image none.png: No such file or directory"),
        (("--image", "/etc/passwd"), "--image /etc/passwd: expected a picture of at most 20 MiB"),
        (
            ("--image", "https://a.example/a.png", "--parameters", "[]"),
            "--parameters: expected a JSON object",
        ),
    ],
)
async def test_wrong_usage(triptych: Triptych, arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, and nothing is asked."""
    ended = await triptych.run("create", "meshy", "--prompt", "a", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", f"triptych: {message}\n")


async def test_the_sandbox_takes_a_task_for_as_long_as_the_command_runs(triptych: Triptych) -> None:
    """Without a server, the sources of the settings are asked."""
    ended = await triptych.run("act", "midjourney:1", "upsample::1")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("answers come from the sandbox: PixAI, Meshy, Midjourney\ntriptych: ")


async def test_a_server_that_is_not_there_has_done_nothing(triptych: Triptych) -> None:
    """The message does not say that it may have."""
    ended = await triptych.run("delete", "pixai:1", "--server", "http://127.0.0.1:9")

    assert (ended.code, ended.err) == (
        1,
        "triptych: http://127.0.0.1:9 cannot be reached: Connection refused\n",
    )
