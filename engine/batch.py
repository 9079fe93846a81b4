"""What the operations of one batch may cost together: as much as a single one."""

from __future__ import annotations

from contextvars import ContextVar

from engine.entry import Estimate
from engine.limits import Limits
from engine.running import Spent


class Batch:
    """Of one request. The operations begin in the order in which they were sent."""

    def __init__(self) -> None:
        self._spent: list[Spent] = []
        self._fields = 0
        self._calls = 0

    def begin(self) -> Spent:
        """What one operation spends, beside the others."""
        spent = Spent(batch=self._spent)
        self._spent.append(spent)
        return spent

    def add(self, estimate: Estimate, limits: Limits) -> None:
        """Before an operation is executed. Raises LimitExceeded where it is too much with those before it."""
        self._fields += estimate.fields
        self._calls += estimate.calls
        limits.check("fields", self._fields, "fields to show, with those before it in its batch")
        limits.check("calls", self._calls, "upstream calls to make, with those before it in its batch")


# of the batch to which operations in this context belong; None where each came by itself
BATCH: ContextVar[Batch | None] = ContextVar("batch", default=None)
