"""What a source is asked to make or to change, as data. None means: not given, left to the source.

Nothing here has been checked; the source's writes check it before they send anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from loaders.records import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class PixaiCreation:
    """createGenerationTask. media_key: of a picture to start from. parameters: more; named ones win."""

    prompt: str
    negative_prompt: str | None = None
    model_id: str | None = None
    width: int | None = None
    height: int | None = None
    batch_size: int | None = None
    seed: int | None = None
    steps: int | None = None
    sampler: str | None = None
    cfg_scale: float | None = None
    strength: float | None = None
    media_key: str | None = None
    media_url: str | None = None
    parameters: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshyImageToImage:
    """POST image-to-image. reference_image_urls: addresses or data URLs."""

    ai_model: str
    prompt: str
    reference_image_urls: tuple[str, ...]
    generate_multi_view: bool | None = None
    parameters: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidjourneyImagine:
    """submit/imagine. images: data URLs or addresses."""

    prompt: str
    images: tuple[str, ...] = ()
    bot_type: str | None = None
    state: str | None = None
    notify_hook: str | None = None
    parameters: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidjourneyBlend:
    """submit/blend. images: data URLs."""

    images: tuple[str, ...]
    dimensions: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidjourneyDescribe:
    """submit/describe. image: a data URL or an address."""

    image: str
    state: str | None = None


Creation: TypeAlias = (
    PixaiCreation | MeshyImageToImage | MidjourneyImagine | MidjourneyBlend | MidjourneyDescribe
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress:
    """A button of a task. prompt, mask_base64: what some buttons ask for; the mask bare or as a data URL."""

    action_id: str
    prompt: str | None = None
    mask_base64: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUpload:
    """A picture that lies on this machine. content: at its beginning. size: bytes."""

    content: BinaryIO
    size: int
    content_type: str
