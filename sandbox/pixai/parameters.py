"""What PixAI expects of a task's parameters. Unknown keys pass."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.pixai.records import Json

MAX_BATCH = 9
SIDES = range(64, 4097)  # pixels
RATIO = re.compile(r"([1-9]\d?):([1-9]\d?)")
LONG_SIDE = 1024  # pixels, of a picture that v2 makes from an aspect ratio

Check = Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_seed(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, str) and (value == "" or value.isdecimal()))


CHECKS: dict[str, tuple[Check, str]] = {
    **dict.fromkeys(
        ("prompts", "negativePrompts", "modelId", "samplingMethod", "vaeModelId", "upscaler"),
        (_is_text, "a string"),
    ),
    **dict.fromkeys(("width", "height"), (lambda v: _is_whole(v) and v in SIDES, "an integer, 64 to 4096")),
    "batchSize": (lambda v: _is_whole(v) and v in range(1, MAX_BATCH + 1), f"an integer, 1 to {MAX_BATCH}"),
    "seed": (_is_seed, "a number, its digits or an empty string"),
    **dict.fromkeys(("samplingSteps", "clipSkip", "priority"), (_is_whole, "an integer")),
    "cfgScale": (_is_number, "a number"),
    "strength": (lambda v: isinstance(v, int | float) and 0 <= v <= 1, "a number, 0 to 1"),
    "lora": (lambda v: isinstance(v, dict) and all(map(_is_number, v.values())), "weights by version id"),
    "controlNets": (lambda v: isinstance(v, list) and all(isinstance(one, dict) for one in v), "a list"),
    **dict.fromkeys(("mediaId", "maskMediaId"), (_is_text, "a string")),
    **dict.fromkeys(
        ("mediaUrl", "maskMediaUrl"),
        (lambda v: isinstance(v, str) and v.startswith(("http://", "https://")), "an http(s) URL"),
    ),
}


def check(parameters: Json, exists: Callable[[str], bool]) -> None:
    """Raises ValueError for the first parameter that is wrong. exists: whether there is such media."""
    if not parameters.get("prompts"):
        raise ValueError("prompts is required")
    for name, value in parameters.items():
        valid, expected = CHECKS.get(name, (None, ""))
        if valid is not None and value is not None and not valid(value):
            raise ValueError(f"{name} must be {expected}")
    for key, url in (("mediaId", "mediaUrl"), ("maskMediaId", "maskMediaUrl")):
        if parameters.get(key) and parameters.get(url):
            raise ValueError(f"{key} and {url} cannot be used together")
        if parameters.get(key) and not exists(parameters[key]):
            raise ValueError(f"{key}: media not found")


def from_v2(body: Json) -> Json:
    """The parameters that `POST /v2/image/create` stands for. Raises ValueError as `check` does."""
    for name in ("modelVersionId", "prompt"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise ValueError(f"{name} is required")
    ratio = RATIO.fullmatch(str(body.get("aspectRatio", "1:1")))
    if ratio is None:
        raise ValueError("aspectRatio must be two numbers like 9:16")
    across, down = int(ratio[1]), int(ratio[2])
    scale = LONG_SIDE / max(across, down)
    return {
        "prompts": body["prompt"],
        "modelId": body["modelVersionId"],
        "width": max(SIDES.start, round(across * scale)),
        "height": max(SIDES.start, round(down * scale)),
    }
