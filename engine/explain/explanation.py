"""Runs a query's plan, over examples or for real, and takes down what each of its waves loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, get_operation_ast

from engine.cost.calls import Prices
from engine.entries import Entries
from engine.entry import Estimate, Reader
from engine.explain import example
from engine.limits import Limits
from engine.observed import Observation, Step, waves
from engine.plan.target import Target
from engine.planned import Planner
from engine.running import Spent
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
class Explanation:
    """estimate: at worst; None where limits are off. unplanned: why no plan executes it; None where one does.

    errors: of the run, a line each.
    """

    estimate: Estimate | None
    unplanned: str | None = None
    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def waves(self) -> int:
        """How many there are."""
        return waves(self.steps)


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
    target = Target.of(graph)
    if entry.plans is not None:
        wrong = entry.plans.coercion(target).values(variables)
        if isinstance(wrong, list):
            entry.locate(wrong, text)
            raise Refused(map(_told, wrong))
    observed = Observation(prices)
    result = await Planner(target, limits).execute(
        entry, context or example.context(), variables, Spent(), observed
    )
    errors = [] if result is None else result.errors or []
    entry.locate(errors, text)
    return Explanation(estimate, observed.unplanned, tuple(observed.steps or ()), tuple(map(_told, errors)))


def _which(operation_name: str | None) -> str:
    if operation_name is None:
        return "The document does not have one operation: name the one that is meant"
    return f"The document has no operation named {operation_name[:NAME]!r}"


def _told(error: GraphQLError) -> str:
    places = ", ".join(f"{place.line}:{place.column}" for place in error.locations or ())
    return f"{places}: {error.message}" if places else error.message
