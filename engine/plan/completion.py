"""The general way of a value: graphql-core's completion, with its errors, value by value.

Plans call it for whatever is not as it should be: None, a wrong type, an error, a class not seen before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson
from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    located_error,
)
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import inspect, is_awaitable, is_iterable
from strawberry.types.field import StrawberryField

from engine.limits import Limits
from engine.plan.compiler import Plan
from engine.plan.path import Path, as_graphql, as_list, item
from engine.plan.shape import Bubble, Site
from engine.plan.target import Target
from engine.running import Spent, over
from loaders.errors import TriptychError
from resolvers.context import RequestContext

FIELD = 16  # bytes that a field takes beside its text, roughly


class Stopped(BaseException):
    """The operation is over; no field's own failure, so that nothing on the way up takes it for one."""

    def __init__(self, reason: TriptychError) -> None:
        super().__init__(reason.message)
        self.reason = reason


class Completion:
    """context, variables: of the operation. errors: so far, as graphql-core would have them.

    fields, size: shown so far; characters of texts, and bytes of JSON values.
    """

    def __init__(
        self,
        plan: Plan,
        target: Target,
        context: RequestContext,
        variables: VariableValues,
        limits: Limits | None = None,
        spent: Spent | None = None,
    ) -> None:
        self.fields = 0
        self.size = 0
        self.errors: list[GraphQLError] = []
        self.context = context
        self._plan = plan
        self._target = target
        self._variables = variables
        self._limits = limits or Limits()
        self._spent = spent or Spent()
        self._arguments: dict[int, Any] = {}  # by site; a guarded plan has sites of its own
        self._nulls: list[tuple[int, list[str | int]]] = []

    def arguments(self, site: Site) -> Any:
        """Coerced once per run. Raises what is wrong with them."""
        fixed = site.fixed
        if fixed is not None and not site.given:
            return fixed
        found = self._arguments.get(site.index)
        if found is None and fixed is not None:
            found = self._arguments[site.index] = self._handed_over(fixed, site)
        if found is None:
            try:
                found = get_argument_values(site.shape.definition, site.nodes[0], self._variables)
                if site.shape.takes_converted:
                    found = self._target.convert(cast("StrawberryField", site.shape.strawberry), found)
            except Exception as error:
                found = error
            self._arguments[site.index] = found
        if isinstance(found, Exception):
            raise found
        return found

    def _handed_over(self, fixed: Mapping[str, Any], site: Site) -> dict[str, Any] | None:
        """None where a variable is missing, or null where it may not be: graphql-core knows what follows."""
        found = dict(fixed)
        for name, variable, is_nullable in site.given:
            value = self._variables.coerced.get(variable, Undefined)
            if value is Undefined or (value is None and not is_nullable):
                return None
            found[name] = value
        return found

    def complete_field(self, site: Site, value: Any, path: Path) -> Any:
        """The general way of a value: graphql-core's, with its errors."""
        place = (path, site.key)
        if isinstance(value, Exception):  # raised, one for all would gather a frame at each of its fields
            return self.failed(site, value, path)
        try:
            return self._complete(site.type, site, value, place)
        except Bubble as bubble:
            if not site.is_nullable:
                raise
            return self.burst(bubble, place)
        except Exception as error:
            return self.failed(site, error, path)

    def complete_item(self, site: Site, value: Any, path: Path) -> Any:
        """The same for one item of a list that is loaded by its ids."""
        list_type = site.type.of_type if is_non_null_type(site.type) else site.type
        return self._item(list_type.of_type, site, value, path)  # type: ignore[union-attr]

    def failed(self, site: Site, error: Exception, path: Path) -> Any:
        """None, with an error at the field. Raises Bubble where it may not be null."""
        found = located_error(error, site.nodes, as_list((path, site.key)))
        if not site.is_nullable:
            raise Bubble(found)
        self.errors.append(found)
        return None

    def burst(self, bubble: Bubble, place: Path) -> None:
        """Null at the place, for what failed below it; whatever fails there later is not reported."""
        self.errors.append(bubble.error)
        self._nulls.append((len(self.errors), as_list(place)))

    def told(self) -> list[GraphQLError]:
        """The errors, without those below a null that came before them."""
        return [
            error
            for index, error in enumerate(self.errors)
            if not any(
                index >= since and (error.path or [])[: len(place)] == place for since, place in self._nulls
            )
        ]

    def look(self) -> None:
        """Raises Stopped where the operation has spent more than it may, or taken longer."""
        self._spent.fields = self.fields
        self._spent.bytes = self.size + FIELD * self.fields
        reason = over(self._limits, self._spent, self.context.deadline)
        if reason is not None:
            raise Stopped(reason)

    def _complete(self, type_: GraphQLOutputType, site: Site, value: Any, path: Path) -> Any:
        if isinstance(value, Exception):
            raise value
        if is_non_null_type(type_):
            completed = self._complete(type_.of_type, site, value, path)
            if completed is None:
                raise TypeError(
                    f"Cannot return null for non-nullable field {site.parent}.{site.nodes[0].name.value}."
                )
            return completed
        if value is None or value is Undefined:
            return None
        if is_list_type(type_):
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{site.parent}.{site.nodes[0].name.value}'."
                )
            return [
                self._item(type_.of_type, site, one, item(path, index)) for index, one in enumerate(value)
            ]
        if is_leaf_type(type_):
            return self._leaf(Executor.complete_leaf_value(type_, value))
        if is_abstract_type(type_):
            type_ = self._runtime_type(type_, site, value, path)
        assert isinstance(type_, GraphQLObjectType), "there are no other output types"
        if self._is_known(type_, site, value, path):
            return site.plans[type_.name](value, path, self)
        return site.guarded[type_.name]()(value, path, self)

    def _leaf(self, value: Any) -> Any:
        if isinstance(value, str):
            self.size += len(value)
        elif isinstance(value, dict | list):
            self.size += len(orjson.dumps(value))
            if self.size > self._limits.bytes:
                self.look()
        return value

    def _item(self, type_: GraphQLOutputType, site: Site, value: Any, path: Path) -> Any:
        failure: Exception
        if isinstance(value, Exception):
            failure = value
        else:
            try:
                return self._complete(type_, site, value, path)
            except Bubble as bubble:
                if is_non_null_type(type_):
                    raise
                return self.burst(bubble, path)
            except Exception as error:
                failure = error
        found = located_error(failure, site.nodes, as_list(path))
        if is_non_null_type(type_):
            raise Bubble(found) from None
        self.errors.append(found)
        return None

    def _is_known(self, type_: GraphQLObjectType, site: Site, value: Any, path: Path) -> bool:
        """Whether its class has all that the type shows. Raises what graphql-core raises of a wrong one."""
        known = self._target.known(type_)
        if type(value) in known:
            return True
        if type_.is_type_of is not None and not type_.is_type_of(value, self.info(site, path)):
            raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", site.nodes)
        if not self._target.is_complete(type_, type(value)):
            return False
        known.add(type(value))
        return True

    def _runtime_type(
        self, abstract: GraphQLAbstractType, site: Site, value: Any, path: Path
    ) -> GraphQLObjectType:
        key = (abstract.name, type(value))
        found = self._target.runtime.get(key)
        if found is None:
            assert abstract.resolve_type is not None, "each of this graph's has one"
            name = abstract.resolve_type(value, self.info(site, path), abstract)
            type_ = self._target.schema.get_type(name) if isinstance(name, str) else None
            if not isinstance(type_, GraphQLObjectType) or not self._target.schema.is_sub_type(
                abstract, type_
            ):
                raise GraphQLError(
                    f"Abstract type '{abstract}' must resolve to an Object type at runtime", site.nodes
                )
            found = self._target.runtime[key] = type_
        return found

    def info(self, site: Site, path: Path) -> GraphQLResolveInfo[Any]:
        """What a resolver is handed beside its record."""
        return GraphQLResolveInfo(
            site.nodes[0].name.value,
            site.nodes,
            site.type,
            site.parent,
            as_graphql((path, site.key)),
            self._target.schema,
            self._plan.fragments,
            None,
            self._plan.operation,
            self._variables,
            self.context,
            is_awaitable,
            None,
            cast("Any", None),  # no resolver here wants graphql-core's helpers
        )
