"""A frozen world with everything that can go wrong with a field: absence, failures, bugs, wrong values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any

from loaders.account import Account
from loaders.errors import Refused, Throttled
from loaders.listing import Lister, Listing, ListStep
from loaders.partly import partly
from loaders.records import (
    Capability,
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
from resolvers.context import Caller, RequestContext, Role
from resolvers.permalink import Permalinks
from tests.canned import Canned, ToldSeeds

NOON = datetime(2024, 5, 22, 12, 0, 0, 124000, UTC)
P, M, J = Provider.PIXAI, Provider.MESHY, Provider.MIDJOURNEY


def picture(provider: Provider, key: str, task: str | None = None, **details: Any) -> MediaRecord:
    """Its details in hand where any are given."""
    return MediaRecord(
        id=f"media:{provider.value.lower()}:{key}",
        provider=provider,
        provider_id=key,
        key=key,
        task_key=task,
        details=MediaDetails(**details) if details else None,
    )


def task(provider: Provider, key: str, minute: int = 0, **more: Any) -> TaskRecord:
    """A running one, unless more says otherwise."""
    fields: dict[str, Any] = {
        "id": f"task:{provider.value.lower()}:{key}",
        "provider": provider,
        "provider_id": key,
        "key": key,
        "status": TaskStatus.RUNNING,
        "provider_status": "running",
        "is_terminal": False,
        "created_at": NOON.replace(minute=minute),
    }
    return TaskRecord(**(fields | more))


def seed(provider: Provider, key: str, *media: MediaRecord, value: Any = 3283868009760115) -> SeedRecord:
    """As a task brings it."""
    return SeedRecord(
        id=f"seed:{provider.value.lower()}:{key}",
        provider=provider,
        value=value,
        origin=SeedOrigin.REPORTED,
        task_key=key.partition(":")[0],
        media=media,
    )


URLS = (
    MediaUrl(variant=MediaVariant.PUBLIC, url="https://cdn.example/a.png", expires_at=NOON),
    MediaUrl(variant=MediaVariant.THUMBNAIL, url="https://cdn.example/a-small.png"),
)


def _unreadable(_url: MediaUrl) -> dict[str, object]:
    raise ValueError


# one of a list of leaves that cannot be read to its end
BROKEN = partly(MediaUrl, ("variant", "url"), _unreadable, P)(MediaVariant.THUMBNAIL, "https://cdn.example/b")
DETAILS = {"kind": MediaKind.IMAGE, "width": 512, "height": 768, "content_type": "image/png", "urls": URLS}
WRONG: Any = object()  # what no normaliser makes

A, B, C = (picture(P, key, "1") for key in ("11", "12", "gone"))
WHOLE = task(
    P,
    "1",
    status=TaskStatus.SUCCEEDED,
    is_terminal=True,
    prompt="a triptych, “quoted” \\ and\nbroken",
    duration=8.25,
    media=(A, B, C, picture(P, "throttled", "1"), picture(P, "bug", "2"), picture(P, "lonely", "nowhere")),
    cover=picture(P, "cover", None, **DETAILS | {"urls": (*URLS, BROKEN, BROKEN)}),
    seeds=(seed(P, "1:11", A), seed(P, "1:12", B, value=2**70)),
    failure=TaskFailure(message="none really"),
    cost=Cost(amount=2200, unit=CostUnit.CREDITS),
    actions=(TaskAction(id="U1", label="U1", style=2, type=2), TaskAction(id="V1")),
    parameters={"prompts": "a", "modelId": 2**63, "scale": float("nan"), "list": [1, {"a": None}]},
    raw={"id": 2**70},
)
ODD = task(
    P,
    "2",
    minute=1,
    progress=2**40,
    prompt=WRONG,
    started_at=datetime(2024, 1, 1),
    status="sideways",
    media=(picture(P, "11", "2"), None, WRONG, picture(P, "12", "2", urls=(URLS[0], BROKEN))),
    seeds=(seed(P, "2:11", A, value=1.5),),
    cost=Cost(amount=WRONG, unit=CostUnit.CREDITS),
    cover=picture(P, "cover", None, urls=[BROKEN, MediaUrl(variant=MediaVariant.PUBLIC, url=WRONG)]),
    actions=(TaskAction(id=None),),  # type: ignore[arg-type]
    parameters={"a": WRONG},
    failure=WRONG,
    duration=float("inf"),
)
NAMELESS = task(P, "3", minute=2, id=None, media=None, cover=A)
ASKED = task(J, "1", minute=3, seeds=None, media=(picture(J, "1:0", "1", **DETAILS), picture(J, "1:1", "1")))
UNTOLD = task(J, "2", minute=4, seeds=None)
FAULTY = task(J, "3", minute=5, seeds=None)


class CannedLister(Lister):
    """All rows in one step; or the error."""

    def __init__(self, *rows: TaskRecord, error: Exception | None = None) -> None:
        self._rows = tuple(sorted(rows, key=lambda row: row.created_at or NOON, reverse=True))
        self._error = error

    def capabilities(self) -> Iterable[Capability]:
        """The rows alone."""
        return (Capability.LIST_TASKS,)

    async def walk(self, _listing: Listing, _hint: str | None = None) -> AsyncIterator[ListStep]:
        """One step."""
        if self._error is not None:
            raise self._error
        yield ListStep(self._rows, is_last=True)


def accounts() -> tuple[Account, ...]:
    """PixAI and Midjourney; Meshy is not configured."""
    refused = Refused("Midjourney refused the key", provider=J, upstream_status=401)
    pixai = Canned(
        P,
        tasks={
            "1": WHOLE,
            "2": ODD,
            "3": NAMELESS,
            "throttled": Throttled("PixAI asks for fewer requests", provider=P, retry_after=1.5),
        },
        media={
            "11": picture(P, "11", None, **DETAILS),
            "12": picture(P, "12", None, **(DETAILS | {"urls": (), "width": "wide", "kind": "CUBE"})),
            "throttled": Throttled("PixAI asks for fewer requests", provider=P),
            "lonely": picture(P, "lonely", None, **(DETAILS | {"urls": None})),
            "bare": picture(P, "bare", None),
        },
    )
    pixai.lists = CannedLister(WHOLE, ODD)
    midjourney = Canned(
        J,
        tasks={"1": ASKED, "2": UNTOLD, "3": FAULTY, "refused": refused},
        media={"1:0": picture(J, "1:0", "1", **DETAILS), "1:1": picture(J, "1:1", "1", **DETAILS)},
        seeds={"1": ToldSeeds(seed(J, "1", *ASKED.media)), "3": refused},
    )
    midjourney.lists = CannedLister(ASKED, UNTOLD, FAULTY)
    return pixai, midjourney


IDS = [
    *(f"task:pixai:{key}" for key in ("1", "2", "3", "throttled", "nowhere")),
    *(f"task:midjourney:{key}" for key in ("1", "2", "3", "refused")),
    *(f"media:pixai:{key}" for key in ("11", "12", "throttled", "lonely", "bare", "nowhere")),
    *("media:midjourney:1:0", "media:midjourney:1:1", "task:meshy:a", "media:meshy:a:0"),
    *("seed:pixai:1:11", "seed:pixai:1:nowhere", "seed:pixai:odd", "seed:midjourney:1", "seed:midjourney:3"),
    *("pixai:1", "midjourney:1", "pixai:11", "?", "", "task:dalle:1"),
]


def operation() -> RequestContext:
    """A new operation over the world, which has not changed."""
    return RequestContext(
        {account.provider: account for account in accounts()},
        caller=Caller(Role.ADMIN),
        permalinks=Permalinks("https://here.example", b"secret"),
        sandboxed=frozenset({P}),
    )
