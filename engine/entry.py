"""From a document's text to an entry: what it means, what it may cost, or why it is refused.

    lexical limits -> parse -> static limits and cost formula -> validate -> entry

Everything before validation is linear in the text, and whatever exceeds a limit is refused before it; of
validation's rules those that are not linear have a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    value_from_ast_untyped,
)

from engine import lexical, validation
from engine.cost import calls
from engine.cost.calls import Prices, Root
from engine.cost.formula import Compiler, Cost, Cyclic, condition_of
from engine.lifting import Form, Lifter, Moved
from engine.limits import Limits, Mode
from engine.plan.plans import Plans
from engine.source import locate, parse
from loaders.errors import LimitExceeded, bare

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an operation will cost at worst. fields: in their weights."""

    fields: int
    calls: int


@dataclass(frozen=True, slots=True)
class Formula:
    """Of one operation of a document. defaults: of its variables."""

    cost: Cost
    roots: tuple[Root, ...]
    defaults: Mapping[str, Any]
    _others: tuple[Root, ...] = field(init=False)  # than those that look up one id each

    def __post_init__(self) -> None:
        others = tuple(root for root in self.roots if not calls.is_single(root))
        object.__setattr__(self, "_others", others)

    def estimate(self, variables: Mapping[str, Any], prices: Prices, limits: Limits) -> Estimate:
        """With the variables as they were sent. Raises LimitExceeded."""
        given = {**self.defaults, **variables}
        fields = self.cost.value(given)
        limits.check("fields", fields, "fields to show")  # before the ids are looked at
        made = calls.count(self.roots, given, prices)
        limits.check("calls", made, "upstream calls to make")
        return Estimate(fields, made)

    def fits(self, variables: Mapping[str, Any], prices: Prices, limits: Limits) -> bool:
        """Whether it is certainly within the limits: most are, and need no look at whose each id is.

        Of variables that fit their types; others are refused before anything is loaded.
        """
        given = {**self.defaults, **variables} if self.defaults else variables
        if self.cost.value(given) > limits.fields:
            return False
        singles = calls.MOST * (len(self.roots) - len(self._others))
        return singles + calls.count(self._others, given, prices) <= limits.calls


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a document and an operation's name, whatever its variables.

    errors: why it is refused; () where it may run. formula: None where it is refused or nobody looks.
    excess: in measure mode, the limit it exceeds. plans: None where it is refused, or is no query.
    lifted: strings of the text, by the variables that stand for them in the document; origin: the text that
    the document's nodes have their places in, where that is another one.
    The id of a persisted document is one more name for an entry.
    """

    document: DocumentNode
    errors: tuple[GraphQLError, ...] = ()
    formula: Formula | None = None
    excess: LimitExceeded | None = None
    plans: Plans | None = None
    lifted: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None

    def variables(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those that were sent, and the lifted strings."""
        return {**given, **self.lifted} if self.lifted else given

    def locate(self, errors: Iterable[GraphQLError], text: str) -> None:
        """Say where the nodes of each error stand in the text that was sent."""
        if self.origin is None:
            locate(errors, text)
        else:
            locate(errors, text, Moved(self.origin, text))


@dataclass(slots=True)
class Reader:
    """Makes entries. hides_schema: documents that ask for the schema itself are refused."""

    schema: GraphQLSchema
    limits: Limits = field(default_factory=Limits)
    hides_schema: bool = False
    lifter: Lifter = field(init=False)

    def __post_init__(self) -> None:
        self.lifter = Lifter(self.schema)

    def read(self, text: str, operation_name: str | None) -> Entry:
        """Never raises: what is wrong with a text is in its entry."""
        noted: list[LimitExceeded] = []
        try:
            with self._noting(noted):
                if self.limits.mode is not Mode.OFF:
                    lexical.scan(text, self.limits)
            document = parse(text)
            operation = _operation(document, operation_name)
            formula = None
            with self._noting(noted):
                if operation is not None and self.limits.mode is not Mode.OFF:
                    formula = self._formula(document, operation)
            found = self._errors(document) if operation is not None else []
            locate(found, text)
            errors = tuple(_coded(one, VALIDATION_FAILED) for one in found)
            is_query = operation is not None and operation.operation is OperationType.QUERY
            plans = Plans(document, operation) if operation is not None and is_query and not errors else None
            return Entry(document, errors, formula, noted[0] if noted else None, plans)
        except GraphQLSyntaxError as error:
            return refused(_coded(validation.shortened(error), PARSE_FAILED), operation_name)
        except LimitExceeded as error:
            return refused(error, operation_name)

    def _errors(self, document: DocumentNode) -> list[GraphQLError]:
        return validation.errors(self.schema, document, self.limits, hides_schema=self.hides_schema)

    def reword(self, errors: Iterable[GraphQLError]) -> None:
        """Of what an operation came to: no long quotations, and nothing of a hidden schema."""
        for error in errors:
            validation.shortened(error)
            if self.hides_schema:
                error.message = validation.without_suggestions(error.message)

    def lifted(self, entry: Entry, text: str, form: Form, strings: Sequence[str]) -> Entry:
        """An entry for every text with the same frame and key. Of one that `may_share`."""
        document = self.lifter.lifted(entry.document, text, form.same(strings))
        operation = _operation(document, None)
        assert operation is not None, "the entry has a plan"
        formula = None if entry.formula is None else self._formula(document, operation)
        return Entry(document, formula=formula, plans=Plans(document, operation), origin=text)

    @contextmanager
    def _noting(self, noted: list[LimitExceeded]) -> Iterator[None]:
        """Where limits are only measured, what is exceeded is noted instead of raised."""
        try:
            yield
        except LimitExceeded as error:
            if self.limits.mode is Mode.ENFORCE:
                raise
            noted.append(error)

    def _formula(self, document: DocumentNode, operation: OperationDefinitionNode) -> Formula | None:
        definitions = document.definitions
        fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        operations = sum(isinstance(one, OperationDefinitionNode) for one in definitions)
        self.limits.check("operations", operations, "operations in its document")
        compiler = Compiler(self.schema, fragments, self.limits)
        try:
            cost, selected = compiler.root(operation)
        except Cyclic:
            return None
        self.limits.check("root_fields", sum(map(len, selected)), "root fields")
        self.limits.check("depth", cost.depth, "levels of fields")
        self.limits.check("introspection", cost.introspection, "introspected fields")
        type_ = self.schema.get_root_type(operation.operation)
        assert isinstance(type_, GraphQLObjectType), "an operation without a root type has no fields"
        return Formula(
            cost,
            tuple(
                Root(
                    group[0].node,
                    [each for one in group for each in compiler.field(type_, one.node)],
                    condition_of(group),
                )
                for group in selected
            ),
            {
                one.variable.name.value: value_from_ast_untyped(one.default_value)
                for one in operation.variable_definitions or ()
                if one.default_value is not None
            },
        )


def refused(error: Exception, operation_name: str | None) -> Entry:
    """An entry that only says why. Its document is an empty operation of that name, which nobody runs."""
    name = None if operation_name is None else NameNode(value=operation_name)
    nothing = OperationDefinitionNode(
        operation=OperationType.QUERY, name=name, selection_set=SelectionSetNode(selections=())
    )
    kept = bare(error)  # the frames hold the whole text
    wrong = kept if isinstance(kept, GraphQLError) else GraphQLError(str(kept), original_error=kept)
    return Entry(DocumentNode(definitions=(nothing,)), (wrong,))


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and (
            name is None or (one.name is not None and one.name.value == name)
        ):
            return one
    return None


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code}
    # the frames of the parser and of validation are not kept with it
    return error.with_traceback(None)
