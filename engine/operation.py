"""Every operation's way through the engine: its entry, its estimate, its bounded execution.

Strawberry's own hooks are the way in, so that POST, GET, events and WebSockets take the same. What it cost
and how it was executed is in the answer's `extensions`, where the request asks for that.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import StreamExecutionResult

from engine import extensions
from engine.batch import BATCH
from engine.cost.calls import Prices
from engine.direct import Direct
from engine.entries import Entries
from engine.entry import Entry, Estimate, Reader
from engine.limits import Limits, Mode
from engine.observed import Observation
from engine.plan.target import Target
from engine.planned import Engine, Planner
from engine.running import SPENT, Spent, bounded
from loaders.errors import LimitExceeded
from schema.graph import Graph

SWITCHED_OFF = "plans are switched off (TRIPTYCH_ENGINE)"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attached:
    """graph: executed within limits. direct: the short way to the same answers; None without plans."""

    graph: Graph
    direct: Direct | None


def attached(
    graph: Graph, limits: Limits, prices: Prices, engine: Engine = Engine.PLAN, *, hides_schema: bool = False
) -> Graph:
    """The graph of `both_ways`."""
    return both_ways(graph, limits, prices, engine, hides_schema=hides_schema).graph


def both_ways(
    graph: Graph, limits: Limits, prices: Prices, engine: Engine = Engine.PLAN, *, hides_schema: bool = False
) -> Attached:
    """The same graph, executed within limits. Documents and plans are kept for as long as it is.

    hides_schema: no introspection, no `_service`, no names of the schema suggested in errors, and no
    `extensions.plan`, which names types and fields.
    """
    entries = Entries(Reader(graph.graphql, limits, hides_schema))
    planner = Planner(Target.of(graph), limits) if engine is Engine.PLAN else None
    return Attached(
        graph.extended(lambda: Bounded(entries, prices, planner), executor=bounded(limits)),
        None if planner is None else Direct(entries, prices, planner),
    )


class Bounded(SchemaExtension):
    """One operation's."""

    def __init__(self, entries: Entries, prices: Prices, planner: Planner | None) -> None:
        self._entries = entries
        self._limits = entries.reader.limits
        self._prices = prices
        self._planner = planner
        self._entry: Entry | None = None
        self._estimate: Estimate | None = None
        self._observed: Observation | None = None
        self._batch = BATCH.get()
        self._spent = Spent() if self._batch is None else self._batch.begin()

    def on_operation(self) -> Iterator[None]:
        """At its end: where in the document its errors stand."""
        yield
        self._locate(self.execution_context.result)

    def on_parse(self) -> Iterator[None]:
        """Hand over the document of the entry. A refused one has an empty document until it is validated."""
        operation = self.execution_context
        if operation.query and operation.graphql_document is None:
            self._entry = self._entries.of(operation.query, operation.operation_name)
            operation.graphql_document = self._entry.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuse what the entry refuses, and what costs too much with these variables."""
        if self._entry is not None:
            self.execution_context.pre_execution_errors = list(self._entry.errors) or self._excess(
                self._entry
            )
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Execute by a plan, where there is one; count what is spent."""
        operation = self.execution_context
        if self._asks("plan") and not self._entries.reader.hides_schema:
            self._observed = Observation(self._prices, SWITCHED_OFF if self._planner is None else None)
        if self._planner is not None and self._entry is not None:
            operation.result = await self._planner.execute(
                self._entry, operation.context, operation.variables or {}, self._spent, self._observed
            )
        if self._entry is not None and self._entry.lifted and operation.result is None:
            assert operation.query is not None, "the entry was made of it"
            self._entry = self._entries.reader.read(operation.query, operation.operation_name)
            operation.graphql_document = self._entry.document
        token = SPENT.set(self._spent)
        yield
        SPENT.reset(token)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Before each result of a stream is sent."""
        self._locate(result)
        yield

    def get_results(self) -> dict[str, Any]:
        """`extensions.cost` and `extensions.plan`, where the request asks for them."""
        found: dict[str, Any] = {}
        if self._asks("cost") and self._estimate is not None:
            found["cost"] = extensions.cost(self._estimate, self._spent, self._limits)
        if self._observed is not None and self._observed.is_known:
            found["plan"] = extensions.plan(self._observed, self._estimate, self._limits)
        return found

    def _asks(self, name: str) -> bool:
        return extensions.asks(self.execution_context.operation_extensions, name)

    def _excess(self, entry: Entry) -> list[GraphQLError]:
        excess = entry.excess
        try:
            variables = entry.variables(self.execution_context.variables or {})
            if entry.formula is not None:
                self._estimate = entry.formula.estimate(variables, self._prices, self._limits)
                if self._batch is not None:
                    self._batch.add(self._estimate, self._limits)
        except LimitExceeded as error:
            excess = excess or error
        if excess is None:
            return []
        if self._limits.mode is Mode.MEASURE:
            log.warning("Not refused, because limits are only measured: %s", excess.message)
            return []
        return [GraphQLError(excess.message, original_error=excess)]

    def _locate(self, result: Any) -> None:  # of several classes of two libraries, which share `errors`
        errors = getattr(result, "errors", None)
        if not errors:
            return
        if self._entry is not None and self.execution_context.query:
            self._entry.locate(errors, self.execution_context.query)
        self._entries.reader.reword(errors)
