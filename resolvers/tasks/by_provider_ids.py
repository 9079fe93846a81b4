"""The list of tasks whose upstream ids are known: looked up, not searched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

from loaders.account import Account
from loaders.errors import InvalidId, LimitExceeded, SourceError, Throttled, TimedOut, Unreachable
from loaders.listing import Listing, ListStep
from loaders.outcome import Outcome, gather_outcomes
from loaders.records import Capability, TaskRecord
from resolvers.tasks.cursor import position
from resolvers.tasks.filter import TaskQuery

MOST_IDS = 500  # Meshy is asked once for each


class LookUp:
    """A lister whose one step is every wanted task that one source has.

    load: a task by its key. An id that the source does not have, or cannot have, is just not there.
    Raises LimitExceeded for more ids than one list may name.
    """

    def __init__(
        self, account: Account, load: Callable[[str], Awaitable[TaskRecord | None]], where: TaskQuery
    ) -> None:
        ids = where.provider_ids or frozenset()
        if len(ids) > MOST_IDS:
            raise LimitExceeded(f"At most {MOST_IDS} `providerIds` per list; this one has {len(ids)}")
        self._keys = [key for id_ in sorted(ids) for key in account.keys_of(id_)]
        self._load = load
        self._where = where

    def capabilities(self) -> Iterable[Capability]:
        """None of its own: it stands in for a list."""
        return ()

    async def walk(self, _listing: Listing, _hint: str | None = None) -> AsyncIterator[ListStep]:
        """One step, newest first. Raises SourceError where the source did not answer.

        Then no row of it is shown, for the place in the list has to pass those that failed, too. One that
        answered, but could not tell about single tasks, shows the others, or they would never come.
        """
        outcomes = await gather_outcomes(map(self._load, self._keys))
        errors = [outcome for outcome in outcomes if isinstance(outcome, SourceError)]
        silent = next((error for error in errors if _is_of_the_source(error)), None)
        if errors and (silent is not None or len(errors) == len(outcomes)):
            raise silent or errors[0]
        rows = sorted(self._wanted(outcomes), key=position)
        yield ListStep(tuple(rows), is_last=True, total=len(rows), left_out=errors[0] if errors else None)

    def _wanted(self, outcomes: Sequence[Outcome[TaskRecord]]) -> list[TaskRecord]:
        rows: list[TaskRecord] = []
        for outcome in outcomes:
            if isinstance(outcome, TaskRecord):
                rows += [outcome] if self._where.matches(outcome) else []
            elif not isinstance(outcome, SourceError | InvalidId | None):
                raise outcome
        return rows


def _is_of_the_source(error: SourceError) -> bool:
    """Whether it would be the same for any other key."""
    is_down = error.upstream_status is not None and error.upstream_status >= 500
    return is_down or isinstance(error, Unreachable | TimedOut | Throttled)
