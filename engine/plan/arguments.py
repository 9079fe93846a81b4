"""A field's arguments: worked out when its plan is compiled, as far as variables let them be.

media(id: "pixai:1")        always the same
media(id: $id)              $id as it is, which is an ID already
tasks(filter: {after: $a})  graphql-core's and Strawberry's work, once per request
"""

from __future__ import annotations

from typing import Any

from graphql import VariableNode, is_non_null_type, visit
from graphql.execution.values import VariableValues, coerce_argument
from graphql.language.visitor import Visitor

from engine.coercion import plainness
from engine.plan.shape import Site
from engine.plan.target import Target


def prepare(site: Site, target: Target, variables: VariableValues) -> None:
    """Fill in `fixed` and `given`, or leave `fixed` None. Raises what is wrong with constant ones."""
    node, definition = site.nodes[0], site.shape.definition
    field = site.shape.strawberry if site.shape.takes_converted else None
    names = None if field is None else target.names(field)
    sent = {one.name.value: one for one in node.arguments or ()}
    fixed: dict[str, Any] = {}
    given: list[tuple[str, str, bool]] = []
    for name, declared in definition.args.items():
        argument = sent.get(name)
        if argument is None or not _uses_variable(argument.value):
            coerce_argument(fixed, node, name, declared, argument, variables, None)
            continue
        passed = declared.out_name or name if names is None else names.get(name)
        if passed is None or not isinstance(argument.value, VariableNode) or not plainness(declared.type):
            return
        given.append((passed, argument.value.name.value, not is_non_null_type(declared.type)))
    if field is not None:
        fixed = target.convert(field, fixed)
    site.fixed, site.given = fixed, tuple(given)


def _uses_variable(node: Any) -> bool:
    found = False

    class Variables(Visitor):
        def enter_variable(self, _node: VariableNode, *_: Any) -> None:
            nonlocal found
            found = True

    visit(node, Variables())
    return found
