"""Runs a query's plan, over examples or for real, and takes down what each of its waves loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, get_operation_ast

from engine.cost import calls
from engine.cost.calls import Prices
from engine.entries import Entries
from engine.entry import Estimate, Reader
from engine.explain import example
from engine.limits import Limits
from engine.plan.compiler import Unplanned
from engine.plan.run import Call, Run, Waiting
from engine.plan.target import Target
from loaders.errors import LimitExceeded
from resolvers.context import RequestContext
from schema.graph import Graph

NAME = 60  # characters of a name that an error repeats


class Refused(Exception):
    """The document or its variables are wrong, or it costs too much. reasons: a line each."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Step:
    """Keys that one loader is given in one wave, or one resolver that is called.

    loads: "media PIXAI", or the resolver's field. keys: None for a resolver. calls: upstream, where none is
    saved by a cache; None where they are not known. fields: that wait for it.
    """

    wave: int
    loads: str
    keys: int | None
    calls: int | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """estimate: at worst; None where limits are off. unplanned: why no plan executes it; None where one does.

    errors: of the run, a line each.
    """

    estimate: Estimate | None
    unplanned: str | None = None
    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()


async def explain(
    graph: Graph,
    text: str,
    variables: Mapping[str, Any],
    operation_name: str | None = None,
    *,
    limits: Limits,
    prices: Prices,
    context: RequestContext | None = None,
) -> Explanation:
    """context: of a real run; None: over examples. Raises Refused."""
    entry = Entries(Reader(graph.graphql, limits)).of(text, operation_name)
    if entry.errors:
        raise Refused(map(_told, entry.errors))
    if get_operation_ast(entry.document, operation_name) is None:
        raise Refused([_which(operation_name)])
    try:
        given = entry.variables(variables)
        estimate = None if entry.formula is None else entry.formula.estimate(given, prices, limits)
    except LimitExceeded as error:
        raise Refused([error.message]) from None
    if entry.plans is None:
        return Explanation(estimate, "only queries have plans")
    target = Target.of(graph)
    coerced = entry.plans.coercion(target).values(variables)
    if isinstance(coerced, list):
        entry.locate(coerced, text)
        raise Refused(map(_told, coerced))
    coerced.coerced.update(entry.lifted)
    try:
        plan = entry.plans.of(target, coerced)
    except Unplanned as reason:
        return Explanation(estimate, reason.reason)
    run = Watched(plan, target, context or example.context(), coerced, limits)
    run.prices = prices
    await run.data()
    told = run.told()
    entry.locate(told, text)
    return Explanation(estimate, None, tuple(run.steps), tuple(map(_told, told)))


class Watched(Run):
    """Takes down each wave."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps: list[Step] = []
        self.prices = Prices()
        self._wave = 0

    def dispatched(self, waiting: Waiting, calls_: list[Call]) -> None:
        """One wave."""
        if not waiting and not calls_:  # it only waits for what an earlier one has begun
            return
        self._wave += 1
        for site, _, _ in calls_:
            name = f"{site.parent}.{site.nodes[0].name.value}"
            self.steps.append(Step(self._wave, name, None, self._listed(name), (name,)))
        for (provider, loader), keys in waiting.items():
            fields = dict.fromkeys(
                f"{site.parent}.{site.nodes[0].name.value}"
                for waiters in keys.values()
                for _, group, *_ in waiters
                for site in group.sites
            )
            made = calls.of_keys(loader, provider, len(keys), self.prices)
            self.steps.append(Step(self._wave, f"{loader} {provider}", len(keys), made, tuple(fields)))

    def _listed(self, name: str) -> int | None:
        """At least: one list call for each source."""
        return len(self.context.accounts) if name == "Query.tasks" else None


def _which(operation_name: str | None) -> str:
    if operation_name is None:
        return "The document does not have one operation: name the one that is meant"
    return f"The document has no operation named {operation_name[:NAME]!r}"


def _told(error: GraphQLError) -> str:
    places = ", ".join(f"{place.line}:{place.column}" for place in error.locations or ())
    return f"{places}: {error.message}" if places else error.message
