"""What a query will do: its waves, what they load, what it costs, or why no plan executes it."""

from engine.explain.explanation import Explanation, Refused, explain
from engine.observed import Step

__all__ = ["Explanation", "Refused", "Step", "explain"]
