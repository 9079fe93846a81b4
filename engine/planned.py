"""Executes an operation by its plan, where it has one; Strawberry executes the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from graphql import ExecutionResult

from engine.entry import Entry
from engine.limits import Limits
from engine.observed import Observation, ObservedRun
from engine.plan.basis import Basis
from engine.plan.compiler import Unplanned
from engine.plan.run import Run
from engine.plan.target import Target
from engine.running import Spent
from resolvers.context import RequestContext


class Engine(StrEnum):
    """Who executes queries."""

    PLAN = "plan"  # compiled plans, and Strawberry what they do not know
    STRAWBERRY = "strawberry"  # Strawberry everything


class Executed(ExecutionResult):
    """By a plan. basis: answers what the whole of it was read from; see Run.basis."""

    __slots__ = ("basis",)

    def __init__(self, run: Run, data: dict[str, Any] | None) -> None:
        super().__init__(data, run.told() or None)
        self.basis: Callable[[], Basis | None] = run.basis


class Planner:
    """One for a graph. unplanned: why operations had no plan, and how often."""

    def __init__(self, target: Target, limits: Limits) -> None:
        self.unplanned: Counter[str] = Counter()
        self._target = target
        self._limits = limits

    async def execute(
        self,
        entry: Entry,
        context: RequestContext,
        variables: Mapping[str, Any],
        spent: Spent,
        observed: Observation | None = None,
    ) -> Executed | None:
        """The answer, its errors as graphql-core would have raised them; None where there is no plan.

        observed: is told the steps, or why there is no plan; None: nobody wants to know.
        """
        if entry.plans is None:
            if observed is not None:
                observed.unplanned = "only queries have plans"
            return None
        coerced = entry.plans.coercion(self._target).values(variables)
        if isinstance(coerced, list):  # refused, in Strawberry's words
            return None
        coerced.coerced.update(entry.lifted)
        try:
            plan = entry.plans.of(self._target, coerced)
        except Unplanned as reason:
            self.unplanned[reason.reason] += 1
            if observed is not None:
                observed.unplanned = reason.reason
            return None
        given = (plan, self._target, context, coerced, self._limits, spent)
        run = Run(*given) if observed is None else ObservedRun(observed, *given)
        return Executed(run, await run.data())
