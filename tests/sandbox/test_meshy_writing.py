"""Created tasks at Meshy are counted; streams are counted and cut; the MCP server's probes are answered."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox import Clock, Sandbox
from sandbox.meshy.vendor_examples import TASK
from tests.sandbox.requests_meshy import API, IMAGES, Meshy

EDIT = {
    "ai_model": "nano-banana",
    "prompt": "Carve it from driftwood",
    "reference_image_urls": ["https://example.test/a.png"],
}


async def test_each_created_task_is_counted(meshy: Meshy, box: Sandbox) -> None:
    """Refused ones are not."""
    made = [(await meshy.ask(IMAGES, "POST", json=EDIT))[1]["result"] for _ in range(2)]
    await meshy.ask(IMAGES, "POST", json=EDIT | {"prompt": ""})

    assert box.meshy.created == made


async def test_a_banned_prompt_fails_and_costs_nothing(meshy: Meshy, clock: Clock) -> None:
    """It is accepted; the failure comes at its end."""
    before = await meshy.ask(f"{API}/balance")
    _, made = await meshy.ask(IMAGES, "POST", json=EDIT | {"prompt": "gore"})
    clock.advance(9)
    running = await meshy.task(made["result"])
    clock.advance(1)
    ended = await meshy.task(made["result"])

    assert (running["status"], running["task_error"]) == ("IN_PROGRESS", {"message": ""})
    assert (ended["status"], ended["task_error"]["code"]) == ("FAILED", "moderation_blocked")
    assert (ended["image_urls"], ended["consumed_credits"]) == ([], 0)
    assert await meshy.ask(f"{API}/balance") == before


async def test_the_probe_of_the_mcp_server(meshy: Meshy) -> None:
    """An empty list of models, for the right key only."""
    assert await meshy.ask("/openapi/v2/text-to-3d") == (200, [])
    url = f"{meshy.upstream.url}/openapi/v2/text-to-3d"
    async with aiohttp.ClientSession() as anyone, anyone.get(url) as answer:
        assert answer.status == 401


async def _read(meshy: Meshy, key: str, clock: Clock | None = None) -> bytes:
    """What comes of a stream until it ends, however it ends. clock: is stepped after every message."""
    found = b""
    try:
        async with meshy.session.get(f"{meshy.upstream.url}{IMAGES}/{key}/stream") as answer:
            while message := await answer.content.readuntil(b"\n\n"):
                found += message
                if clock is not None:
                    clock.advance(4)
    except aiohttp.ClientError:
        return found + b"reset"
    return found


@pytest.mark.parametrize("messages", [0, 1, 2])
async def test_a_stream_is_cut_after_a_number_of_messages(
    meshy: Meshy, box: Sandbox, clock: Clock, messages: int
) -> None:
    """The connection is reset in place of the next; a later stream is whole."""
    _, made = await meshy.ask(IMAGES, "POST", json=EDIT)
    box.meshy.fail(f"GET {IMAGES}/{{id}}/stream", cut_after=messages, times=1)

    cut = await _read(meshy, made["result"], clock)
    clock.advance(60)
    whole = await _read(meshy, made["result"])

    assert (cut.count(b"event: message"), cut.endswith(b"reset")) == (messages, True)
    assert whole.count(b"event: message") == 1
    assert whole.endswith(b"\n\n")
    assert box.meshy.streams.opened == 2


async def test_open_streams_can_be_cut(meshy: Meshy, box: Sandbox) -> None:
    """All at once; a new one begins anew."""
    _, made = await meshy.ask(IMAGES, "POST", json=EDIT)
    async with meshy.session.get(f"{meshy.upstream.url}{IMAGES}/{made['result']}/stream") as answer:
        await answer.content.readuntil(b"\n\n")
        assert len(box.meshy.streams) == 1

        box.meshy.streams.cut()

        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()


async def test_an_answer_is_lost_after_the_work_is_done(meshy: Meshy, box: Sandbox) -> None:
    """The client cannot know it; the task exists and has been paid for."""
    box.meshy.fail(f"POST {IMAGES}", answer_lost=True, times=1)
    before = box.meshy.world.balance

    with pytest.raises(aiohttp.ClientError):
        await meshy.ask(IMAGES, "POST", json=EDIT)

    (key,) = box.meshy.created
    assert (await meshy.task(key))["status"] == "PENDING"
    assert box.meshy.world.balance == before - 3
    assert box.meshy.requests[f"POST {IMAGES}"] == 1


async def test_an_answer_is_late_but_the_work_is_not(meshy: Meshy, box: Sandbox) -> None:
    """A client that has left by then has created a task all the same."""
    box.meshy.fail(f"POST {IMAGES}", answer_delay=30)

    with pytest.raises(TimeoutError):
        await meshy.ask(IMAGES, "POST", json=EDIT, timeout=aiohttp.ClientTimeout(total=0.2))

    assert len(box.meshy.created) == 1


async def test_the_documented_stream_says_it_is_one(meshy: Meshy) -> None:
    """Each event is two lines and an empty one."""
    assert (await _read(meshy, TASK)).splitlines()[0::2] == [b"event: message", b""]
