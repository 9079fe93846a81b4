"""A graph with limits of a test's own, without a server and without sources."""

from __future__ import annotations

from typing import Any

from engine.cost.calls import Prices
from engine.limits import Limits
from engine.operation import attached
from resolvers.context import RequestContext
from schema import schema
from schema.graph import Graph


def limited(**limits: Any) -> Graph:
    """The graph with these limits, the others being the defaults."""
    return attached(schema, Limits(**limits), Prices())


async def cost(graph: Graph, text: str, **variables: object) -> dict[str, Any]:
    """`extensions.cost` of an operation."""
    result = await graph.execute(
        text,
        variable_values=variables,
        context_value=RequestContext(accounts={}),
        operation_extensions={"cost": True},
    )
    assert result.extensions, result.errors
    found: dict[str, Any] = result.extensions["cost"]
    return found


async def messages(graph: Graph, text: str, **variables: object) -> list[str]:
    """The errors of an operation, in words."""
    result = await graph.execute(text, variable_values=variables, context_value=RequestContext(accounts={}))
    return [error.message for error in result.errors or ()]
