"""The bodies of midjourney-proxy's submits. Raises BadInput, which names the argument.

images of an imagine   data URLs go into base64Array, addresses in front of the prompt
image of a describe    a data URL goes as base64, an address as link
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from loaders import coerce, creation_checks, images, public_url
from loaders.creations import ButtonPress, MidjourneyBlend, MidjourneyDescribe, MidjourneyImagine
from loaders.errors import BadInput
from loaders.records import TaskRecord

MOST_IMAGES = 5  # of one task
LONGEST_STATE = 255  # characters; the C# server refuses more
BOTS = ("MID_JOURNEY", "NIJI_JOURNEY")
DIMENSIONS = ("PORTRAIT", "SQUARE", "LANDSCAPE")

Body = dict[str, Any]


def imagine(creation: MidjourneyImagine, allowed: Collection[str]) -> Body:
    """Of submit/imagine. allowed: origins as public_url has them."""
    prompt = creation_checks.text(creation.prompt, "prompt")
    public_url.check_text(prompt, "prompt", allowed)
    if len(creation.images) > MOST_IMAGES:
        raise BadInput(f"Invalid `images`: expected at most {MOST_IMAGES} pictures")
    pictures = [
        images.reference(picture, f"images[{place}]", allowed=allowed)
        for place, picture in enumerate(creation.images)
    ]
    inline = [picture for picture in pictures if images.is_data_url(picture)]
    addresses = [picture for picture in pictures if not images.is_data_url(picture)]
    body: Body = creation_checks.parameters(creation.parameters, allowed)
    body["prompt"] = " ".join([*addresses, prompt])
    if inline:
        body["base64Array"] = inline
    if creation.bot_type is not None:
        body["botType"] = _one_of(creation.bot_type, "botType", BOTS)
    if creation.notify_hook is not None:
        body["notifyHook"] = public_url.checked(creation.notify_hook, "notifyHook", allowed)
    return body | _state(creation.state)


def blend(creation: MidjourneyBlend) -> Body:
    """Of submit/blend, which takes no addresses."""
    if not 2 <= len(creation.images) <= MOST_IMAGES:
        raise BadInput(f"Invalid `images`: expected 2 to {MOST_IMAGES} pictures")
    body: Body = {
        "base64Array": [
            images.checked(picture, f"images[{place}]") for place, picture in enumerate(creation.images)
        ]
    }
    if creation.dimensions is not None:
        body["dimensions"] = _one_of(creation.dimensions, "dimensions", DIMENSIONS)
    return body | _state(creation.state)


def describe(creation: MidjourneyDescribe, allowed: Collection[str]) -> Body:
    """Of submit/describe."""
    picture = images.reference(creation.image, "image", allowed=allowed)
    return {"base64" if images.is_data_url(picture) else "link": picture} | _state(creation.state)


def again(task: TaskRecord) -> Body | None:
    """Of submit/imagine: the task's prompt, bot and tag once more. None where it has no prompt to repeat."""
    if task.operation != "IMAGINE" or task.prompt is None:
        return None
    body: Body = {"prompt": task.prompt}
    if task.bot_type in BOTS:
        body["botType"] = task.bot_type
    return body | ({} if task.state is None else {"state": task.state})


def confirmation(button: ButtonPress, allowed: Collection[str]) -> Body:
    """Of submit/modal, but for the task: what the window asks for. {} where nothing was given."""
    body: Body = {}
    if button.prompt is not None and button.prompt.strip():
        body["prompt"] = creation_checks.text(button.prompt, "prompt")
        public_url.check_text(button.prompt, "prompt", allowed)
    if button.mask_base64 is not None:
        body["maskBase64"] = images.mask(button.mask_base64, "maskBase64")
    return body


def _state(state: str | None) -> Body:
    if state is None:
        return {}
    if len(state) > LONGEST_STATE or not coerce.is_text(state):
        raise BadInput(f"Invalid `state`: expected at most {LONGEST_STATE} characters")
    return {"state": state}


def _one_of(value: str, argument: str, known: Collection[str]) -> str:
    if value not in known:
        raise BadInput(f"Invalid `{argument}`: expected {', '.join(known)}")
    return value
