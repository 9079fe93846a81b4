"""Tasks named by their upstream ids: looked up in one step a source, and paged like every other list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from loaders.account import TaskReads
from loaders.budget import Budget
from loaders.errors import Fault, InvalidId, LimitExceeded, Malformed, SourceError, Throttled, Unreachable
from loaders.meshy import normalise as meshy
from loaders.midjourney import normalise as midjourney
from loaders.outcome import Outcomes
from loaders.pages import TaskPage
from loaders.records import Provider, TaskRecord
from resolvers.context import RequestContext
from resolvers.tasks.by_provider_ids import MOST_IDS
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from tests.canned import Canned, CannedReader

MESHY, MIDJOURNEY = Provider.MESHY, Provider.MIDJOURNEY
EPOCH = 1_700_000_000_000


def fault(status: int | None = None) -> Fault:
    """With a status, it is the source's; without, it is about one id."""
    return Fault("Meshy failed", provider=MESHY, upstream_status=status)


class Ids(CannedReader):
    """Tasks made of ids when they are asked for. times: ms after 2023; errors: by id; asked: every id."""

    def __init__(
        self, provider: Provider, times: dict[str, int], errors: dict[str, SourceError | InvalidId]
    ) -> None:
        super().__init__({})
        self._provider = provider
        self._times = times
        self.errors = errors

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[TaskRecord]:
        """By key."""
        found: Outcomes[TaskRecord] = {}
        for key in keys:
            id_ = key.rpartition(":")[2]
            self.asked.append(id_)
            if id_ in self.errors:
                found[key] = self.errors[id_]
            elif id_ in self._times:
                found[key] = self._record(key, id_)
        return found

    def _record(self, key: str, id_: str) -> TaskRecord:
        time = EPOCH + self._times[id_]
        if self._provider is MESHY:
            return meshy.task({"id": id_, "status": "SUCCEEDED", "created_at": time}, key)
        task = midjourney.proxy_task({"id": id_, "status": "SUCCESS", "submitTime": time})
        assert task is not None
        return task


class Broken(CannedReader):
    """A bug."""

    async def get(self, _keys: Iterable[str], _budget: Budget) -> Outcomes[TaskRecord]:
        """Raised, whatever the key."""
        raise ZeroDivisionError


class Known(Canned):
    """A source that knows ids and nothing else."""

    def __init__(
        self,
        provider: Provider,
        times: dict[str, int],
        errors: dict[str, SourceError | InvalidId] | None = None,
    ) -> None:
        super().__init__(provider)
        self.ids = Ids(provider, times, errors if errors is not None else {})
        self.reads = TaskReads(tasks=self.ids, media=self.media)

    @property
    def asked(self) -> list[str]:
        """Every id, as often as it was asked for."""
        return self.ids.asked

    def keys_of(self, provider_id: str) -> list[str]:
        """Meshy's have their resource in front."""
        return [f"image-to-image:{provider_id}" if self.provider is MESHY else provider_id]


async def ask(accounts: list[Known], ids: str, first: int = 20, after: str | None = None) -> TaskPage:
    """A page of these ids, of one letter each."""
    context = RequestContext({account.provider: account for account in accounts})
    return await page(context, first=first, after=after, where=TaskQuery(provider_ids=frozenset(ids)))


def keys(found: TaskPage) -> str:
    """The rows' ids."""
    return "".join(edge.node.provider_id for edge in found.edges)


async def test_they_are_paged_newest_first_over_all_sources() -> None:
    """An id that no source has is not there; one that two have comes from both; they are counted."""
    accounts = [Known(MESHY, {"a": 1, "c": 3, "x": 9}), Known(MIDJOURNEY, {"b": 2, "c": 4})]

    first = await ask(accounts, "abcd", 2)
    second = await ask(accounts, "abcd", 2, first.end_cursor)

    assert (keys(first), first.has_next_page, first.total_count) == ("cc", True, 4)
    assert [edge.node.provider for edge in first.edges] == [MIDJOURNEY, MESHY]
    assert (keys(second), second.has_next_page, second.total_count) == ("ba", False, 4)
    assert sorted(accounts[0].asked) == list("aabbccdd")


@pytest.mark.parametrize(
    "error",
    [
        fault(503),
        Unreachable("gone", provider=MESHY),
        Throttled("slow down", provider=MESHY, upstream_status=429),
    ],
)
async def test_a_source_that_did_not_answer_comes_as_soon_as_it_does(error: SourceError) -> None:
    """Not even the rows that it did tell are shown: the place in the list has to pass the others, too."""
    ill, well = Known(MESHY, {"a": 1, "c": 3, "e": 5}, {"c": error}), Known(MIDJOURNEY, {"b": 2, "d": 4})

    first = await ask([ill, well], "abcde", 1)
    ill.ids.errors = {}
    second = await ask([ill, well], "abcde", 9, first.end_cursor)

    assert (keys(first), [missing.provider for missing in first.missing]) == ("d", [MESHY])
    assert (first.has_next_page, first.total_count) == (True, None)
    assert (keys(second), second.missing, second.has_next_page, second.total_count) == ("ecba", (), False, 5)


async def test_a_list_whose_only_source_left_does_not_answer_is_an_error() -> None:
    """And there when it does."""
    ill, well = Known(MESHY, {"a": 1}, {"a": fault(500)}), Known(MIDJOURNEY, {"b": 2})

    first = await ask([ill, well], "ab")
    with pytest.raises(Fault):
        await ask([ill, well], "ab", after=first.end_cursor)
    ill.ids.errors = {}
    second = await ask([ill, well], "ab", after=first.end_cursor)

    assert (keys(first), first.has_next_page) == ("b", True)
    assert (keys(second), second.has_next_page) == ("a", False)


@pytest.mark.parametrize("error", [fault(), Malformed("odd", provider=MESHY)])
async def test_one_task_that_cannot_be_read_holds_up_no_other(error: SourceError) -> None:
    """The source answered for the rest: the page says what is missing, and the list ends."""
    found = await ask([Known(MESHY, {"a": 1, "b": 2, "c": 3}, {"b": error})], "abcd")

    assert (keys(found), found.missing, found.has_next_page) == ("ca", (error,), False)
    assert found.total_count is None


async def test_where_no_id_is_answered_the_source_has_not() -> None:
    """Whatever the error is."""
    with pytest.raises(Malformed):
        await ask([Known(MESHY, {}, dict.fromkeys("ab", Malformed("odd", provider=MESHY)))], "ab")


async def test_an_id_that_a_source_cannot_have_is_just_not_there() -> None:
    """As if nobody had it."""
    found = await ask([Known(MESHY, {"b": 1}, {"a": InvalidId("no")})], "ab")

    assert (keys(found), found.missing) == ("b", ())


async def test_other_conditions_leave_rows_out_before_they_are_counted() -> None:
    """The total is of the list, not of the ids."""
    account = Known(MESHY, {"a": 1, "b": 2, "c": 3})
    where = TaskQuery(
        provider_ids=frozenset("abc"), created_after=datetime.fromtimestamp((EPOCH + 2) / 1000, UTC)
    )

    found = await page(RequestContext({MESHY: account}), first=1, after=None, where=where)

    assert (keys(found), found.total_count, found.has_next_page) == ("c", 2, True)


async def test_too_many_ids_are_refused_before_anything_is_asked() -> None:
    """With the limit and the number."""
    account = Known(MESHY, {})
    where = TaskQuery(provider_ids=frozenset(map(str, range(MOST_IDS + 1))))

    with pytest.raises(LimitExceeded, match="500 `providerIds` per list; this one has 501"):
        await page(RequestContext({MESHY: account}), first=1, after=None, where=where)
    assert account.asked == []


async def test_a_bug_is_no_missing_source() -> None:
    """It is raised, and not shown as anything else."""
    account = Known(MESHY, {"a": 1})

    account.reads = TaskReads(tasks=Broken({}), media=account.media)
    with pytest.raises(ZeroDivisionError):
        await ask([account], "a")
