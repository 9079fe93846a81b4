"""Three lists that page in three ways, as their sources do, over worlds that tests change meanwhile.

Each sits under the real lister of its source: what is imitated is only the upstream's answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.budget import Limits
from loaders.errors import (
    Fault,
    Malformed,
    NotSupported,
    OutOfCredit,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    TimedOut,
    Unreachable,
)
from loaders.listing import Lister
from loaders.meshy import normalise as meshy
from loaders.meshy.list import PAGE_SIZE, MeshyLister
from loaders.midjourney.newapi.client import RowPage, RowQuery
from loaders.midjourney.newapi.list import Listed, NewapiLister
from loaders.pixai.client import Answer
from loaders.pixai.documents import PrintedRequest
from loaders.pixai.list import PixaiLister
from loaders.records import Provider, TaskRecord
from resolvers.context import Caller, RequestContext, Role
from tests.canned import Canned

EPOCH = 1_700_000_000_000  # ms; rows are so many ms later


# every way in which a list call ends without rows; the first five may pass by themselves
FAULTS: dict[str, tuple[type[SourceError], int | None]] = {
    "unreachable": (Unreachable, None),
    "timed out": (TimedOut, None),
    "throttled": (Throttled, 429),
    "fault": (Fault, 503),
    "malformed": (Malformed, None),
    "GraphQL error": (Fault, None),
    "rejected": (Rejected, 400),
    "refused": (Refused, 403),
    "out of credit": (OutOfCredit, 402),
    "not supported": (NotSupported, None),
}


def error_of(name: str, provider: Provider) -> SourceError:
    """One of FAULTS, at a source."""
    kind, status = FAULTS[name]
    return kind(f"{provider.label}: {name}", provider=provider, upstream_status=status)


@dataclass
class Row:
    """A task at its source. time: ms after EPOCH; None: unset. number: the order it came in.

    key: its id there, where that is not its number: new-api may have two rows of one task.
    """

    number: int
    time: int | None
    status: str = "running"
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or f"{self.number}"

    @property
    def created(self) -> int:
        """As new-api and Meshy write it: 0 where it is unset."""
        return 0 if self.time is None else EPOCH + self.time


@dataclass
class World:
    """One source's rows. calls: made so far.

    failing: how every call fails. faults: how the next ones do, one each; "" answers. pause: seconds a call.
    refuses_places: PixAI takes no cursor, not even one it has just given.
    """

    rows: list[Row] = field(default_factory=list)
    failing: str = ""
    faults: list[str] = field(default_factory=list)
    pause: float = 0.0
    refuses_places: bool = False
    calls: int = 0

    async def called(self, provider: Provider) -> None:
        """Count, take the time, and fail if that is wanted."""
        self.calls += 1
        await asyncio.sleep(self.pause)
        fault = self.failing or (self.faults.pop(0) if self.faults else "")
        if fault:
            raise error_of(fault, provider)


def pixai_lister(world: World) -> Lister:
    """`me { tasks(last, before) }`: edges ascend; a cursor is an edge's, and refused once that is gone."""

    async def execute(request: PrintedRequest) -> Answer:
        await world.called(Provider.PIXAI)
        variables: Mapping[str, Any] = request.variable_values or {}
        rows = sorted(world.rows, key=_place)
        if variables["before"] is not None:
            places = [f"{_place(row)}" for row in rows]
            if world.refuses_places or variables["before"] not in places:
                return Answer({"me": {"tasks": None}}, [{"extensions": {"code": "BAD_USER_INPUT"}}])
            rows = rows[: places.index(variables["before"])]
        page = rows[-variables["last"] :]
        nodes = [{"id": f"{row.number}", "status": row.status, "createdAt": row.created} for row in page]
        info = {
            "hasPreviousPage": len(page) < len(rows),
            "startCursor": f"{_place(page[0])}" if page else None,
        }
        return Answer({"me": {"tasks": {"pageInfo": info, "edges": [{"node": node} for node in nodes]}}})

    return PixaiLister(execute)


def _place(row: Row) -> tuple[str, str]:
    return f"{row.created:020}", f"{row.number:09}"


def meshy_lister(world: World) -> Lister:
    """`page_num`, 50 a page, -created_at; rows of equal time in the order they came."""

    async def page(number: int) -> tuple[tuple[TaskRecord, ...], bool]:
        await world.called(Provider.MESHY)
        rows = sorted(world.rows, key=lambda row: -row.created)
        shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        records = [
            meshy.task(
                {"id": f"{row.number}", "status": row.status, "created_at": row.created},
                f"image-to-image:{row.number}",
            )
            for row in shown
        ]
        return tuple(records), len(shown) == PAGE_SIZE

    return MeshyLister(page)


def newapi_lister(world: World) -> Lister:
    """`p`, `page_size` and `end_timestamp` (inclusive); the last row to come is the first."""

    async def page(query: RowQuery) -> Listed:
        await world.called(Provider.MIDJOURNEY)
        rows = sorted(world.rows, key=lambda row: -row.number)
        if query.end is not None:
            end = round(query.end.timestamp() * 1000)
            rows = [row for row in rows if row.created <= end]
        shown = rows[(query.page - 1) * query.page_size : query.page * query.page_size]
        items = [
            {"id": row.number, "mj_id": row.key, "status": row.status, "submit_time": row.created}
            for row in shown
        ]
        return Listed.of(RowPage(items=tuple(items), total=len(rows), page_size=query.page_size))

    return NewapiLister(page)


LISTERS = {
    Provider.PIXAI: pixai_lister,
    Provider.MESHY: meshy_lister,
    Provider.MIDJOURNEY: newapi_lister,
}


class ListsAlone(Canned):
    """An account that can only list."""

    def __init__(self, provider: Provider, world: World) -> None:
        super().__init__(provider)
        self.lists = LISTERS[provider](world)


def operation(
    worlds: Mapping[Provider, World], *, seconds: float = 300.0, source_deadline: float = 60.0
) -> RequestContext:
    """A request over these lists; a busy machine does not end it."""
    accounts = {provider: ListsAlone(provider, world) for provider, world in worlds.items()}
    return RequestContext(accounts, seconds, Caller(Role.ADMIN), limits=Limits(silence=source_deadline))
