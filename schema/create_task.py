"""What a task is started with: one input for each thing that a provider makes."""

import strawberry

from schema.enums import Provider
from schema.scalars import JSON, URL, BigInt

UNSET = strawberry.UNSET


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


@strawberry.input(description="Pictures by Meshy, made from pictures.")
class MeshyImageToImageInput:
    """The body of Meshy's image-to-image."""

    ai_model: str = strawberry.field(description="Meshy's name of the model.")
    prompt: str = strawberry.field(description="How to change the pictures.")
    reference_image_urls: list[str] = strawberry.field(
        description="The pictures to work from: public addresses or data URLs, as many as Meshy takes."
    )
    generate_multi_view: bool | None = strawberry.field(
        default=False, description="Whether to show the subject from several sides; null means no."
    )
    parameters: JSON | None = strawberry.field(
        default=UNSET,
        description="Any further parameter by its Meshy name, as an object; the typed ones win.",
    )


@strawberry.input(description="A grid of four pictures by Midjourney, from a prompt.")
class MidjourneyImagineInput:
    """The body of submit/imagine."""

    prompt: str = strawberry.field(
        description="What to show, with Midjourney's own options (`--ar 3:2 --seed 7`)."
    )
    images: list[str] | None = strawberry.field(
        default=UNSET, description="Pictures to start from, as data URLs."
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


@strawberry.input(description="Prompts by Midjourney that describe a picture.")
class MidjourneyDescribeInput:
    """The body of submit/describe."""

    image: str = strawberry.field(description="The picture, as a data URL.")
    state: str | None = strawberry.field(
        default=UNSET, description="A tag of your own, given back in `Task.state`; at most 255 characters."
    )


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
