"""A known query, executed by its plan with nothing around it.

What is unusual (an error, a limit, no plan) is left to the general way, `operation.Bounded`, before anything
has been executed: it knows how to say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types.execution import PreExecutionError

from engine.cost.calls import Prices
from engine.entries import Entries
from engine.entry import Entry
from engine.planned import Executed, Planner
from engine.running import Spent
from loaders.errors import LimitExceeded
from resolvers.context import RequestContext
from schema.errors import ErrorCodes


@dataclass(frozen=True, slots=True)
class Direct:
    """Beside the general way, and with the same entries, limits and plans."""

    entries: Entries
    prices: Prices
    planner: Planner

    def entry(self, text: str, name: str | None, variables: Mapping[str, Any]) -> Entry | None:
        """What may be executed as it is; None where the general way has something to say to it."""
        entry = self.entries.of(text, name)
        if entry.plans is None or entry.excess is not None:
            return None
        return entry if self._is_affordable(entry, entry.variables(variables)) else None

    def _is_affordable(self, entry: Entry, given: Mapping[str, Any]) -> bool:
        formula, limits = entry.formula, self.entries.reader.limits
        if formula is None or formula.fits(given, self.prices, limits):
            return True
        try:
            formula.estimate(given, self.prices, limits)
        except LimitExceeded:
            return False
        return True

    async def execute(
        self, entry: Entry, text: str, context: RequestContext, variables: Mapping[str, Any]
    ) -> Executed | PreExecutionError | None:
        """The answer, its errors located and coded; None where there is no plan for these variables."""
        try:
            result = await self.planner.execute(entry, context, variables, Spent())
        except Exception as bug:
            return PreExecutionError(None, [ErrorCodes.thrown_executing(bug)])
        if result is not None and result.errors:
            entry.locate(result.errors, text)
            self.entries.reader.reword(result.errors)
            ErrorCodes.rewrite_executed(result)
        return result
