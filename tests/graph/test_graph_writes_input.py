"""What a task may be made from: each bad value is named by its field, and nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from tests.conftest import Client
from tests.graph.test_graph_writes import MESHY
from tests.graph.test_graph_writes_failures import JUST_ID

URL = "expected an http or https URL of a public host"
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
PIXAI: dict[str, tuple[dict[str, Any], str]] = {
    "no prompt": ({"prompt": " \n"}, "Invalid `prompt`: expected text of 1 to 32,768 characters"),
    "a long prompt": ({"prompt": "a" * 40_000}, "Invalid `prompt`: expected text of 1 to 32,768 characters"),
    "no width": ({"width": 0}, "Invalid `width`: expected a whole number of at least 1"),
    "a negative height": ({"height": -1}, "Invalid `height`: expected a whole number of at least 1"),
    "no batch": ({"batchSize": 0}, "Invalid `batchSize`: expected a whole number of at least 1"),
    "no steps": ({"steps": 0}, "Invalid `steps`: expected a whole number of at least 1"),
    "a negative seed": ({"seed": "-1"}, "Invalid `seed`: expected a whole number of at least 0"),
    "a negative scale": ({"cfgScale": -0.5}, "Invalid `cfgScale`: expected a number of at least 0"),
    "much strength": ({"strength": 1.5}, "Invalid `strength`: expected a number of at least 0, at most 1"),
    "two pictures": (
        {"mediaId": "1", "mediaUrl": "https://a.example/a.png"},
        "Invalid `mediaUrl`: expected either `mediaId` or `mediaUrl`, not both",
    ),
    "another's picture": ({"mediaId": "media:meshy:1:0"}, "Invalid `mediaId`: expected a picture at PixAI"),
    "a private picture": ({"mediaUrl": "http://10.0.0.7/a.png"}, f"Invalid `mediaUrl`: {URL}"),
    "a picture here": ({"mediaUrl": "http://2130706433/a.png"}, f"Invalid `mediaUrl`: {URL}"),
    "a private parameter": (
        {"parameters": {"controlNets": [{"mediaUrl": "http://[::ffff:7f00:1]/a.png"}]}},
        f"Invalid `parameters.controlNets[0].mediaUrl`: {URL}",
    ),
    "parameters in a list": ({"parameters": [1]}, "Invalid `parameters`: expected an object"),
}


@pytest.mark.parametrize("case", PIXAI)
async def test_a_bad_value_for_pixai(graph: Client, box: Sandbox, case: str) -> None:
    """The message names the field and quotes nothing."""
    given, message = PIXAI[case]

    answer = await graph.ask(JUST_ID, input={"pixai": {"prompt": "a"} | given}, key="k")

    assert answer == {
        "data": {"createTask": None},
        "errors": [
            {
                "message": message,
                "locations": [{"line": 3, "column": 3}],
                "path": ["createTask"],
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ],
    }
    assert box.pixai.requests == {}


TYPES = "expected a picture of the type jpg, jpeg or png"
PICTURES: dict[str, tuple[list[str], str]] = {
    "none": ([], "Invalid `referenceImageUrls`: expected 1 to 5 pictures"),
    "six": (["https://a.example/a.png"] * 6, "Invalid `referenceImageUrls`: expected 1 to 5 pictures"),
    "a file": (["file:///etc/passwd"], f"Invalid `referenceImageUrls[0]`: {URL}"),
    "nothing": (["https://a.example/a.png", ""], f"Invalid `referenceImageUrls[1]`: {URL}"),
    "a private one": (["http://192.168.1.1/a.png"], f"Invalid `referenceImageUrls[0]`: {URL}"),
    "a machine": (["http://metadata/a.png"], f"Invalid `referenceImageUrls[0]`: {URL}"),
    "another type": (["https://a.example/a.webp?b=/c.png"], f"Invalid `referenceImageUrls[0]`: {TYPES}"),
    "another type inside": (
        [GIF],
        "Invalid `referenceImageUrls[0]`: expected a picture of the type image/jpeg, image/jpg, image/png",
    ),
    "no base64": (
        ["data:image/png;base64,iVBOR"],
        "Invalid `referenceImageUrls[0]`: expected base64 with its padding, without line breaks",
    ),
}


@pytest.mark.parametrize("case", PICTURES)
async def test_a_bad_picture_for_meshy(graph: Client, box: Sandbox, case: str) -> None:
    """Named by its place."""
    given, message = PICTURES[case]

    answer = await graph.ask(
        JUST_ID,
        input={"meshyImageToImage": MESHY["meshyImageToImage"] | {"referenceImageUrls": given}},
        key="k",
    )

    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (message, {"code": "BAD_USER_INPUT"})
    ]
    assert box.meshy.requests == {}


@pytest.mark.parametrize("key", ["", "a" * 256, "a\nb"])
async def test_a_bad_key(graph: Client, box: Sandbox, key: str) -> None:
    """Nothing is sent under it, nor without it."""
    answer = await graph.ask(JUST_ID, input={"pixai": {"prompt": "a"}}, key=key)

    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (
            "Invalid `idempotencyKey`: expected 1 to 255 printable characters",
            {"code": "BAD_USER_INPUT"},
        )
    ]
    assert box.pixai.requests == {}


async def test_what_is_null_is_left_to_the_source(graph: Client, box: Sandbox) -> None:
    """As what is absent; named parameters win over others of their name, and seeds stay exact."""
    query = """
    mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { parameters } } }
    """
    given = {
        "prompt": "a",
        "negativePrompt": None,
        "width": 512,
        "seed": 2**60,
        "mediaId": None,
        "parameters": {"prompts": "b", "width": 1, "clipSkip": 2, "lora": {"1": 0.5}, "note": 2**70},
    }

    made = await graph.data(query, input={"pixai": given})

    assert made["createTask"]["task"]["parameters"] == {
        "prompts": "a",
        "width": 512,
        "seed": str(2**60),
        "clipSkip": 2,
        "lora": {"1": 0.5},
        "note": str(2**70),
    }
