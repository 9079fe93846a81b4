"""Lists of three sources, of which one fails."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.pages import TaskPage
from loaders.records import Provider
from resolvers.tasks import cursor
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from tests.resolvers.lists import FAULTS, Row, World, operation

PIXAI, MESHY, MIDJOURNEY = Provider


PASSING = [name for name, (kind, _) in FAULTS.items() if kind.is_retryable]


LASTING = [name for name, (kind, _) in FAULTS.items() if not kind.is_retryable]


ALL = TaskQuery()


def rows(times: Iterable[int]) -> list[Row]:
    """One each, numbered in their order."""
    return [Row(number, time) for number, time in enumerate(times, 1)]


def three(count: int) -> dict[Provider, World]:
    """Rows by turns: PixAI's at 1, 4, 7…, Meshy's at 2, 5, 8…, Midjourney's at 3, 6, 9…"""
    return {
        provider: World(rows(range(offset, offset + 3 * count, 3)))
        for offset, provider in enumerate(Provider, 1)
    }


def times(found: TaskPage) -> list[int]:
    """Of a page's rows, as the worlds count them."""
    created = [edge.node.created_at for edge in found.edges]
    return [round(time.timestamp() * 1000) % 100_000 for time in created if time is not None]


async def ask(
    worlds: dict[Provider, World], first: int, after: TaskPage | str | None = None, where: TaskQuery = ALL
) -> TaskPage:
    """One page."""
    text = after.end_cursor if isinstance(after, TaskPage) else after
    return await page(operation(worlds), first=first, after=text, where=where)


async def far_in(worlds: dict[Provider, World]) -> TaskPage:
    """The second page: its cursor says where PixAI's list goes on."""
    second = await ask(worlds, 20, await ask(worlds, 100))
    assert PIXAI in cursor.decode(second.end_cursor or "").hints
    return second
