"""One operation under way.

    fill what is in hand -> collect what waits -> load each loader's keys in one go -> fill that in -> …

Loaders are awaited as they finish: a chain of two does not stand behind another source's slow step. Nothing
is a task or a future per field or per object; a key is loaded once and shown everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

import orjson
from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    located_error,
)
from graphql.execution import default_field_resolver
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path as GraphQLPath
from graphql.pyutils import is_awaitable, is_iterable

from engine.limits import Limits
from engine.plan.compiler import Group, Plan
from engine.plan.shape import Bubble, Site
from engine.plan.target import Target
from engine.running import GRACE, OutOfTime, Spent
from loaders.errors import TriptychError
from loaders.outcome import Outcomes
from loaders.records import Provider
from resolvers.context import RequestContext
from resolvers.need import LoaderName, Need

TURN = 2_000  # fields filled in between two turns of the event loop: about 2 ms
FIELD = 16  # bytes that a field takes beside its text, roughly

Path: TypeAlias = "tuple[Any, ...] | None"  # (parent, key), (parent, key, index): only errors look at it
Source: TypeAlias = tuple[Provider, LoaderName]


class Stopped(BaseException):
    """The operation is over; no field's own failure, so that nothing on the way up takes it for one."""

    def __init__(self, reason: TriptychError) -> None:
        super().__init__(reason.message)
        self.reason = reason


class Waiter(NamedTuple):
    """What is filled in once a key is there."""

    then: Callable[[Any], Any] | None
    group: Group
    record: Any
    out: Any
    path: Path


class Run:
    """context, variables: of the operation. errors: so far, as graphql-core would have them.

    fields, size: shown so far; characters of texts, and bytes of JSON values.
    """

    def __init__(
        self,
        plan: Plan,
        target: Target,
        context: RequestContext,
        variables: VariableValues,
        limits: Limits | None = None,
        spent: Spent | None = None,
    ) -> None:
        self.fields = 0
        self.size = 0
        self.errors: list[GraphQLError] = []
        self.context = context
        self._plan = plan
        self._target = target
        self._variables = variables
        self._arguments: list[Any] = [None] * plan.sites
        self._waiting: dict[Source, dict[str, list[Waiter]]] = {}
        self._loaded: dict[Source, dict[str, Any]] = {}
        self._calls: list[tuple[Site, Any, Any]] = []
        self._nulls: list[tuple[int, list[str | int]]] = []
        self._limits = limits or Limits()
        self._spent = spent or Spent()
        self._turn = TURN

    async def data(self) -> dict[str, Any] | None:
        """The answer's data; what failed is in `errors`."""
        try:
            data: dict[str, Any] = self._plan.fill(None, None, self)
            await self._waves()
            self._look()
        except Bubble as bubble:
            self.burst(bubble, None)
            return None
        except Stopped as stopped:
            self.errors = [GraphQLError(stopped.reason.message, original_error=stopped.reason)]
            self._nulls.clear()
            return None
        return data

    # ------------------------------------------------------------ waves

    async def _waves(self) -> None:
        under_way: dict[asyncio.Task[Any], Callable[[Any], Awaitable[None]]] = {}
        try:
            while self._waiting or self._calls or under_way:
                waiting, self._waiting = self._waiting, {}
                calls, self._calls = self._calls, []
                if len(waiting) == 1 and not calls and not under_way:  # as most waves are
                    ((source, waiters),) = waiting.items()
                    await self._fill_in(source, waiters, await self._outcomes(source, waiters))
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
            for waiter in waiting:
                self._given(outcome, waiter)
            if self.fields >= self._turn:
                self._turn = self.fields + TURN
                self._look()
                await asyncio.sleep(0)

    def _look(self) -> None:
        """Raises Stopped where the operation has spent more than it may, or taken longer."""
        self._spent.fields = self.fields
        self._spent.bytes = self.size + FIELD * self.fields
        reason: TriptychError | None = self._limits.reached(self._spent.fields, self._spent.bytes)
        if reason is None and asyncio.get_running_loop().time() > self.context.deadline + GRACE:
            reason = OutOfTime("The operation took longer than this server allows")
        if reason is not None:
            raise Stopped(reason)

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

    # ------------------------------------------------------------ what plans call

    def need(self, need: Need, group: Group, record: Any, out: Any, path: Path) -> None:
        """Fill the group in once the need is there; at once, where it was loaded before."""
        source = (need.provider, need.loader)
        waiter = Waiter(need.then, group, record, out, path)
        loaded = self._loaded.get(source)
        if loaded is not None and need.key in loaded:
            self._given(loaded[need.key], waiter)
            return
        shown = self.context.shown(need)
        if shown is not None:
            self._given(shown, waiter)
            return
        self._waiting.setdefault(source, {}).setdefault(need.key, []).append(waiter)

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
        resolve = site.shape.definition.resolve or default_field_resolver
        try:
            value = resolve(record, self._info(site, path), **self.arguments(site))
        except Exception as error:
            return self.failed(site, error, path)
        if is_awaitable(value) or _waits_within(value):
            self._calls.append((site, out, value))
            return None
        return self.complete_field(site, value, path)

    def arguments(self, site: Site) -> Any:
        """Coerced once per run. Raises what is wrong with them."""
        if site.fixed is not None:
            return site.fixed
        found = self._arguments[site.index]
        if found is None:
            try:
                found = get_argument_values(site.shape.definition, site.nodes[0], self._variables)
                if site.shape.load is not None and site.shape.strawberry is not None:
                    found = self._target.convert(site.shape.strawberry, found)
            except Exception as error:
                found = error
            self._arguments[site.index] = found
        if isinstance(found, Exception):
            raise found
        return found

    def complete_field(self, site: Site, value: Any, path: Path) -> Any:
        """The general way of a value: graphql-core's, with its errors."""
        place = (path, site.key)
        if isinstance(value, Exception):  # raised, one for all would gather a frame at each of its fields
            return self.failed(site, value, path)
        try:
            return self._complete(site.type, site, value, place)
        except Bubble as bubble:
            if not site.is_nullable:
                raise
            return self.burst(bubble, place)
        except Exception as error:
            return self.failed(site, error, path)

    def complete_item(self, site: Site, value: Any, path: Path) -> Any:
        """The same for one item of a list that is loaded by its ids."""
        list_type = site.type.of_type if is_non_null_type(site.type) else site.type
        return self._item(list_type.of_type, site, value, path)  # type: ignore[union-attr]

    def fail_all(self, group: Group, error: Exception, out: Any, path: Path) -> None:
        """Every field of the group fails alike."""
        if group.is_item:
            assert path is not None, "an item has a place"
            out[path[-1]] = self.complete_item(group.sites[0], error, path)
            return
        for site in group.sites:
            out[site.key] = self.failed(site, error, path)

    def failed(self, site: Site, error: Exception, path: Path) -> Any:
        """None, with an error at the field. Raises Bubble where it may not be null."""
        found = located_error(error, site.nodes, as_list((path, site.key)))
        if not site.is_nullable:
            raise Bubble(found)
        self.errors.append(found)
        return None

    def burst(self, bubble: Bubble, place: Path) -> None:
        """Null at the place, for what failed below it; whatever fails there later is told no more."""
        self.errors.append(bubble.error)
        self._nulls.append((len(self.errors), as_list(place)))

    def told(self) -> list[GraphQLError]:
        """The errors, without those below a null that came before them."""
        return [
            error
            for index, error in enumerate(self.errors)
            if not any(
                index >= since and (error.path or [])[: len(place)] == place for since, place in self._nulls
            )
        ]

    # ------------------------------------------------------------ graphql-core's completion, value by value

    def _complete(self, type_: GraphQLOutputType, site: Site, value: Any, path: Path) -> Any:
        if isinstance(value, Exception):
            raise value
        if is_non_null_type(type_):
            completed = self._complete(type_.of_type, site, value, path)
            if completed is None:
                raise TypeError(
                    f"Cannot return null for non-nullable field {site.parent}.{site.nodes[0].name.value}."
                )
            return completed
        if value is None or value is Undefined:
            return None
        if is_list_type(type_):
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{site.parent}.{site.nodes[0].name.value}'."
                )
            return [
                self._item(type_.of_type, site, item, _place(path, index)) for index, item in enumerate(value)
            ]
        if is_leaf_type(type_):
            return self._leaf(Executor.complete_leaf_value(type_, value))
        if is_abstract_type(type_):
            type_ = self._runtime_type(type_, site, value, path)
        assert isinstance(type_, GraphQLObjectType), "there are no other output types"
        if self._is_known(type_, site, value, path):
            return site.plans[type_.name](value, path, self)
        return site.guarded[type_.name]()(value, path, self)

    def _leaf(self, value: Any) -> Any:
        if isinstance(value, str):
            self.size += len(value)
        elif isinstance(value, dict | list):
            self.size += len(orjson.dumps(value))
            if self.size > self._limits.bytes:
                self._look()
        return value

    def _item(self, type_: GraphQLOutputType, site: Site, value: Any, path: Path) -> Any:
        failure: Exception
        if isinstance(value, Exception):
            failure = value
        else:
            try:
                return self._complete(type_, site, value, path)
            except Bubble as bubble:
                if is_non_null_type(type_):
                    raise
                return self.burst(bubble, path)
            except Exception as error:
                failure = error
        found = located_error(failure, site.nodes, as_list(path))
        if is_non_null_type(type_):
            raise Bubble(found) from None
        self.errors.append(found)
        return None

    def _is_known(self, type_: GraphQLObjectType, site: Site, value: Any, path: Path) -> bool:
        """Whether its class has all that the type shows. Raises what graphql-core raises of a wrong one."""
        known = self._target.known(type_)
        if type(value) in known:
            return True
        if type_.is_type_of is not None and not type_.is_type_of(value, self._info(site, path)):
            raise GraphQLError(f"Expected value of type '{type_}' but got: {value!r}.", site.nodes)
        if not self._target.is_complete(type_, type(value)):
            return False
        known.add(type(value))
        return True

    def _runtime_type(
        self, abstract: GraphQLAbstractType, site: Site, value: Any, path: Path
    ) -> GraphQLObjectType:
        key = (abstract.name, type(value))
        found = self._target.runtime.get(key)
        if found is None:
            assert abstract.resolve_type is not None, "each of this graph's has one"
            name = abstract.resolve_type(value, self._info(site, path), abstract)
            type_ = self._target.schema.get_type(name) if isinstance(name, str) else None
            if not isinstance(type_, GraphQLObjectType) or not self._target.schema.is_sub_type(
                abstract, type_
            ):
                raise GraphQLError(
                    f"Abstract type '{abstract}' must resolve to an Object type at runtime", site.nodes
                )
            found = self._target.runtime[key] = type_
        return found

    def _info(self, site: Site, path: Path) -> GraphQLResolveInfo[Any]:
        return GraphQLResolveInfo(
            site.nodes[0].name.value,
            site.nodes,
            site.type,
            site.parent,
            _graphql_path((path, site.key)),
            self._target.schema,
            {name: one.definition for name, one in self._plan.fragments.items()},
            None,
            self._plan.operation,
            self._variables,
            self.context,
            is_awaitable,
            None,
            cast("Any", None),  # no resolver here wants graphql-core's helpers
        )


def _waits_within(value: Any) -> bool:
    return isinstance(value, list) and any(map(is_awaitable, value))  # _entities: each item waits by itself


async def _settled(value: Any) -> Any:
    try:
        if is_awaitable(value):
            value = await value
        return await asyncio.gather(*map(_settled, value)) if _waits_within(value) else value
    except Exception as error:  # the field's own
        return error


def _place(path: Path, index: int) -> Path:
    # (parent, key) -> (parent, key, index): what plans write themselves; deeper lists go on from there
    return (*path, index) if path is not None else (None, index)


def as_list(path: Path) -> list[str | int]:
    """From the root down, as errors tell it."""
    parts: list[str | int] = []
    while path is not None:
        parts[:0] = path[1:]
        path = path[0]
    return parts


def _graphql_path(path: Path) -> GraphQLPath:
    found: GraphQLPath | None = None
    for part in as_list(path):
        found = GraphQLPath(found, part, None)
    assert found is not None, "a field has a path"
    return found
