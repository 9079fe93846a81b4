"""The list of tasks whose upstream ids are known: looked up, not searched."""

from __future__ import annotations

from loaders.errors import LimitExceeded, NotConfigured, SourceError
from loaders.outcome import Outcome, gather_outcomes
from loaders.records import Provider, TaskRecord
from resolvers.context import RequestContext
from resolvers.need import Need
from resolvers.tasks import cursor
from resolvers.tasks.cursor import Cursor, position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.merge import TaskEdge, TaskPage

MOST_IDS = 500  # Meshy is asked once for each


async def page(context: RequestContext, size: int, start: Cursor | None, where: TaskQuery) -> TaskPage:
    """In the order of the other lists. An id that a source does not have, or cannot have, is just not there.

    Raises LimitExceeded, and a SourceError where no source answered.
    """
    wanted = where.provider_ids or frozenset()
    if len(wanted) > MOST_IDS:
        raise LimitExceeded(f"at most {MOST_IDS} providerIds at once; these are {len(wanted)}")
    rows: dict[str, TaskRecord] = {}
    missing: dict[Provider, SourceError] = {}
    answered = False
    for provider, found in await _look_up(context, where, sorted(wanted)):
        if isinstance(found, SourceError):
            missing.setdefault(provider, found)
            continue
        answered = True
        if isinstance(found, TaskRecord) and where.matches(found):
            rows[found.id] = found
    if missing and not answered:
        raise next(iter(missing.values()))
    return _page(sorted(rows.values(), key=position), size, start, tuple(missing.values()))


async def _look_up(
    context: RequestContext, where: TaskQuery, wanted: list[str]
) -> list[tuple[Provider, Outcome[TaskRecord]]]:
    found: list[tuple[Provider, Outcome[TaskRecord]]] = []
    keys: list[tuple[Provider, str]] = []
    for provider in where.selected:
        try:
            account = context.account(provider)
        except NotConfigured as error:
            if where.providers is not None:
                found.append((provider, error))
            continue
        keys += [(provider, key) for id_ in wanted for key in account.keys_of(id_)]
    outcomes = await gather_outcomes(context.settle(Need("task", provider, key)) for provider, key in keys)
    for (provider, _), outcome in zip(keys, outcomes, strict=True):
        found.append((provider, outcome))
    return found


def _page(
    rows: list[TaskRecord], size: int, start: Cursor | None, missing: tuple[SourceError, ...]
) -> TaskPage:
    left = [row for row in rows if start is None or position(row) > start.position]
    edges = tuple(TaskEdge(cursor.encode(Cursor(position(row))), row) for row in left[:size])
    return TaskPage(
        edges=edges,
        has_next_page=len(left) > size,
        has_previous_page=start is not None,
        end_cursor=edges[-1].cursor if edges else None,
        total_count=None if missing else len(rows),
        missing=missing,
    )
