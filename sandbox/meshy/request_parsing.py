"""The parameters of a POST that creates a task, and what is wrong with them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.meshy.factory import PRICES
from sandbox.meshy.records import IMAGE

DATA_URI = re.compile(r"data:image/(?:png|jpe?g);base64,(.+)", re.DOTALL)
SUFFIXES = ("jpg", "jpeg", "png")
POSES = ("a-pose", "t-pose")
ASPECTS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3")


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A valid request for a task."""

    model: str
    prompt: str
    multi_view: bool


def read(resource: str, body: object) -> CreateRequest:
    """Raises ValueError, which names the parameter that is missing or wrong."""
    if not isinstance(body, dict):
        raise ValueError("a JSON object was expected")
    model, prompt = _text(body, "ai_model"), _text(body, "prompt")
    if model not in PRICES:
        raise ValueError(f"ai_model must be one of {', '.join(PRICES)}")
    multi_view = body.get("generate_multi_view", False)
    if not isinstance(multi_view, bool):
        raise ValueError("generate_multi_view must be a boolean")
    if multi_view and "aspect_ratio" in body:
        raise ValueError("aspect_ratio cannot be used with generate_multi_view")
    if body.get("aspect_ratio", ASPECTS[0]) not in ASPECTS:
        raise ValueError(f"aspect_ratio must be one of {', '.join(ASPECTS)}")
    if resource == IMAGE:
        _check_references(body.get("reference_image_urls"))
    elif body.get("pose_mode", POSES[0]) not in POSES:
        raise ValueError(f"pose_mode must be one of {', '.join(POSES)}")
    return CreateRequest(model, prompt, multi_view)


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is required")
    return value


def _check_references(urls: object) -> None:
    if not isinstance(urls, list) or not 1 <= len(urls) <= 5:
        raise ValueError("reference_image_urls must hold 1 to 5 images")
    for url in urls:
        if not isinstance(url, str) or not (_is_inline(url) or _is_web(url)):
            raise ValueError("reference_image_urls must be URLs or data URIs of .jpg, .jpeg or .png images")


def _is_inline(url: str) -> bool:
    found = DATA_URI.fullmatch(url)
    try:
        return found is not None and bool(base64.b64decode(found[1], validate=True))
    except ValueError:
        return False


def _is_web(url: str) -> bool:
    """Whether it could be fetched; it is not. A path without a suffix may be any image."""
    parts = urlsplit(url)
    suffix = parts.path.rpartition("/")[2].rpartition(".")
    named = not suffix[0] or suffix[2].lower() in SUFFIXES
    return parts.scheme in ("http", "https") and bool(parts.hostname) and named
