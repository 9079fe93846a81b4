"""Fields shown, as a formula: compiled once for a document, evaluated with each request's variables.

    { tasksById(ids: $ids) { id media { url } } }   ->   1 + |ids| x (2 + 4 x 1)

Selections are merged as execution merges them, and each set of merged selections is compiled once for a type,
so that fragments that spread each other twice cost what they cost once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from engine.cost import sizes
from engine.cost.sizes import Fixed, Included, Size, Variables
from engine.limits import Limits, exceeded

INTROSPECTION = frozenset({"__schema", "__type"})


class Cyclic(Exception):
    """A fragment that contains itself: validation will say so."""


class Term(NamedTuple):
    """So many objects, each of one of these types; the dearest counts."""

    size: Size
    each: tuple[Cost, ...]


@dataclass(slots=True)
class Cost:
    """Of one object with some selections. fields: what does not depend on variables. depth: below it.

    loads: `Type.field` of what is selected on the object itself; below: on all objects under it.
    """

    fields: int = 0
    introspection: int = 0
    depth: int = 0
    terms: list[Term] = field(default_factory=list)
    loads: set[str] = field(default_factory=set)
    below: set[str] = field(default_factory=set)

    def value(self, variables: Variables, known: dict[int, int] | None = None) -> int:
        """The number of fields."""
        if not self.terms:
            return self.fields
        known = {} if known is None else known
        if id(self) not in known:
            known[id(self)] = self.fields + sum(
                term.size.of(variables) * max(each.value(variables, known) for each in term.each)
                for term in self.terms
            )
        return known[id(self)]


class Selected(NamedTuple):
    """A field as the document has it. condition: None where it is always there."""

    node: FieldNode
    condition: Size | None


class Compiler:
    """Of one document. steps: selections looked at so far."""

    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], limits: Limits
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._limits = limits
        self._known: dict[tuple[object, ...], Cost | None] = {}
        self._steps = 0

    def root(self, operation: OperationDefinitionNode) -> tuple[Cost, list[list[Selected]]]:
        """The whole operation, and its root fields, merged. Raises LimitExceeded, Cyclic."""
        type_ = self._schema.get_root_type(operation.operation)
        if type_ is None:
            return Cost(), []
        groups = self._collect(type_, [operation.selection_set])
        return self._cost(type_, [operation.selection_set], {}, 0), list(groups.values())

    def field(self, type_: GraphQLObjectType, node: FieldNode) -> tuple[Cost, ...]:
        """What is under one field: of each type that its objects may have."""
        found = self._schema.get_field(type_, node.name.value)
        if found is None or node.selection_set is None:
            return ()
        named = get_named_type(found.type)
        if not is_composite_type(named):
            return ()
        return self._each(named, [node.selection_set], sizes.of(found, node)[1], 1)

    def _each(
        self, type_: GraphQLCompositeType, sets: list[SelectionSetNode], sized: dict[str, Size], depth: int
    ) -> tuple[Cost, ...]:
        if isinstance(type_, GraphQLObjectType):
            return (self._cost(type_, sets, sized, depth),)
        return tuple(self._cost(one, sets, sized, depth) for one in self._schema.get_possible_types(type_))

    def _cost(
        self, type_: GraphQLObjectType, sets: list[SelectionSetNode], sized: dict[str, Size], depth: int
    ) -> Cost:
        if depth > self._limits.nesting:
            raise exceeded(
                "depth", f"more than {self._limits.nesting:,} levels of fields", self._limits.depth
            )
        key = (type_, *map(id, sets))
        if key in self._known:
            found = self._known[key]
            if found is None:
                raise Cyclic
            return found
        self._known[key] = None
        cost = self._known[key] = self._compiled(type_, sets, sized, depth)
        return cost

    def _compiled(
        self, type_: GraphQLObjectType, sets: list[SelectionSetNode], sized: dict[str, Size], depth: int
    ) -> Cost:
        cost = Cost()
        for group in self._collect(type_, sets).values():
            first = group[0].node
            name = first.name.value
            declared = self._schema.get_field(type_, name)
            if declared is None:
                continue  # validation will say so
            condition = condition_of(group)
            size, under = sizes.of(declared, first)
            named = get_named_type(declared.type)
            inner = [one.node.selection_set for one in group if one.node.selection_set is not None]
            each: tuple[Cost, ...] = ()
            if inner and is_composite_type(named):
                each = self._each(named, inner, under, depth + 1)
            self._add(
                cost, f"{type_.name}.{name}", sizes.weight(declared), sized.get(name, size), each, condition
            )
        return cost

    @staticmethod
    def _add(
        cost: Cost, name: str, weight: int, size: Size, each: tuple[Cost, ...], condition: Size | None
    ) -> None:
        is_introspection = name.startswith("__") or name.partition(".")[2] in INTROSPECTION
        for one in each:
            cost.below |= one.loads | one.below
        cost.loads.add(name)
        cost.depth = max(
            [cost.depth, 0 if is_introspection else 1, *(one.depth + (not is_introspection) for one in each)]
        )
        if is_introspection:
            count = size.count if isinstance(size, Fixed) else 1
            cost.introspection += 1 + count * max((one.introspection for one in each), default=0)
            return
        cost.introspection += sum(one.introspection for one in each)
        if condition is not None:
            whole = Cost(weight, terms=[Term(size, each)] if each else [])
            cost.terms.append(Term(condition, (whole,)))
        elif isinstance(size, Fixed) and not any(one.terms for one in each):
            cost.fields += weight + size.count * max((one.fields for one in each), default=0)
        else:
            cost.fields += weight
            cost.terms.append(Term(size, each or (Cost(),)))

    def _collect(
        self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[Selected]]:
        """Fields by response name, as execution groups them."""
        groups: dict[str, list[Selected]] = {}
        spread: set[tuple[str, Size | None]] = set()
        waiting: list[tuple[Iterator[SelectionNode], Size | None]] = [
            (iter(one.selections), None) for one in reversed(list(sets))
        ]
        while waiting:
            selections, outer = waiting[-1]
            selection = next(selections, None)
            if selection is None:
                waiting.pop()
                continue
            self._step()
            is_included, condition = _condition(selection.directives or ())
            if not is_included:
                continue
            condition = condition or outer
            if isinstance(selection, FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                groups.setdefault(name, []).append(Selected(selection, condition))
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode | None = None
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if (name, None) in spread or (name, condition) in spread:
                    continue
                spread.add((name, condition))
                fragment = self._fragments.get(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            if fragment is not None and self._applies(fragment, type_):
                waiting.append((iter(fragment.selection_set.selections), condition))
        return groups

    def _step(self) -> None:
        self._steps += 1
        if self._steps > self._limits.overlaps:
            figure = f"more than {self._limits.overlaps:,} ways in which its fragments merge"
            raise exceeded("overlaps", figure, self._limits.overlaps)

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        wanted = self._schema.get_type(fragment.type_condition.name.value)
        if wanted is type_ or wanted is None:
            return wanted is type_
        return is_abstract_type(wanted) and self._schema.is_sub_type(wanted, type_)


def condition_of(group: list[Selected]) -> Size | None:
    """Of fields that merge: None where one is always there, or they depend on different variables."""
    first = group[0].condition
    return first if all(one.condition == first for one in group) else None


def _condition(directives: Iterable[DirectiveNode]) -> tuple[bool, Size | None]:
    """Whether a selection may be there at all, and by which variable."""
    found: Size | None = None
    for directive in directives:
        name = directive.name.value
        if name not in {"skip", "include"}:
            continue
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, BooleanValueNode) and value.value is (name == "skip"):
            return False, None
        if isinstance(value, VariableNode):
            found = Included(value.name.value, when=name == "include")
    return True, found
