"""One operation under way.

    fill what is in hand -> collect what waits -> load each loader's keys in one go -> fill that in -> …

Loaders are awaited as they finish: a chain of two does not stand behind another source's slow step. Nothing
is a task or a future per field or per object; a key is loaded once and shown everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

from graphql import GraphQLError
from graphql.execution import default_field_resolver
from graphql.pyutils import is_awaitable

from engine.plan import basis
from engine.plan.basis import Basis
from engine.plan.compiler import Group
from engine.plan.completion import Completion, Stopped
from engine.plan.path import Path
from engine.plan.shape import Bubble, Site
from loaders.outcome import Outcomes
from loaders.records import Provider
from resolvers.need import LoaderName, Need
from schema.strawberry_seams import info_of

TURN = 2_000  # fields filled in between two turns of the event loop: about 2 ms

Source: TypeAlias = tuple[Provider, LoaderName]


# what is filled in once a key is there: the need's `then`, the group, and its record, out and path
Waiter: TypeAlias = tuple[Callable[[Any], Any] | None, Group, Any, Any, Path]
Waiting: TypeAlias = dict[Source, dict[str, list[Waiter]]]
Call: TypeAlias = tuple[Site, Any, Any]


class Run(Completion):
    """What plans call while they fill in an answer, and the waves in between."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: Waiting = {}
        self._loaded: dict[Source, dict[str, Any]] = {}
        self._calls: list[Call] = []
        self._has_called = False
        self._turn = TURN

    async def data(self) -> dict[str, Any] | None:
        """The answer's data; what failed is in `errors`."""
        try:
            data: dict[str, Any] = self._plan.fill(None, None, self)
            await self._waves()
            self.look()
        except Bubble as bubble:
            self.burst(bubble, None)
            return None
        except Stopped as stopped:
            self.errors = [GraphQLError(stopped.reason.message, original_error=stopped.reason)]
            self._nulls.clear()
            return None
        return data

    def basis(self) -> Basis | None:
        """What the whole answer was read from; None where another run may answer otherwise.

        That is where it has errors, where a resolver was called, where anything is absent or not kept, and
        where a source was asked: what is asked for once only need not be kept.
        """
        if self._has_called or self.errors or self.context.budget.calls:
            return None
        loaded = []
        for (provider, name), values in self._loaded.items():
            reader = self.context.reader(provider, name)
            if reader is None:
                return None
            loaded.append((reader, values))
        return basis.of(loaded)

    def need(self, need: Need, group: Group, record: Any, out: Any, path: Path) -> None:
        """Fill the group in once the need is there; at once, where it was loaded before."""
        source, key = (need.provider, need.loader), need.key
        waiter = (need.then, group, record, out, path)
        if source in self._loaded and key in self._loaded[source]:
            self._given(self._loaded[source][key], waiter)
            return
        shown = self.context.shown(need)
        if shown is not None:
            self._given(shown, waiter)
            return
        waiting = self._waiting.get(source)
        if waiting is None:
            waiting = self._waiting[source] = {}
        if key in waiting:
            waiting[key].append(waiter)
        else:
            waiting[key] = [waiter]

    def load_list(self, site: Site, item: Group, path: Path) -> list[Any]:
        """A list with a place for each item of the argument; each is filled in when it is there."""
        load = site.shape.load
        assert load is not None
        assert load.over is not None
        try:
            given = self.arguments(site)
            items = load.items(given, self.context)
        except Exception as error:
            failed: list[Any] = self.failed(site, error, path)
            return failed
        out: list[Any] = [None] * len(items)
        for index, one in enumerate(items):
            place = (path, site.key, index)
            try:
                need = load.key(one, given, self.context)
            except Exception as error:
                self.fail_all(item, error, out, place)
                continue
            if need.__class__ is Need:
                self.need(need, item, one, out, place)
            else:
                item.fill(need, one, out, place, self)
        return out

    def call(self, site: Site, record: Any, out: Any, path: Path) -> Any:
        """What a resolver answers; None for now, where it waits (at the root only)."""
        self._has_called = True
        shape, info = site.shape, self.info(site, path)
        try:
            if shape.called is not None and shape.strawberry is not None:
                value = shape.called(info_of(info, shape.strawberry), **self.arguments(site))
            else:
                resolve = shape.definition.resolve or default_field_resolver
                value = resolve(record, info, **self.arguments(site))
        except Exception as error:
            return self.failed(site, error, path)
        if is_awaitable(value) or _waits_within(value):
            self._calls.append((site, out, value))
            return None
        return self.complete_field(site, value, path)

    def dispatched(self, waiting: Waiting, calls: list[Call]) -> None:
        """What one wave loads and calls, for whoever wants to see it."""

    def fail_all(self, group: Group, error: Exception, out: Any, path: Path) -> None:
        """Every field of the group fails alike."""
        if group.is_item:
            assert path is not None, "an item has a place"
            out[path[-1]] = self.complete_item(group.sites[0], error, path)
            return
        for site in group.sites:
            out[site.key] = self.failed(site, error, path)

    async def _waves(self) -> None:
        under_way: dict[asyncio.Task[Any], Callable[[Any], Awaitable[None]]] = {}
        try:
            while self._waiting or self._calls or under_way:
                waiting, self._waiting = self._waiting, {}
                calls, self._calls = self._calls, []
                self.dispatched(waiting, calls)
                if len(waiting) == 1 and not calls and not under_way:  # as most waves are
                    ((source, waiters),) = waiting.items()
                    await self._fill_in(source, waiters, await self._outcomes(source, waiters))
                    continue
                if len(calls) == 1 and not waiting and not under_way:  # as a page begins
                    ((site, out, call),) = calls
                    await self._answered(site, out, await _settled(call))
                    continue
                for source, waiters in waiting.items():
                    task = asyncio.create_task(self._outcomes(source, waiters))
                    under_way[task] = partial(self._fill_in, source, waiters)
                for site, out, call in calls:
                    task = asyncio.create_task(_settled(call))
                    under_way[task] = partial(self._answered, site, out)
                done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    await under_way.pop(task)(task.result())
        finally:
            for task in under_way:
                task.cancel()

    async def _outcomes(self, source: Source, keys: Iterable[str]) -> Outcomes[Any] | Exception:
        """A bug is every key's outcome."""
        provider, name = source
        try:
            reader = self.context.reader(provider, name)
            return {} if reader is None else await reader.get(keys, self.context.budget)
        except Exception as error:  # shown or logged at each field that waits for it
            return error

    async def _fill_in(
        self, source: Source, waiters: dict[str, list[Waiter]], found: Outcomes[Any] | Exception
    ) -> None:
        loaded = self._loaded.setdefault(source, {})
        for key, waiting in waiters.items():
            outcome = loaded[key] = found if isinstance(found, Exception) else found.get(key)
            is_failure = isinstance(outcome, Exception)
            for waiter in waiting:
                if is_failure or waiter[0] is not None:
                    self._given(outcome, waiter)
                else:
                    _, group, record, out, path = waiter
                    group.fill(outcome, record, out, path, self)
            if self.fields >= self._turn:
                self._turn = self.fields + TURN
                self.look()
                await asyncio.sleep(0)

    async def _answered(self, site: Site, out: Any, value: Any) -> None:
        out[site.key] = self.complete_field(site, value, None)

    def _given(self, outcome: Any, waiter: Waiter) -> None:
        then, group, record, out, path = waiter
        if not isinstance(outcome, Exception):
            try:
                value = outcome if then is None else then(outcome)
            except Exception as error:
                outcome = error
            else:
                if value.__class__ is Need:
                    self.need(value, group, record, out, path)
                else:
                    group.fill(value, record, out, path, self)
                return
        self.fail_all(group, outcome, out, path)


def _waits_within(value: Any) -> bool:
    return isinstance(value, list) and any(map(is_awaitable, value))  # _entities: each item waits by itself


async def _settled(value: Any) -> Any:
    try:
        if is_awaitable(value):
            value = await value
        return await asyncio.gather(*map(_settled, value)) if _waits_within(value) else value
    except Exception as error:  # the field's own
        return error
