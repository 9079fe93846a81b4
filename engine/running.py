"""Execution within a budget: graphql-core's, counted, stopped when it is over, and in turns with the rest.

Counting an object's fields costs an addition; every few thousand the budget and the clock are looked at. An
operation that is over ends with one error instead of running on; a mutation keeps its data, because what
it did stays done. Long lists, and what many loads bring at once, are shown in slices, between which the
event loop serves others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import orjson
from graphql import GraphQLError, GraphQLLeafType, OperationType
from graphql.pyutils import AwaitableOrValue, gather_with_cancel

from engine.limits import Limits
from loaders.errors import ErrorCode, TriptychError
from schema.strawberry_seams import StrawberryExecutor

LOOK = 2_000  # fields between two looks at the budget and the clock: 20 to 40 ms
SLICE = 100  # objects of one list that are shown in one go
DEAR = 10  # fields that an error, or a field of free-form JSON, takes as long as
GRACE = 1.0  # seconds: what fails at the deadline is still shown


@runtime_checkable
class HasDeadline(Protocol):
    """An operation's context, as far as this module knows it."""

    @property
    def deadline(self) -> float:
        """On the event loop's clock."""
        ...


class OutOfTime(TriptychError):
    """Showing what the sources gave took longer than the request may."""

    code = ErrorCode.UPSTREAM_TIMEOUT


@dataclass(slots=True)
class Spent:
    """By one operation so far. bytes: of the answer, roughly: texts as long as they are, numbers as 8.

    batch: by all operations of its batch, itself included, which together may spend as much as one; () where
    it came alone.
    """

    fields: int = 0
    bytes: int = 0
    batch: Sequence[Spent] = ()


def over(limits: Limits, spent: Spent, deadline: float | None) -> TriptychError | None:
    """Why an operation is over; None where it may go on. deadline: on the event loop's clock; None: none."""
    if spent.batch:
        together = spent.batch
        reason = limits.reached(sum(one.fields for one in together), sum(one.bytes for one in together))
    else:
        reason = limits.reached(spent.fields, spent.bytes)
    if reason is not None or deadline is None or asyncio.get_running_loop().time() <= deadline + GRACE:
        return reason
    return OutOfTime("The operation took longer than this server allows")


# of the operation that runs in this context; whoever sets it can read what was spent
SPENT: ContextVar[Spent] = ContextVar("spent")


class Turns:
    """Lets the event loop go on between slices of one operation's work. done: fields since the last turn."""

    def __init__(self) -> None:
        self.done = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def is_over(self) -> bool:
        """Whether others should go first."""
        return self.done > LOOK

    async def next(self) -> None:
        """Returns when it is this work's turn again, in the order of asking."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._give)
        self._waiting.append(turn)
        await turn

    def _give(self) -> None:
        self.done = 0
        for _ in range(min(SLICE, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._give)


class BoundedExecutor(StrawberryExecutor):
    """Counts what one operation shows and ends it with one error once it is over a limit or out of time.

    `bounded` makes a subclass with limits of its own.
    """

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spent = _spent()
        self._turns = Turns()
        self._stopped: GraphQLError | None = None
        self._next_look = LOOK
        # names' length by selection, which graphql-core keeps
        self._widths: dict[int, int] = {}
        self._is_mutation = self.operation.operation is OperationType.MUTATION

    def build_per_event_executor(self, payload: Any) -> BoundedExecutor:
        """Each event of a subscription spends from a budget of its own."""
        executor = super().build_per_event_executor(payload)
        assert isinstance(executor, BoundedExecutor), "it is a copy"
        executor.spent, executor._stopped, executor._next_look = Spent(), None, LOOK
        executor._widths = {}
        return executor

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Show one object."""
        width = self._widths.get(id(grouped_field_set))
        if width is None:
            width = self._widths[id(grouped_field_set)] = sum(map(len, grouped_field_set))
        spent = self.spent
        spent.fields += len(grouped_field_set)
        spent.bytes += width
        self._turns.done += len(grouped_field_set)
        # what a write has done is shown whatever it costs: ids of what was paid for are never lost
        if not (self._is_mutation and (path is None or path.prev is None)):
            if self._stopped is not None:
                raise self._stopped
            if spent.fields >= self._next_look:
                self._look()
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)

    def complete_leaf_value(self, return_type: GraphQLLeafType, result: Any) -> Any:  # type: ignore[override]
        """Write one value."""
        completed = super().complete_leaf_value(return_type, result)
        if type(completed) is str:
            self.spent.bytes += len(completed)
        elif isinstance(completed, dict | list):
            self.spent.bytes += len(orjson.dumps(completed))
            self._turns.done += DEAR
            if self.spent.bytes > self.limits.bytes:
                self._look()
        else:
            self.spent.bytes += 8
        return completed

    def handle_field_error(
        self, raw_error: Exception, return_type: Any, field_details_list: Any, path: Any
    ) -> None:
        """Collect it; an operation that is over raises the one that ended it all the way up."""
        if self._stopped is not None and not self._is_mutation:
            raise self._stopped
        self._turns.done += DEAR
        super().handle_field_error(raw_error, return_type, field_details_list, path)

    def settle_in_background(self, awaitables: list[Awaitable[Any]]) -> None:
        """Nothing goes on for an operation that is over."""
        if self._stopped is None:
            super().settle_in_background(awaitables)
            return
        for awaitable in awaitables:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            elif isinstance(awaitable, asyncio.Future):
                awaitable.cancel()

    async def with_abort_signal(self, awaitable: Awaitable[Any]) -> Any:
        """Wait for what a resolver waits for, and then for this operation's turn to show it."""
        value = await super().with_abort_signal(awaitable)
        if self._turns.is_over:
            await self._turns.next()
        return value

    def complete_iterable_value(
        self,
        item_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        items: Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """Show a list; a long one in slices."""
        how = (item_type, field_details_list, info)
        if isinstance(items, list | tuple) and len(items) > SLICE and _is_in_loop():
            return self._in_slices(how, path, items, position_context)
        return super().complete_iterable_value(*how, path, items, position_context)

    async def _in_slices(
        self, how: tuple[Any, Any, Any], path: Any, items: Sequence[Any], position_context: Any
    ) -> list[Any]:
        results: list[Any] = []
        waiting: list[int] = []
        try:
            for index, item in enumerate(items):
                if index % SLICE == 0 and self._turns.is_over:
                    await self._turns.next()
                self._turns.done += 1
                place = path.add_key(index, None)
                if self.is_awaitable(item):
                    results.append(
                        self.complete_awaitable_list_item_value(item, *how, place, position_context)
                    )
                    waiting.append(index)
                elif self.complete_list_item_value(item, results, *how, place, position_context):
                    waiting.append(index)
        except Exception:
            self.settle_in_background([results[index] for index in waiting])
            raise
        found = await gather_with_cancel(*(results[index] for index in waiting))
        for index, value in zip(waiting, found, strict=True):
            results[index] = value
        return results

    def _look(self) -> None:
        """Raises where the operation has spent more than it may, or taken longer."""
        self._next_look = self.spent.fields + LOOK
        reason = over(self.limits, self.spent, _deadline(self.context_value))
        if reason is not None:
            self._stopped = GraphQLError(reason.message, original_error=reason)
            raise self._stopped


def bounded(limits: Limits) -> type[BoundedExecutor]:
    """The executor with these limits."""
    return type("BoundedExecutor", (BoundedExecutor,), {"limits": limits})


def _spent() -> Spent:
    try:
        return SPENT.get()
    except LookupError:
        return Spent()  # nobody wants to know


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _deadline(context: object) -> float | None:
    return context.deadline if isinstance(context, HasDeadline) and _is_in_loop() else None
