"""Fields that are more than an attribute of their record.

    load_field   waits for a loader, once or several times in a row; or has its value in hand
    load_list    the same for each item of an argument that is a list
    call_field   asks a resolver, which waits by itself (`tasks`); or is computed

The first two are declarations: what they need is data, from which the resolver is derived here, so that an
executor may collect a whole wave of them, load it in one go and fill it in.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import strawberry
from graphql.pyutils import is_awaitable

from loaders import budget
from loaders.errors import LimitExceeded, TriptychError
from resolvers.context import RequestContext
from resolvers.need import Need
from schema.info import Info

Arguments: TypeAlias = Mapping[str, Any]
KeyOf: TypeAlias = Callable[[Any, Arguments, RequestContext], Any]  # -> a Need, or what it would load
Then: TypeAlias = Callable[[Any, Any, Arguments], Any]  # what was loaded, … -> the value, or one Need more

METADATA = "load"
COMPUTED = "computed"
CALLED = "called"


class Argument(NamedTuple):
    """An argument of a field. type: annotated with its description."""

    type: Any
    default: Any = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Load:
    """What a field waits for. It stands in the field's metadata, under METADATA.

    key: record, arguments, context -> the Need, or what it would load where that is in hand; raising fails
    this field alone. then: loaded, record, arguments -> the value, or one Need more, which says itself what
    follows. over: the argument of a list whose items each stand for the record; None: one value.
    is_shared: `key` looks at the record alone; a type's fields with the same one are filled in together.
    in_hand: the record's attribute that holds what `key` answers; where it holds None, `key` is asked.
    """

    key: KeyOf
    then: Then
    over: str | None = None
    is_shared: bool = False
    in_hand: str | None = None

    def value(self, record: object, arguments: Arguments, context: RequestContext) -> Any:
        """The value, or an awaitable of it. Raises TriptychError."""
        found = self.key(record, arguments, context)
        if isinstance(found, Need):
            return self._later(found, record, arguments, context)
        value = self.then(found, record, arguments)
        return context.settle(value) if isinstance(value, Need) else value

    async def values(self, arguments: Arguments, context: RequestContext) -> list[Any]:
        """One value per item, in order; an exception stands for the item that it fails.

        Raises LimitExceeded for more items than a list may have.
        """
        items = self.items(arguments, context)
        found: list[Any] = []
        waiting: list[int] = []
        for item in items:  # all loads start before the first is awaited, so that they share batches
            try:
                value = self.value(item, arguments, context)
            except TriptychError as error:
                value = error
            if is_awaitable(value):
                waiting.append(len(found))
            found.append(value)
        loaded = await asyncio.gather(*(found[index] for index in waiting), return_exceptions=True)
        for index, outcome in zip(waiting, loaded, strict=True):
            found[index] = outcome
        return found

    def items(self, arguments: Arguments, context: RequestContext) -> Sequence[Any]:
        """What the list has an item for each of. Raises LimitExceeded for more than a list may have."""
        assert self.over is not None, "only lists have items"
        items: Sequence[Any] = arguments[self.over]
        if len(items) > budget.LIST:
            raise LimitExceeded(f"At most {budget.LIST} ids per list; {self.over} has {len(items)}")
        context.budget.spend_ids(len(items))
        return items

    async def _later(self, need: Need, record: object, arguments: Arguments, context: RequestContext) -> Any:
        loaded = await context.settle(need)
        return await context.settle(self.then(loaded, record, arguments))


def as_loaded(loaded: object, _record: object, _arguments: Arguments) -> object:
    """What was loaded is the value."""
    return loaded


@dataclass(frozen=True, slots=True)
class Attribute:
    """The value is an attribute of what was loaded; None of what is not there.

    A declaration, so that an executor may read it without a call.
    """

    name: str

    def __call__(self, loaded: object, _record: object, _arguments: Arguments) -> object:
        """As `Load.then`."""
        return None if loaded is None else getattr(loaded, self.name)


def load_field(
    *,
    key: KeyOf,
    then: Then = as_loaded,
    arguments: Mapping[str, Argument] | None = None,
    is_shared: bool = False,
    in_hand: str | None = None,
    description: str,
    directives: Sequence[object] = (),
) -> Any:
    """A field that shows what became of its Need, or of what `key` had in hand; arguments as in Load.

    Any, because what it shows is a record, and the field's type is the type that shows it.
    """
    load = Load(key, then, is_shared=is_shared, in_hand=in_hand)

    def resolve(root: object, info: Info, **given: Any) -> Any:
        return load.value(root, given, info.context)

    return _field(resolve, load, arguments, description, directives)


def load_list(
    *,
    over: str,
    key: KeyOf,
    then: Then = as_loaded,
    arguments: Mapping[str, Argument],
    description: str,
    directives: Sequence[object] = (),
) -> Any:
    """A list with one item for each of the argument `over`; `key` and `then` get the item as their record."""
    load = Load(key, then, over)

    async def resolve(root: object, info: Info, **given: Any) -> Any:  # noqa: ARG001 - Strawberry's name
        return await load.values(given, info.context)

    return _field(resolve, load, arguments, description, directives)


def call_field(by: Callable[..., object], *, description: str, directives: Sequence[object] = ()) -> Any:
    """A field that shows what `by` answers: a resolver that waits by itself, or a computed value.

    One that takes nothing but the record is in the field's metadata, under COMPUTED; one that takes the info
    and arguments, under CALLED.
    """
    taken = list(inspect.signature(by).parameters)
    metadata: dict[Any, Any] = {}
    if taken == ["root"] and not inspect.iscoroutinefunction(by):
        metadata = {COMPUTED: by}
    elif taken[:1] == ["info"]:
        metadata = {CALLED: by}
    return strawberry.field(resolver=by, description=description, directives=directives, metadata=metadata)


def _field(
    resolve: Callable[..., Any],
    load: Load,
    arguments: Mapping[str, Argument] | None,
    description: str,
    directives: Sequence[object],
) -> Any:
    resolve.__signature__ = _signature(arguments or {})  # type: ignore[attr-defined]  # what Strawberry reads
    return strawberry.field(
        resolver=resolve, description=description, metadata={METADATA: load}, directives=directives
    )


def _signature(arguments: Mapping[str, Argument]) -> inspect.Signature:
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            inspect.Parameter("root", positional, annotation=inspect.Parameter.empty),
            inspect.Parameter("info", positional, annotation=Info),
            *(
                inspect.Parameter(name, positional, annotation=type_, default=default)
                for name, (type_, default) in arguments.items()
            ),
        ]
    )
