"""A task's seed, read out of whatever image-seed answers, or out of the task's own prompt."""

from __future__ import annotations

from typing import Any

import pytest

from loaders import errors
from loaders.midjourney import normalise
from loaders.midjourney.newapi.seed import PromptSeed
from loaders.midjourney.proxy import seed
from loaders.midjourney.proxy.seed import ImageSeed
from loaders.records import Provider, SeedOrigin, SeedRecord, TaskRecord


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"code": 1, "result": "1762345891"}, ImageSeed(1762345891)),
        ({"code": 1, "result": 1320098173}, ImageSeed(1320098173)),
        ({"code": 0, "result": "4294967295"}, ImageSeed(4294967295)),
        ({"result": "123456789012345678901234567890"}, ImageSeed(123456789012345678901234567890)),
        ({"code": 1, "result": "0"}, ImageSeed(0)),
        ({"code": 3, "result": "5"}, ImageSeed()),
        ({"code": 9, "result": "5", "description": "Request timeout"}, ImageSeed(has_failed=True)),
        ({"code": 1, "result": ""}, ImageSeed()),
        ({"code": 1, "result": None}, ImageSeed()),
        ({"code": 1, "result": "not available"}, ImageSeed()),
        ({"code": 1, "result": -5}, ImageSeed()),
        ({"id": "1", "seed": "2718281828"}, ImageSeed(2718281828)),
        ({"id": "1", "properties": {"seed": "16180339"}}, ImageSeed(16180339)),
        ({"id": "1", "properties": {"Seed": 16180339}}, ImageSeed(16180339)),
        ({"id": "1", "properties": {"finalPrompt": "a heron --seed 7 --v 6.1"}}, ImageSeed(chosen=7)),
        ({"id": "1", "promptEn": "a heron --seed 8"}, ImageSeed(chosen=8)),
        ({"id": "1", "prompt": "--seed 9"}, ImageSeed(chosen=9)),
        ({"id": "1", "promptEn": "--seed 8", "prompt": "--seed 9"}, ImageSeed(chosen=8)),
        ({"id": "1", "prompt": "an essay on --seeds 9, --seed 9x, x--seed 9 and --seed"}, ImageSeed()),
        ({"code": 1, "result": "1", "seed": "2", "prompt": "--seed 3"}, ImageSeed(1, chosen=3)),
        ({"code": 9, "result": "1", "seed": "2", "prompt": "--seed 3"}, ImageSeed(2, 3, has_failed=True)),
        (
            {"code": 0, "description": "Submit success", "properties": {"finalPrompt": ""}, "result": ""},
            ImageSeed(),
        ),
        ({"properties": None}, ImageSeed()),
        ({}, ImageSeed()),
        (None, ImageSeed()),
    ],
)
def test_what_image_seed_tells(answer: dict[str, Any] | None, found: ImageSeed) -> None:
    """Its result, else the seed of a task object, else the prompt's; what is not known is no error."""
    assert seed.read(answer) == found


@pytest.mark.parametrize(
    "sent",
    [
        {"id": "1", "properties": {"finalPrompt": "pig --seed 7"}},
        {"id": "1", "prompt": "pig --seed=7"},
        {"mj_id": "1", "properties": '{"finalPrompt": "pig --seed 7"}'},
        {"mj_id": "1", "properties": '{"finalPrompt": ', "prompt_en": "pig --seed 7"},
    ],
)
@pytest.mark.parametrize(
    "answer", [ImageSeed(), ImageSeed(has_failed=True), PromptSeed()], ids=["unknown", "failed", "not asked"]
)
def test_seed_in_the_prompt_of_the_task(sent: dict[str, Any], answer: ImageSeed | PromptSeed) -> None:
    """Where image-seed tells none, or cannot be asked, the prompt of the task may, in either spelling."""
    assert answer.seeds(task_of(sent)) == (
        SeedRecord(
            id="seed:midjourney:1",
            provider=Provider.MIDJOURNEY,
            value=7,
            origin=SeedOrigin.PROMPT,
            task_key="1",
            media=(),
        ),
    )


def test_no_seed_anywhere() -> None:
    """No seed, unless looking for it failed, which is an error."""
    task = task_of({"id": "1", "prompt": "pig"})

    assert ImageSeed().seeds(task) == PromptSeed().seeds(task) == ()
    with pytest.raises(errors.Fault):
        ImageSeed(has_failed=True).seeds(task)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (ImageSeed(7), float("inf")),
        (ImageSeed(chosen=7, has_failed=True), float("inf")),
        (ImageSeed(), 600),  # a call may take a minute of the server's: not for everybody who looks
        (ImageSeed(has_failed=True), 0),
    ],
)
def test_how_long_answers_are_remembered(answer: ImageSeed, seconds: float) -> None:
    """A seed never changes; that there is none is asked again after a while, a failure at once."""
    assert seed.lifetime(answer, 0.0) == seconds


def task_of(sent: dict[str, Any]) -> TaskRecord:
    """The record of a row, or of an object."""
    record = (normalise.newapi_row if "mj_id" in sent else normalise.proxy_task)(sent)
    assert record is not None
    return record
