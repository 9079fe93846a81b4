"""The plans of one entry: one per outcome of its conditions (`@skip`, `@include`), of which few are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from graphql import DirectiveNode, DocumentNode, GraphQLError, OperationDefinitionNode, visit
from graphql.execution.values import VariableValues
from graphql.language import VariableNode
from graphql.language.visitor import Visitor

from engine.coercion import Coercion
from engine.plan.compiler import Compiler, Plan, Unplanned
from engine.plan.target import Target

KEPT = 8  # outcomes: three conditions


class Plans:
    """Compiled when they are first needed. operation: of the document, which is valid."""

    def __init__(self, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.operation = operation
        self._document = document
        self._conditions = _conditions(document)
        self._kept: OrderedDict[Hashable, Plan | str] = OrderedDict()
        self._coercion: Coercion | None = None

    def coercion(self, target: Target) -> Coercion:
        """Of the operation's variables."""
        if self._coercion is None:
            self._coercion = Coercion(target.schema, self.operation.variable_definitions or ())
        return self._coercion

    def of(self, target: Target, variables: VariableValues) -> Plan:
        """The plan for these variables. Raises Unplanned where graphql-core has to execute it."""
        outcome = tuple(variables.coerced.get(name) for name in self._conditions)
        found = self._kept.get(outcome)
        if found is None:
            found = self._kept[outcome] = self._compiled(target, variables)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if isinstance(found, str):
            raise Unplanned(found)
        return found

    def _compiled(self, target: Target, variables: VariableValues) -> Plan | str:
        # the reason alone: an exception that is kept holds the frames that it came through
        try:
            return Compiler(target, self._document, self.operation, variables).plan()
        except Unplanned as unplanned:
            return unplanned.reason
        except GraphQLError:  # a condition that turned out null, an argument that does not fit
            return "a value that only fails when it is executed"


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide what is selected."""
    found: dict[str, None] = {}

    class Conditions(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found[argument.value.name.value] = None

    visit(document, Conditions())
    return tuple(found)
