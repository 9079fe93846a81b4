"""What is sent to midjourney-proxy, and what is refused before anything is sent."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from loaders.creations import (
    ButtonPress,
    Creation,
    MidjourneyBlend,
    MidjourneyDescribe,
    MidjourneyImagine,
)
from loaders.errors import BadInput
from loaders.midjourney import normalise
from tests.loaders.canned_server import answering
from tests.loaders.midjourney_writing import GRID, HERON, U1, WINDOW, writing

PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
GIF = "data:image/gif;base64," + base64.b64encode(b"GIF89a").decode()
URL = "https://pictures.example.com/a.png"
ACCEPTED = b'{"code":1,"description":"ok","result":"1320098173412546","properties":{}}'


async def sent(creation: Creation) -> tuple[str, Any]:
    """The path and the body."""
    async with writing(answering(ACCEPTED)) as (writes, server):
        assert await writes.create(creation) == "1320098173412546"
        ((method, path, body),) = server.seen
        assert (method, server.headers["Authorization"]) == ("POST", "Bearer k")
        return path, json.loads(body)


@pytest.mark.parametrize(
    ("creation", "path", "body"),
    [
        (HERON, "imagine", {"prompt": "a heron"}),
        (
            MidjourneyImagine(
                prompt="a heron",
                images=(PNG, URL, GIF, f"{URL}?2"),
                bot_type="NIJI_JOURNEY",
                state="",
                notify_hook="https://example.com/hook",
                parameters={"accountFilter": {"modes": ["FAST"]}, "prompt": "lost", "botType": "lost"},
            ),
            "imagine",
            {
                "prompt": f"{URL} {URL}?2 a heron",
                "base64Array": [PNG, GIF],
                "botType": "NIJI_JOURNEY",
                "state": "",
                "notifyHook": "https://example.com/hook",
                "accountFilter": {"modes": ["FAST"]},
            },
        ),
        (MidjourneyBlend(images=(PNG, GIF)), "blend", {"base64Array": [PNG, GIF]}),
        (
            MidjourneyBlend(images=(PNG,) * 5, dimensions="PORTRAIT", state="x"),
            "blend",
            {"base64Array": [PNG] * 5, "dimensions": "PORTRAIT", "state": "x"},
        ),
        (MidjourneyDescribe(image=PNG, state="x"), "describe", {"base64": PNG, "state": "x"}),
        (MidjourneyDescribe(image=URL), "describe", {"link": URL}),
    ],
)
async def test_bodies(creation: Creation, path: str, body: Any) -> None:
    """Named arguments win over parameters; pictures go inline or by their address."""
    assert await sent(creation) == (f"/mj/submit/{path}", body)


@pytest.mark.parametrize(
    ("creation", "argument"),
    [
        (MidjourneyImagine(prompt=" \n"), "prompt"),
        (MidjourneyImagine(prompt="http://10.0.0.7/a.png a cat"), "prompt"),
        (MidjourneyImagine(prompt="\ud800"), "prompt"),
        (MidjourneyImagine(prompt="a", images=(PNG,) * 6), "images"),
        (MidjourneyImagine(prompt="a", images=(PNG, "a.png")), "images[1]"),
        (MidjourneyImagine(prompt="a", images=("http://[::1]/a.png",)), "images[0]"),
        (MidjourneyImagine(prompt="a", images=("data:image/png;base64,?",)), "images[0]"),
        (MidjourneyImagine(prompt="a", bot_type="mid_journey"), "botType"),
        (MidjourneyImagine(prompt="a", state="x" * 256), "state"),
        (MidjourneyImagine(prompt="a", state="\ud800"), "state"),
        (MidjourneyImagine(prompt="a", notify_hook="http://localhost/hook"), "notifyHook"),
        (MidjourneyImagine(prompt="a", notify_hook=PNG), "notifyHook"),
        (MidjourneyImagine(prompt="a", parameters={"base64": "http://0/"}), "parameters.base64"),
        (MidjourneyImagine(prompt="a", parameters={"n": "\ud800"}), "parameters.n"),
        (MidjourneyBlend(images=()), "images"),
        (MidjourneyBlend(images=(PNG,)), "images"),
        (MidjourneyBlend(images=(PNG,) * 6), "images"),
        (MidjourneyBlend(images=(PNG, URL)), "images[1]"),
        (MidjourneyBlend(images=(PNG, PNG), dimensions="WIDE"), "dimensions"),
        (MidjourneyDescribe(image="http://169.254.169.254/"), "image"),
        (MidjourneyDescribe(image=""), "image"),
        (MidjourneyDescribe(image="data:text/html;base64,AAAA"), "image"),
    ],
)
async def test_what_is_refused_before_anything_is_sent(creation: Creation, argument: str) -> None:
    """The error names the argument."""
    async with writing(answering(ACCEPTED)) as (writes, server):
        with pytest.raises(BadInput) as refused:
            await writes.create(creation)

        assert refused.value.message.startswith(f"Invalid `{argument}`: expected")
        assert server.seen == []


@pytest.mark.parametrize(
    ("button", "argument"),
    [
        (ButtonPress(action_id=U1, prompt="see http://127.1/"), "prompt"),
        (ButtonPress(action_id=U1, mask_base64=""), "maskBase64"),
        (ButtonPress(action_id=U1, mask_base64=URL), "maskBase64"),
        (ButtonPress(action_id="reroll"), "actionId"),
    ],
)
async def test_presses_that_are_refused_before_anything_is_sent(button: ButtonPress, argument: str) -> None:
    """Of a finished task and of one that waits."""
    async with writing(answering(ACCEPTED)) as (writes, server):
        for task in (GRID, WINDOW):
            with pytest.raises(BadInput, match=f"Invalid `{argument}`"):
                await writes.press(task, button)
        assert server.seen == []


@pytest.mark.parametrize(
    ("task", "button", "path", "body"),
    [
        (GRID, ButtonPress(action_id=U1), "action", {"taskId": "7", "customId": U1}),
        (WINDOW, ButtonPress(action_id=normalise.CONFIRM), "modal", {"taskId": "7"}),
        (
            WINDOW,
            ButtonPress(action_id="MJ::Inpaint::1::c80d", prompt="a hat", mask_base64=PNG),
            "modal",
            {"taskId": "7", "prompt": "a hat", "maskBase64": PNG},
        ),
        (
            WINDOW,
            ButtonPress(action_id=normalise.CONFIRM, prompt="", mask_base64=PNG.partition(",")[2]),
            "modal",
            {"taskId": "7", "maskBase64": PNG},
        ),
    ],
)
async def test_presses(task: Any, button: ButtonPress, path: str, body: Any) -> None:
    """An action of a finished task, or the confirmation of one that waits."""
    async with writing(answering(ACCEPTED)) as (writes, server):
        assert await writes.press(task, button) == "1320098173412546"

        ((_, asked, content),) = server.seen
        assert (asked, json.loads(content)) == (f"/mj/submit/{path}", body)
