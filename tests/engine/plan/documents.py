"""Random documents over the schema: what a frontend might write, and what only a test does.

Aliases, fragments on objects and interfaces, spreads inside spreads, merged fields, `@skip` and `@include`,
variables with defaults, null and omitted, lists from single values, input objects, several operations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from tests.engine.plan.world import IDS

DEEPEST = 5
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass
class Document:
    """text, and the variables and the operation's name that go with it."""

    text: str
    variables: dict[str, Any]
    operation: str | None


@dataclass
class Generator:
    """One document's."""

    schema: GraphQLSchema
    random: Random
    fragments: dict[str, str] = field(default_factory=dict)
    types: dict[str, Composite] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    def document(self) -> Document:
        """A query, and sometimes another one that is not asked for."""
        query = self.schema.query_type
        assert query is not None
        body = self.selections(query, 0)
        while self.random.random() < 0.5 and len(self.fragments) < 4:
            self.fragment(self.random.choice(self._composites()))
        fragments = self._used(body)
        used = set(re.findall(r"\$(\w+)", " ".join([body, *fragments])))
        declared = ", ".join(f"${name}: {kind}" for name, kind in self.definitions.items() if name in used)
        header = f"query Asked({declared})" if declared else "query Asked"
        texts = [f"{header} {body}", *fragments]
        name = None
        if self.random.random() < 0.2:
            texts.append("query Other { providers { provider } }")
            name = "Asked"
        self.random.shuffle(texts)
        return Document("\n".join(texts), self.variables, name)

    def _used(self, body: str) -> list[str]:
        found: list[str] = []
        texts = [body]
        while texts:
            text = texts.pop()
            for name, fragment in self.fragments.items():
                if f"...{name} " in text and fragment not in found:
                    found.append(fragment)
                    texts.append(fragment)
        return found

    def _composites(self) -> list[Composite]:
        return [
            type_
            for name in ("Task", "Media", "Seed", "Node", "TaskConnection", "ProviderInfo")
            if isinstance(type_ := self.schema.type_map[name], Composite)
        ]

    def fragment(self, type_: Composite) -> str:
        """A new one on that type; it may spread those that were there before."""
        name = f"F{len(self.fragments)}"
        body = self.selections(type_, 3)
        self.fragments[name] = f"fragment {name} on {type_.name} {body}"
        self.types[name] = type_
        return name

    def selections(self, type_: Composite, depth: int) -> str:
        """`{ … }`, never empty."""
        return "{ " + " ".join(self._selection(type_, depth) for _ in range(self.random.randint(1, 5))) + " }"

    def _selection(self, type_: Composite, depth: int) -> str:
        dice = self.random.random()
        if dice < 0.06 or isinstance(type_, GraphQLUnionType):
            return f"{self._alias('__typename')}__typename{self._conditions()}"
        if dice < 0.16:
            return self._inline(type_, depth)
        if dice < 0.26 and (name := self._fitting(type_)):
            return f"...{name} {self._conditions()}"
        names = [name for name in type_.fields if name != "_service" or depth == 0]
        plain = [name for name in names if not is_composite_type(get_named_type(type_.fields[name].type))]
        name = self.random.choice(names if depth < DEEPEST else plain or ["__typename"])
        return self._field(name, type_.fields[name], depth) if name != "__typename" else name

    def _inline(self, type_: Composite, depth: int) -> str:
        possible: list[Composite] = [type_]
        if isinstance(type_, GraphQLInterfaceType):
            possible += self.schema.get_possible_types(type_)
        elif isinstance(type_, GraphQLObjectType):
            possible += type_.interfaces
        on = self.random.choice(possible)
        condition = f"on {on.name}" if on is not type_ or self.random.random() < 0.5 else ""
        return f"... {condition} {self._conditions()} {self.selections(on, depth + 1)}"

    def _fitting(self, type_: Composite) -> str | None:
        names = [name for name, on in self.types.items() if self._overlaps(on, type_)]
        return self.random.choice(names) if names else None

    def _overlaps(self, first: Composite, second: Composite) -> bool:
        def possible(type_: Composite) -> set[str]:
            if isinstance(type_, GraphQLObjectType):
                return {type_.name}
            return {one.name for one in self.schema.get_possible_types(type_)}

        return bool(possible(first) & possible(second))

    def _field(self, name: str, definition: GraphQLField, depth: int) -> str:
        arguments = self._arguments(definition)
        alias = self._alias(name, arguments)
        named = get_named_type(definition.type)
        below = self.selections(named, depth + 1) if isinstance(named, Composite) else ""
        return f"{alias}{name}{arguments}{self._conditions()} {below}"

    def _alias(self, name: str, arguments: str = "") -> str:
        # the same name for the same arguments, so that fields merge instead of conflicting
        if arguments:
            return f"{name.strip('_')}_{crc32(arguments.encode())}: "
        return f"a_{name.strip('_')}: " if self.random.random() < 0.2 else ""

    def _arguments(self, definition: GraphQLField) -> str:
        given = [
            f"{name}: {self._value(argument.type, name)}"
            for name, argument in definition.args.items()
            if is_required_argument(argument) or self.random.random() < 0.5
        ]
        return f"({', '.join(given)})" if given else ""

    def _conditions(self) -> str:
        if self.random.random() > 0.15:
            return ""
        directive = self.random.choice(["skip", "include"])
        value = self._boolean()
        return f" @{directive}(if: {value})"

    def _boolean(self) -> str:
        dice = self.random.random()
        return self._variable("Boolean!", dice < 0.2) if dice < 0.4 else "true" if dice < 0.7 else "false"

    def _variable(self, kind: str, value: object, default: str = "") -> str:
        name = f"v{len(self.definitions)}"
        self.definitions[name] = kind + default
        self.variables[name] = value
        return f"${name}"

    def _value(self, type_: Any, name: str) -> str:  # any input type
        if not is_non_null_type(type_) and self.random.random() < 0.1:
            return "null"
        inner = type_.of_type if is_non_null_type(type_) else type_
        if is_list_type(inner):
            return self._list(type_, inner, name)
        if isinstance(inner, GraphQLEnumType):
            return str(self.random.choice(list(inner.values)))
        if isinstance(inner, GraphQLInputObjectType):
            parts = [
                f"{part}: {self._value(one.type, part)}"
                for part, one in inner.fields.items()
                if self.random.random() < 0.3
            ]
            return "{" + ", ".join(parts) + "}"
        return self._scalar(type_, inner.name, name)

    def _list(self, type_: GraphQLInputType, inner: Any, name: str) -> str:
        if name == "representations":
            kinds = ["Task", "Media", "Seed", "Cost"]
            given: list[object] = [
                {"__typename": self.random.choice(kinds), "id": self.random.choice(IDS)} for _ in range(3)
            ]
            return self._variable(str(type_), [*given, "Task", {"id": 5}][: self.random.randint(0, 5)])
        if name == "ids" and self.random.random() < 0.5:
            return self._variable(str(type_), self.random.choices(IDS, k=self.random.randint(0, 6)))
        if self.random.random() < 0.2:
            value = self._value(inner.of_type, name)
            return f"[{value}]" if value.startswith("$") else value  # a single value stands for a list of it
        items = (self._value(inner.of_type, name) for _ in range(self.random.randint(0, 4)))
        return "[" + ", ".join(items) + "]"

    def _scalar(self, type_: GraphQLInputType, kind: str, name: str) -> str:
        match kind:
            case "ID":
                text = self.random.choice(IDS)
                return self._variable(str(type_), text) if self.random.random() < 0.5 else f'"{text}"'
            case "Int":
                number = self.random.choice([1, 2, 20, 100, 0, 101])
                return self._variable("Int", number, " = 3") if self.random.random() < 0.5 else str(number)
            case "Boolean":
                return self._boolean()
            case "DateTime":
                return self.random.choice(['"2024-05-22T12:02:00Z"', '"2030-01-01T00:00:00Z"'])
            case _:
                return f'"{name}"'
