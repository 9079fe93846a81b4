"""One task, its picture and its seed, as records."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from loaders.account import Account
from loaders.records import (
    Cost,
    CostUnit,
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskAction,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)
from schema import schema
from tests.canned import Canned, canned_context

NOON = datetime(2024, 5, 22, 12, 0, 0, 124000, UTC)


DETAILS = MediaDetails(
    kind=MediaKind.IMAGE,
    width=512,
    height=768,
    content_type="image/png",
    urls=(
        MediaUrl(variant=MediaVariant.PUBLIC, url="https://cdn.example.org/a.png", expires_at=NOON),
        MediaUrl(variant=MediaVariant.THUMBNAIL, url="https://cdn.example.org/a-small.png"),
    ),
)


PICTURE = MediaRecord(
    id="media:pixai:459604023097100648",
    provider=Provider.PIXAI,
    provider_id="459604023097100648",
    key="459604023097100648",
    task_key="1749902216266450789",
)


SEED = SeedRecord(
    id="seed:pixai:1749902216266450789:459604023097100648",
    provider=Provider.PIXAI,
    value=3283868009760115,
    origin=SeedOrigin.REPORTED,
    task_key="1749902216266450789",
    media=(PICTURE,),
)


TASK = TaskRecord(
    id="task:pixai:1749902216266450789",
    provider=Provider.PIXAI,
    provider_id="1749902216266450789",
    key="1749902216266450789",
    status=TaskStatus.SUCCEEDED,
    provider_status="completed",
    is_terminal=True,
    operation="generation",
    model="1648918127446573124",
    prompt="a triptych",
    created_at=NOON,
    duration=8.25,
    media=(PICTURE,),
    cover=MediaRecord(id="media:pixai:1", provider=Provider.PIXAI, provider_id="1", key="1", details=DETAILS),
    seeds=(SEED,),
    failure=TaskFailure(message="none really"),
    cost=Cost(amount=2200, unit=CostUnit.CREDITS),
    actions=(TaskAction(id="MJ::JOB::upsample::1", label="U1", style=2, type=2),),
    parameters={"prompts": "a triptych", "modelId": 1648918127446573124},
)


LOOKED_UP = replace(PICTURE, task_key=None, details=DETAILS)


def source(**given: Any) -> Canned:
    """PixAI with one task and one picture."""
    things: dict[str, Any] = {"tasks": {TASK.key: TASK}, "media": {PICTURE.key: LOOKED_UP}} | given
    return Canned(**things)


async def ask(document: str, *accounts: Account, **variables: object) -> Any:
    """The data of an answer without errors."""
    result = await schema.execute(
        document, variable_values=variables, context_value=canned_context(*accounts)
    )
    assert result.errors is None
    return result.data
