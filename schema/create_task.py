"""What a task is started with: one input for each thing that a provider makes."""

from collections.abc import Mapping
from typing import TypeVar

import strawberry

from loaders import ids, records
from loaders.creations import (
    Creation,
    MeshyImageToImage,
    MidjourneyBlend,
    MidjourneyDescribe,
    MidjourneyImagine,
    PixaiCreation,
)
from loaders.errors import BadInput
from loaders.ids import Kind
from schema.enums import Provider
from schema.scalars import JSON, URL, BigInt

UNSET = strawberry.UNSET
T = TypeVar("T")


def given(value: T | None) -> T | None:
    """None where it is absent."""
    return None if value is UNSET else value


def _parameters(given: object) -> Mapping[str, records.JSON] | None:
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise BadInput("Invalid `parameters`: expected an object")
    return given


def _media_key(given: str | None) -> str | None:
    """Of PixAI; its own id has no colon."""
    if not given or ":" not in given:
        return given or None
    media = ids.parse(given, Kind.MEDIA)
    if media.provider is not Provider.PIXAI:
        raise BadInput("Invalid `mediaId`: expected a picture at PixAI")
    return media.key


@strawberry.input(description="A picture by PixAI. What is absent or null is left to PixAI's defaults.")
class PixaiTaskInput:
    """createGenerationTask's parameters."""

    prompt: str = strawberry.field(description="What to show.")
    negative_prompt: str | None = strawberry.field(default=UNSET, description="What not to show.")
    model_id: str | None = strawberry.field(default=UNSET, description="PixAI's id of a model version.")
    width: int | None = strawberry.field(default=UNSET, description="Pixels.")
    height: int | None = strawberry.field(default=UNSET, description="Pixels.")
    batch_size: int | None = strawberry.field(
        default=UNSET, description="How many pictures at once; one if absent."
    )
    seed: BigInt | None = strawberry.field(
        default=UNSET, description="The seed to grow from; absent: at random."
    )
    steps: int | None = strawberry.field(default=UNSET, description="Sampling steps.")
    sampler: str | None = strawberry.field(default=UNSET, description="PixAI's name of the sampling method.")
    cfg_scale: float | None = strawberry.field(default=UNSET, description="How closely to follow the prompt.")
    strength: float | None = strawberry.field(
        default=UNSET, description="How far to depart from the picture to start from, 0 to 1."
    )
    media_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="A picture to start from, by its id in this graph or at PixAI; or `mediaUrl`.",
    )
    media_url: URL | None = strawberry.field(
        default=UNSET, description="A picture to start from, by its address; or `mediaId`."
    )
    parameters: JSON | None = strawberry.field(
        default=UNSET,
        description="Any further parameter by its PixAI name, as an object; the typed ones win.",
    )

    def creation(self) -> PixaiCreation:
        """As it is given to PixAI's writes."""
        return PixaiCreation(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt or None,
            model_id=self.model_id or None,
            width=given(self.width),
            height=given(self.height),
            batch_size=given(self.batch_size),
            seed=given(self.seed),
            steps=given(self.steps),
            sampler=self.sampler or None,
            cfg_scale=given(self.cfg_scale),
            strength=given(self.strength),
            media_key=_media_key(self.media_id),
            media_url=self.media_url or None,
            parameters=_parameters(self.parameters),
        )


@strawberry.input(description="Pictures by Meshy, made from pictures.")
class MeshyImageToImageInput:
    """The body of Meshy's image-to-image."""

    ai_model: str = strawberry.field(description="Meshy's name of the model.")
    prompt: str = strawberry.field(description="How to change the pictures.")
    reference_image_urls: list[str] = strawberry.field(
        description="The pictures to work from, one to five: addresses or data URLs; jpg, jpeg or png."
    )
    generate_multi_view: bool | None = strawberry.field(
        default=False, description="Whether to show the subject from several sides; null means no."
    )
    parameters: JSON | None = strawberry.field(
        default=UNSET,
        description="Any further parameter by its Meshy name, as an object; the typed ones win.",
    )

    def creation(self) -> MeshyImageToImage:
        """As it is given to Meshy's writes."""
        return MeshyImageToImage(
            ai_model=self.ai_model,
            prompt=self.prompt,
            reference_image_urls=tuple(self.reference_image_urls),
            generate_multi_view=bool(self.generate_multi_view),
            parameters=_parameters(self.parameters),
        )


@strawberry.input(description="A grid of four pictures by Midjourney, from a prompt.")
class MidjourneyImagineInput:
    """The body of submit/imagine."""

    prompt: str = strawberry.field(
        description="What to show, with Midjourney's own options (`--ar 3:2 --seed 7`)."
    )
    images: list[str] | None = strawberry.field(
        default=UNSET, description="Pictures to start from, five at most, as data URLs or by their addresses."
    )
    bot_type: str | None = strawberry.field(
        default=UNSET, description='"MID_JOURNEY" or "NIJI_JOURNEY"; absent: the proxy\'s default.'
    )
    state: str | None = strawberry.field(
        default=UNSET, description="A tag of your own, given back in `Task.state`; at most 255 characters."
    )
    notify_hook: URL | None = strawberry.field(
        default=UNSET, description="Where the proxy posts each change of the task; absent: nowhere."
    )
    parameters: JSON | None = strawberry.field(
        default=UNSET,
        description="Any further parameter by the proxy's name, as an object; the typed ones win.",
    )

    def creation(self) -> MidjourneyImagine:
        """As it is given to Midjourney's writes."""
        return MidjourneyImagine(
            prompt=self.prompt,
            images=tuple(self.images or ()),
            bot_type=self.bot_type or None,
            state=self.state or None,
            notify_hook=self.notify_hook or None,
            parameters=_parameters(self.parameters),
        )


@strawberry.input(description="One picture by Midjourney, blended of several.")
class MidjourneyBlendInput:
    """The body of submit/blend."""

    images: list[str] = strawberry.field(description="Two to five pictures, as data URLs.")
    dimensions: str | None = strawberry.field(
        default=UNSET, description='"PORTRAIT", "SQUARE" or "LANDSCAPE"; absent: the proxy\'s default.'
    )
    state: str | None = strawberry.field(
        default=UNSET, description="A tag of your own, given back in `Task.state`; at most 255 characters."
    )

    def creation(self) -> MidjourneyBlend:
        """As it is given to Midjourney's writes."""
        return MidjourneyBlend(
            images=tuple(self.images), dimensions=self.dimensions or None, state=self.state or None
        )


@strawberry.input(description="Prompts by Midjourney that describe a picture.")
class MidjourneyDescribeInput:
    """The body of submit/describe."""

    image: str = strawberry.field(description="The picture, as a data URL or by its address.")
    state: str | None = strawberry.field(
        default=UNSET, description="A tag of your own, given back in `Task.state`; at most 255 characters."
    )

    def creation(self) -> MidjourneyDescribe:
        """As it is given to Midjourney's writes."""
        return MidjourneyDescribe(image=self.image, state=self.state or None)


@strawberry.input(one_of=True, description="What to start: exactly one of these.")
class CreateTaskInput:
    """One of the above."""

    pixai: PixaiTaskInput | None = strawberry.field(default=UNSET, description="A picture by PixAI.")
    meshy_image_to_image: MeshyImageToImageInput | None = strawberry.field(
        default=UNSET, description="Pictures by Meshy, made from pictures."
    )
    midjourney_imagine: MidjourneyImagineInput | None = strawberry.field(
        default=UNSET, description="A grid by Midjourney, from a prompt."
    )
    midjourney_blend: MidjourneyBlendInput | None = strawberry.field(
        default=UNSET, description="A picture by Midjourney, blended of several."
    )
    midjourney_describe: MidjourneyDescribeInput | None = strawberry.field(
        default=UNSET, description="Prompts by Midjourney that describe a picture."
    )

    def provider(self) -> Provider:
        """The provider of the one that is set."""
        if self.pixai:
            return Provider.PIXAI
        return Provider.MESHY if self.meshy_image_to_image else Provider.MIDJOURNEY

    def creation(self) -> Creation:
        """The one that is set. Raises BadInput, InvalidId."""
        chosen = (
            self.pixai
            or self.meshy_image_to_image
            or self.midjourney_imagine
            or self.midjourney_blend
            or self.midjourney_describe
        )
        assert chosen, "@oneOf is validated"
        return chosen.creation()
