"""Midjourney's tasks are started, acted on and cancelled, through either server."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from loaders.creations import ButtonPress, MidjourneyBlend, MidjourneyDescribe, MidjourneyImagine
from loaders.credentials import Credential
from loaders.errors import BadInput, NotSupported, Rejected
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.writes import MISSING, MidjourneyWrites
from loaders.records import Capability, SeedOrigin, TaskRecord, TaskStatus
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.loaders.midjourney_served import BATCH, PIG, SEED, VIAS, Served, Via, served, via

IMAGINE = "POST /mj/submit/imagine"
ACTION = "POST /mj/submit/action"
MODAL = "POST /mj/submit/modal"
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def button(task: TaskRecord, label: str) -> str:
    """Its id."""
    return next(action.id for action in task.actions if action.label == label)


async def single(mj: Served) -> TaskRecord:
    """An upscaled picture, finished."""
    grid = await mj.task(PIG)
    key = await mj.writes.press(grid, ButtonPress(action_id=button(grid, "U1")))
    mj.box.clock.advance(10)
    return await mj.fresh(key)


@pytest.mark.parametrize("way", VIAS)
async def test_from_a_prompt_to_a_single_picture_and_its_seed(box: Sandbox, way: Via) -> None:
    """Each write is one call; each look is one more."""
    async with via(box, way) as mj:
        key = await mj.writes.create(
            MidjourneyImagine(prompt="a heron --ar 3:2", bot_type="MID_JOURNEY", state="card 7")
        )
        queued = await mj.task(key)
        box.clock.advance(6)
        running = await mj.fresh(key)
        box.clock.advance(10)
        grid = await mj.fresh(key)
        upscaled = await mj.writes.press(grid, ButtonPress(action_id=button(grid, "U1")))
        box.clock.advance(10)
        picture = await mj.fresh(upscaled)
        seeds = (await mj.seeds(upscaled))[upscaled]

        assert (queued.status, queued.prompt, queued.state) == (
            TaskStatus.QUEUED,
            "a heron --ar 3:2",
            "card 7",
        )
        assert (running.status, running.progress is not None and 0 < running.progress < 100) == (
            TaskStatus.RUNNING,
            True,
        )
        assert (grid.status, grid.media[0].key) == (TaskStatus.SUCCEEDED, f"{key}:0")
        assert (picture.status, picture.operation) == (TaskStatus.SUCCEEDED, "UPSCALE")
        assert isinstance(seeds, tuple)
        assert [seed.origin for seed in seeds] == [SeedOrigin.IMAGE_SEED]
        assert box.mj.created == [key, upscaled]
        assert mj.calls() == {IMAGINE: 1, ACTION: 1, BATCH: 4, SEED: 1}


@pytest.mark.parametrize("flavour", ["csharp", "java", "reseller"])
@pytest.mark.parametrize("is_number", [False, True])
async def test_every_flavour(box: Sandbox, flavour: Any, is_number: bool) -> None:
    """Imagine, blend and describe; the id comes as text or as a number."""
    box.mj.flavour, box.mj.numeric_results = flavour, is_number
    async with served(box) as mj:
        keys = [
            await mj.writes.create(MidjourneyImagine(prompt="a heron", images=(PNG, f"{box.pixai.url}/a"))),
            await mj.writes.create(MidjourneyBlend(images=(PNG, PNG), dimensions="SQUARE")),
            await mj.writes.create(MidjourneyDescribe(image=PNG)),
            await mj.writes.create(MidjourneyImagine(prompt="the fourth waits for the others: code 22")),
        ]

        assert keys == box.mj.created
        assert [(await mj.task(key)).operation for key in keys] == ["IMAGINE", "BLEND", "DESCRIBE", "IMAGINE"]
        assert (await mj.task(keys[0])).prompt == f"{box.pixai.url}/a a heron"


@pytest.mark.parametrize("way", ["mj-api-secret", "relay"])
@pytest.mark.parametrize("is_first", [True, False])
async def test_an_inpainting_is_confirmed_by_a_second_press(box: Sandbox, way: Via, is_first: bool) -> None:
    """The window is a task that waits, with one action: that, or the button that led there, confirms it."""
    async with via(box, way) as mj:
        source = await single(mj)
        region = button(source, "Vary (Region)")
        key = await mj.writes.press(source, ButtonPress(action_id=region))
        box.clock.advance(3600)
        waiting = await mj.fresh(key)
        (action,) = waiting.actions
        confirmed = await mj.writes.press(
            waiting,
            ButtonPress(
                action_id=action.id if is_first else region, prompt="a hat", mask_base64=PNG.partition(",")[2]
            ),
        )
        mask = next(task.mask for task in box.mj.world if task.id == key)
        box.clock.advance(10)
        done = await mj.fresh(key)

        assert (waiting.status, action.label) == (TaskStatus.ACTION_REQUIRED, "Confirm")
        assert (confirmed, mask) == (key, PNG)
        assert (done.status, done.prompt) == (TaskStatus.SUCCEEDED, "a hat")
        assert (mj.calls()[ACTION], mj.calls()[MODAL]) == (2, 1)


@pytest.mark.parametrize("way", ["mj-api-secret", "relay"])
async def test_an_inpainting_with_everything_that_it_asks_for(box: Sandbox, way: Via) -> None:
    """What the button's window asks for may be given with the button: both calls, one after the other."""
    async with via(box, way) as mj:
        source = await single(mj)
        key = await mj.writes.press(
            source,
            ButtonPress(action_id=button(source, "Vary (Region)"), prompt="a hat", mask_base64=PNG),
        )

        assert (await mj.task(key)).status is TaskStatus.QUEUED
        assert (mj.calls()[ACTION], mj.calls()[MODAL]) == (2, 1)


async def test_a_confirmation_without_a_prompt(box: Sandbox) -> None:
    """It keeps the one that it has."""
    async with served(box) as mj:
        source = await single(mj)
        key = await mj.writes.press(source, ButtonPress(action_id=button(source, "Custom Zoom"), prompt="  "))
        waiting = await mj.task(key)
        await mj.writes.press(waiting, ButtonPress(action_id=waiting.actions[0].id))

        assert (await mj.fresh(key)).prompt == "pig --v 6.1"


@pytest.mark.parametrize("key", [PIG, TASKS["MODAL"], TASKS["FAILURE"]])
@pytest.mark.parametrize("action", ["", "U1", "upsample::1"])
async def test_what_is_no_action_of_the_task(box: Sandbox, key: str, action: str) -> None:
    """Nothing is sent."""
    async with served(box) as mj:
        task = await mj.task(key)
        with pytest.raises(BadInput, match="Invalid `actionId`"):
            await mj.writes.press(task, ButtonPress(action_id=action))
        assert mj.calls() == {BATCH: 1}


async def test_a_bookmark_starts_nothing(box: Sandbox) -> None:
    """Its key is the task's own."""
    async with served(box) as mj:
        source = await single(mj)
        heart = next(action.id for action in source.actions if action.id.startswith("MJ::BOOKMARK"))

        assert await mj.writes.press(source, ButtonPress(action_id=heart)) == source.key


@pytest.mark.parametrize("way", ["mj-api-secret", "relay"])
async def test_a_grid_is_run_again_by_its_reroll_button(box: Sandbox, way: Via) -> None:
    """Even one that was no IMAGINE."""
    async with via(box, way) as mj:
        grid = await mj.task(PIG)
        variation = await mj.writes.press(grid, ButtonPress(action_id=button(grid, "V2")))
        box.clock.advance(10)
        key = await mj.writes.rerun(await mj.fresh(variation))

        assert (await mj.task(key)).operation == "REROLL"
        assert box.mj.created == [variation, key]


async def test_an_imagine_without_buttons_is_run_again_by_its_prompt(box: Sandbox) -> None:
    """One that failed, for example; its tag goes along."""
    task = box.mj.world.insert(given="a niji fox --niji 6", state="card 7", buttons=())
    async with served(box) as mj:
        key = await mj.writes.rerun(await mj.task(task.id))
        new = await mj.task(key)

        assert (new.operation, new.prompt, new.state, new.bot_type) == (
            "IMAGINE",
            "a niji fox --niji 6",
            "card 7",
            "NIJI_JOURNEY",
        )
        assert mj.calls() == {IMAGINE: 1, BATCH: 2}


@pytest.mark.parametrize("name", ["DESCRIBE", "SHORTEN", "MODAL", "VIDEO_EXTEND", "FAILURE with null times"])
async def test_what_cannot_be_run_again(box: Sandbox, name: str) -> None:
    """No button, and no IMAGINE: nothing is sent."""
    async with served(box) as mj:
        task = await mj.task(TASKS[name])
        with pytest.raises(NotSupported):
            await mj.writes.rerun(task)
        assert mj.calls() == {BATCH: 1}


async def test_cancelling(box: Sandbox) -> None:
    """One call; the C# server ends the task as a failure. A task that has ended stays as it is."""
    async with served(box) as mj:
        key = await mj.writes.create(MidjourneyImagine(prompt="a heron"))
        await mj.writes.cancel(key)
        await mj.writes.cancel(PIG)

        assert (await mj.task(key)).status is TaskStatus.FAILED
        assert (await mj.task(PIG)).status is TaskStatus.SUCCEEDED
        assert mj.calls() == {IMAGINE: 1, "POST /mj/task/{id}/cancel": 2, BATCH: 2}


async def test_cancelling_without_the_right(box: Sandbox) -> None:
    """The C# server lets administrators cancel; it tells others so, in text."""
    box.mj.is_admin = False
    async with served(box) as mj:
        key = await mj.writes.create(MidjourneyImagine(prompt="a heron"))
        with pytest.raises(Rejected):
            await mj.writes.cancel(key)

        assert (await mj.task(key)).status is TaskStatus.QUEUED


@pytest.mark.parametrize("key", ["row:1720602000123:41", "..", "a/../b", ""])
async def test_cancelling_what_no_server_has(box: Sandbox, key: str) -> None:
    """A submit that was not accepted, or an id that no path can carry: nothing is sent."""
    async with served(box) as mj:
        with pytest.raises(Rejected):
            await mj.writes.cancel(key)
        assert mj.calls() == {}


@pytest.mark.parametrize("is_java", [True, False])
async def test_a_server_without_cancelling(box: Sandbox, is_java: bool) -> None:
    """Only the answer shows it; it is announced again later, as another server may stand there."""
    now = 0.0
    if is_java:
        box.mj.flavour = "java"
    url, key = (box.mj.url, box.mj.key) if is_java else (box.newapi.url, box.newapi.relay_key)
    client = MjProxyClient(url, "mj-api-secret")
    await client.open()
    writes = MidjourneyWrites(client, Credential({"mj_key": key}), seconds=5, clock=lambda: now)
    try:
        assert Capability.CANCEL in writes.capabilities()
        with pytest.raises(NotSupported):
            await writes.cancel(PIG)

        assert Capability.CANCEL not in writes.capabilities()
        now = MISSING
        assert Capability.CANCEL in writes.capabilities()
    finally:
        await client.close()


async def test_the_relay_of_the_same_new_api_has_no_cancelling(box: Sandbox) -> None:
    """Where the settings show that it is one, that is known beforehand, and nothing is sent."""
    async with via(box, "relay") as mj:
        assert Capability.CANCEL not in mj.account.capabilities
        with pytest.raises(NotSupported):
            await mj.writes.cancel(PIG)
        assert mj.calls() == {}


async def test_a_server_without_buttons(box: Sandbox) -> None:
    """The Java server: a row of new-api's may show some, and a press of one finds no route."""
    async with served(box) as mj:
        task = await mj.task(PIG)
        box.mj.flavour = "java"
        with pytest.raises(NotSupported):
            await mj.writes.press(task, ButtonPress(action_id=task.actions[0].id))

        assert Capability.ACT not in mj.account.capabilities
        assert Capability.CREATE in mj.account.capabilities
        assert box.mj.created == []


async def test_what_neither_server_does(box: Sandbox) -> None:
    """Deleting and uploading: nothing is sent."""
    async with served(box) as mj:
        with pytest.raises(NotSupported):
            await mj.writes.delete(PIG)
        with pytest.raises(NotSupported):
            await mj.writes.upload(None)  # type: ignore[arg-type]
        assert mj.calls() == {}


async def test_new_apis_token_alone_writes_nothing(box: Sandbox) -> None:
    """It opens the lists; the relay wants an API key."""
    async with served(box, proxy=False) as mj:
        assert mj.account.writes is None
