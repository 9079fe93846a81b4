"""`triptych create`: a command for each kind of input; its options are the input's fields."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer

from server.cli import pictures_input, runtime
from server.cli.change import TASK, JsonOption, KeyOption, WatchOption, change, new_key
from server.cli.remote import ServerOption

MUTATION = (
    "mutation ($input: CreateTaskInput!, $key: String) "
    f"{{ createTask(input: $input, idempotencyKey: $key) {{ {TASK} }} }}"
)

Prompt = Annotated[str, typer.Option(metavar="TEXT", help="What to show.")]
State = Annotated[str | None, typer.Option(metavar="TEXT", help="A tag of your own, at most 255 characters.")]
Parameters = Annotated[
    str | None,
    typer.Option(metavar="JSON", help="Further parameters by the provider's names, as a JSON object."),
]
MANY = "An address or a file. May be repeated."

app = typer.Typer(
    help="Start a task; it may cost credits. Prints its id.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("pixai")
def pixai(
    prompt: Prompt,
    negative_prompt: Annotated[str | None, typer.Option(metavar="TEXT", help="What not to show.")] = None,
    model_id: Annotated[str | None, typer.Option(metavar="ID", help="PixAI's id of a model version.")] = None,
    width: Annotated[int | None, typer.Option(metavar="N", help="Pixels.")] = None,
    height: Annotated[int | None, typer.Option(metavar="N", help="Pixels.")] = None,
    batch_size: Annotated[int | None, typer.Option(metavar="N", help="How many pictures at once.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="The seed to grow from.")] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="Sampling steps.")] = None,
    sampler: Annotated[
        str | None, typer.Option(metavar="NAME", help="PixAI's name of the sampling method.")
    ] = None,
    cfg_scale: Annotated[
        float | None, typer.Option(metavar="X", help="How closely to follow the prompt.")
    ] = None,
    strength: Annotated[
        float | None, typer.Option(metavar="X", help="How far to depart from the picture, 0 to 1.")
    ] = None,
    media_id: Annotated[str | None, typer.Option(metavar="ID", help="A picture to start from.")] = None,
    media_url: Annotated[str | None, typer.Option(metavar="URL", help="The same, by its address.")] = None,
    parameters: Parameters = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
    watch: WatchOption = False,
) -> None:
    """Start a task at PixAI, and print its id.

    Exit code 0: started; 1: refused, or nobody knows; 2: wrong usage.
    """
    given = {
        "prompt": prompt,
        "negativePrompt": negative_prompt,
        "modelId": model_id,
        "width": width,
        "height": height,
        "batchSize": batch_size,
        "seed": None if seed is None else str(seed),
        "steps": steps,
        "sampler": sampler,
        "cfgScale": cfg_scale,
        "strength": strength,
        "mediaId": media_id,
        "mediaUrl": media_url,
        "parameters": _object(parameters),
    }
    _create("pixai", given, key, server, as_json=json, watch=watch)


@app.command("meshy")
def meshy(
    prompt: Annotated[str, typer.Option(metavar="TEXT", help="How to change the pictures.")],
    image: Annotated[list[str], typer.Option(metavar="URL", help=f"A picture to work from. {MANY}")],
    ai_model: Annotated[str, typer.Option(metavar="NAME", help="Meshy's name of the model.")] = "nano-banana",
    generate_multi_view: Annotated[
        bool, typer.Option("--generate-multi-view", help="Show the subject from several sides.")
    ] = False,
    parameters: Parameters = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
    watch: WatchOption = False,
) -> None:
    """Start a task at Meshy, made from pictures, and print its id.

    Exit code 0: started; 1: refused, or nobody knows; 2: wrong usage.
    """
    given = {
        "aiModel": ai_model,
        "prompt": prompt,
        "referenceImageUrls": _images(image),
        "generateMultiView": generate_multi_view,
        "parameters": _object(parameters),
    }
    _create("meshyImageToImage", given, key, server, as_json=json, watch=watch)


@app.command("midjourney")
def midjourney(
    prompt: Annotated[
        str, typer.Option(metavar="TEXT", help="What to show, with Midjourney's own options: --ar 3:2.")
    ],
    image: Annotated[
        list[str] | None, typer.Option(metavar="URL", help=f"A picture to start from. {MANY}")
    ] = None,
    bot_type: Annotated[str | None, typer.Option(metavar="NAME", help="MID_JOURNEY or NIJI_JOURNEY.")] = None,
    state: State = None,
    notify_hook: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the proxy posts each change.")
    ] = None,
    parameters: Parameters = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
    watch: WatchOption = False,
) -> None:
    """Start a grid of four pictures at Midjourney, and print its id.

    Exit code 0: started; 1: refused, or nobody knows; 2: wrong usage.
    """
    given = {
        "prompt": prompt,
        "images": _images(image) if image else None,
        "botType": bot_type,
        "state": state,
        "notifyHook": notify_hook,
        "parameters": _object(parameters),
    }
    _create("midjourneyImagine", given, key, server, as_json=json, watch=watch)


@app.command("midjourney-blend")
def midjourney_blend(
    image: Annotated[list[str], typer.Option(metavar="FILE", help="A picture: two to five of them.")],
    dimensions: Annotated[
        str | None, typer.Option(metavar="NAME", help="PORTRAIT, SQUARE or LANDSCAPE.")
    ] = None,
    state: State = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
    watch: WatchOption = False,
) -> None:
    """Start a picture at Midjourney, blended of several, and print its id.

    Exit code 0: started; 1: refused, or nobody knows; 2: wrong usage.
    """
    given = {"images": _images(image), "dimensions": dimensions, "state": state}
    _create("midjourneyBlend", given, key, server, as_json=json, watch=watch)


@app.command("midjourney-describe")
def midjourney_describe(
    image: Annotated[str, typer.Option(metavar="URL", help="The picture: an address or a file.")],
    state: State = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
    watch: WatchOption = False,
) -> None:
    """Let Midjourney describe a picture, and print the task's id.

    Exit code 0: started; 1: refused, or nobody knows; 2: wrong usage.
    """
    given = {"image": pictures_input.reference(image, "--image"), "state": state}
    _create("midjourneyDescribe", given, key, server, as_json=json, watch=watch)


def _create(
    kind: str, given: dict[str, Any], key: str | None, server: str | None, *, as_json: bool, watch: bool
) -> None:
    given = {name: value for name, value in given.items() if value is not None}
    key = key or new_key()
    variables = {"input": {kind: given}, "key": key}
    change(server, "createTask", MUTATION, variables, as_json=as_json, key=key, watch=watch)


def _images(given: list[str]) -> list[str]:
    return [pictures_input.reference(one, "--image") for one in given]


def _object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    from loaders import exact_json

    try:
        found = exact_json.loads(text.encode(errors="replace"))
    except ValueError:
        _no_object()
    return found if isinstance(found, dict) else _no_object()


def _no_object() -> NoReturn:
    runtime.fail("--parameters: expected a JSON object", code=2)
