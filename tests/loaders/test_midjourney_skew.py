"""new-api's rows whose ids and times disagree a little, page by page, through the real merge."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.account import Account, TaskReads
from loaders.batcher import Batcher
from loaders.cache import Cache, task_lifetime
from loaders.midjourney.newapi.client import RowPage, RowQuery
from loaders.midjourney.newapi.list import Listed, NewapiLister
from loaders.outcome import Outcomes
from loaders.records import Provider, TaskRecord
from loaders.task_media import TaskMedia
from resolvers.context import RequestContext
from resolvers.tasks.cursor import position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page

EPOCH = 1_700_000_000_000  # ms
STRAY = 25  # ms, by which a row's time may be before the one its number stands for
CHANNELS = 3


@dataclass
class Server:
    """times: ms after EPOCH, by row number. most: rows per page."""

    times: list[int]
    most: int
    calls: int = 0

    async def page(self, query: RowQuery) -> Listed:
        """`p`, `page_size` and `end_timestamp`; the highest number is the first."""
        self.calls += 1
        end = None if query.end is None else round(query.end.timestamp() * 1000)
        rows = [
            {
                "id": number,
                "mj_id": f"{number}",
                "submit_time": EPOCH + time,
                "status": "SUCCESS",
                "channel_id": number % CHANNELS,
            }
            for number, time in reversed(list(enumerate(self.times)))
            if end is None or EPOCH + time <= end
        ]
        size = min(query.page_size, self.most)
        shown = tuple(rows[(query.page - 1) * size : query.page * size])
        return Listed.of(RowPage(items=shown, total=len(rows), page_size=size))

    def context(self) -> RequestContext:
        """A request over this server alone."""
        return RequestContext({Provider.MIDJOURNEY: ListsAlone(NewapiLister(self.page))})


class ListsAlone(Account):
    """An account that lists and knows nothing else."""

    provider = Provider.MIDJOURNEY

    def __init__(self, lists: NewapiLister) -> None:
        self.lists = lists
        tasks: Batcher[TaskRecord] = Batcher(
            self._nothing, provider=self.provider, cache=Cache(task_lifetime), chunk=lambda: 1
        )
        self.reads = TaskReads(tasks=tasks, media=TaskMedia(tasks))

    async def _nothing(self, _keys: list[str]) -> Outcomes[TaskRecord]:
        return {}


@st.composite
def skewed(draw: st.DrawFn) -> Server:
    """Up to 160 rows; many of one moment, or minutes apart, each a little out of step."""
    random = draw(st.randoms(use_true_random=False))
    gaps = draw(st.sampled_from([(0,), (0, 1, 20), (0, 3, 30, 400), (2000, 60_000)]))
    count, now = random.randint(0, draw(st.sampled_from([10, 160]))), 1_000
    times: list[int] = []
    for _ in range(count):
        now += random.choice(gaps)
        times.append(now - random.randint(0, STRAY))
    return Server(times, draw(st.sampled_from([7, 10, 30, 100])))


async def walked(server: Server, first: int, where: TaskQuery) -> list[TaskRecord]:
    """All pages' rows."""
    rows: list[TaskRecord] = []
    after: str | None = None
    for _ in range(600):
        found = await page(server.context(), first=first, after=after, where=where)
        assert found.missing == ()
        rows += [edge.node for edge in found.edges]
        after = found.end_cursor
        if not found.has_next_page:
            return rows
    raise AssertionError("the list does not end")


@settings(max_examples=60, deadline=None)
@given(skewed(), st.integers(1, 50))
async def test_every_row_once_in_order(server: Server, first: int) -> None:
    """Newest first by time, whatever their numbers and the size of a page."""
    rows = await walked(server, first, TaskQuery())

    assert sorted(row.key for row in rows) == sorted(map(str, range(len(server.times))))
    assert rows == sorted(rows, key=position)


@settings(max_examples=40, deadline=None)
@given(skewed(), st.integers(1, 50))
async def test_one_channel_of_them(server: Server, first: int) -> None:
    """Rows of other channels move the list on."""
    rows = await walked(server, first, TaskQuery(channel_id="1"))

    assert {row.key for row in rows} == {f"{number}" for number in range(1, len(server.times), CHANNELS)}
    assert rows == sorted(rows, key=position)


async def test_many_rows_of_one_moment_end() -> None:
    """More than one page's calls bring, on a build of ten per page."""
    server = Server([5] * 300, 10)

    assert len(await walked(server, 50, TaskQuery())) == 300


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 50), st.integers(50, 5_000))
async def test_the_first_page_is_one_call(first: int, apart: int) -> None:
    """Where rows are some time apart, the margin costs none."""
    server = Server([number * apart + number % STRAY for number in range(400)], 100)

    found = await page(server.context(), first=first, after=None, where=TaskQuery())

    assert (len(found.edges), server.calls) == (first, 1)
