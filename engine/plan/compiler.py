"""An operation, compiled: one function per type and merged selections, from its root down."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from engine.plan import arguments
from engine.plan.leaves import constant
from engine.plan.shape import Site, shape
from engine.plan.target import Target
from engine.plan.writing import Fill, Shown, Writer
from schema.field import Attribute


class Unplanned(Exception):
    """What a plan does not know; the operation is executed by Strawberry."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Plan:
    """fill: the root's function. compiler: makes more of them while the plan runs.

    operation, fragments: as resolvers are handed them.
    """

    fill: Fill
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    compiler: Compiler


class Compiler:
    """Compiles one operation of a document with one set of conditions (`@skip`, `@include`)."""

    def __init__(
        self,
        target: Target,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._target = target
        self._schema = target.schema
        self._operation = operation
        self._variables = variables
        self._fragments = fragments(document)
        self._sites = 0
        self._fills: dict[tuple[str, tuple[int, ...], bool], Fill] = {}
        self._flat: dict[Fill, list[Shown]] = {}  # of those that are nothing but leaves

    def plan(self) -> Plan:
        """Raises Unplanned."""
        if self._operation.operation is not OperationType.QUERY:
            raise Unplanned(f"a {self._operation.operation.value}")
        root = self._schema.query_type
        assert root is not None, "a graph without queries"
        collected = collect_fields(self._schema, self._fragments, self._variables, root, self._operation)
        fill = self._fill(root, collected.grouped_field_set)
        definitions = {name: one.definition for name, one in self._fragments.items()}
        return Plan(fill, self._operation, definitions, self)

    def _fill(self, type_: GraphQLObjectType, grouped: GroupedFieldSet, *, guarded: bool = False) -> Fill:
        writer = self._writer(type_.name)
        reads: list[str] = []
        leaves: list[Shown] = []
        body = [f"run.fields += {len(grouped)}", "out = {}"]
        groups: dict[object, list[Site]] = {}
        for place, (key, details) in enumerate(grouped.items()):
            name = details[0].node.name.value
            if name == "__typename":
                body.append(f"out[{key!r}] = {type_.name!r}")
                leaves.append(Shown(key, None, constant(type_.name)))
                continue
            if name.startswith("__"):
                raise Unplanned("introspection")
            site = self._site(type_, key, details)
            if site.shape.attribute is not None and not guarded:
                reads.append(f"a{place} = r.{site.shape.attribute}")
                body += [f"v = a{place}", *writer.complete(site, f"out[{key!r}]", _only(site))]
                leaves += writer.leaf(site, site.shape.attribute)
            else:
                body += self._field(writer, site, groups)
        for sites in groups.values():
            body += self._group(writer, sites)
        if reads:
            again = writer.name(self._later(Compiler._fill, type_, grouped), "guarded")
            reads = [
                "try:",
                *(f"    {read}" for read in reads),
                f"except Exception: return {again}()(r, path, run)",
            ]
        is_flat = bool(reads) and len(leaves) == len(grouped)
        at_once = writer.at_once(leaves, "a") if is_flat else []
        writer.function("def fill(r, path, run):", [*reads, *at_once, *body, "return out"])
        made: Fill = writer.compiled()
        if is_flat:
            self._flat[made] = leaves
        return made

    def _writer(self, name: str) -> Writer:
        return Writer(name, self._target.known, self._flat.get)

    def _field(self, writer: Writer, site: Site, groups: dict[object, list[Site]]) -> list[str]:
        target = f"out[{site.key!r}]"
        if site.shape.attribute is not None:
            read, shown = f"v = r.{site.shape.attribute}", writer.complete(site, target, _only(site))
            return writer.guarded(site, read, target, shown)
        if site.shape.computed is not None:
            read = f"v = {writer.name(site.shape.computed, 'compute')}(r)"
            return writer.guarded(site, read, target, writer.complete(site, target, _only(site)))
        load = site.shape.load
        if load is None:
            if site.parent is not self._schema.query_type and _may_wait(site):
                raise Unplanned(f"{site.parent}.{site.nodes[0].name.value} waits by itself")
            return [f"{target} = run.call({writer.name(site, 'site')}, r, out, path)"]
        if load.over is not None:
            item = self._item(site)
            return [
                f"{target} = run.load_list({writer.name(site, 'site')}, {writer.name(item, 'item')}, path)"
            ]
        if not site.is_nullable:
            raise Unplanned(f"{site.parent}.{site.nodes[0].name.value} waits, and may not be null")
        groups.setdefault(load.key if load.is_shared else site, []).append(site)
        return [f"{target} = None"]

    def _group(self, writer: Writer, sites: list[Site]) -> list[str]:
        """Fields that wait for the same: one key, one entry, one function that fills them all in."""
        load = sites[0].shape.load
        assert load is not None, "only loads are grouped"
        key, group = writer.name(load.key, "key"), writer.name(Group(sites, self._filled(sites)), "group")
        given = "{}" if len(sites) > 1 else writer.arguments(sites[0])
        asked = f"{key}(r, {given}, run.context)"
        held = None if load.in_hand is None else f"r.{load.in_hand}"
        return [
            f"try: need = {asked if held is None else f'{asked} if {held} is None else {held}'}",
            f"except Exception as error: run.fail_all({group}, error, out, path)",
            "else:",
            f"    if need.__class__ is Need: run.need(need, {group}, r, out, path)",
            f"    else: {group}.fill(need, r, out, path, run)",
        ]

    def _filled(self, sites: list[Site]) -> Callable[..., None]:
        writer = self._writer("group")
        body: list[str] = []
        if all(isinstance(one.shape.load and one.shape.load.then, Attribute) for one in sites):
            body = writer.read_at_once([(site, _only(site)) for site in sites])
        for site in sites:
            target = f"out[{site.key!r}]"
            shown = writer.complete(site, target, _only(site))
            body += writer.followed(site, Group([site], _chained(site)), target, shown)
        writer.function("def fill(loaded, r, out, path, run):", body)
        made: Callable[..., None] = writer.compiled()
        return made

    def _item(self, site: Site) -> Group:
        """Fills in one item of a list by ids; the item's own path ends in its index."""

        def fill_chained(value: Any, _item: Any, out: Any, path: Any, run: Any) -> None:
            out[path[-1]] = run.complete_item(site, value, path)

        writer = self._writer("item")
        target = "out[path[-1]]"
        shown = writer.complete_item(site, target, _only(site))
        body = writer.followed(site, Group([site], fill_chained, is_item=True), target, shown, is_item=True)
        writer.function("def fill(loaded, r, out, path, run):", body)
        return Group([site], writer.compiled(), is_item=True)

    def _site(self, parent: GraphQLObjectType, key: str, details: list[FieldDetails]) -> Site:
        nodes = [one.node for one in details]
        node = nodes[0]
        found = shape(self._schema, parent, node.name.value)
        site = Site(key, nodes, parent, found, self._sites)
        self._sites += 1
        arguments.prepare(site, self._target, self._variables)
        named = get_named_type(found.definition.type)
        for below in self._possible(named):
            site.plans[below.name] = self._below(below, details)
            site.guarded[below.name] = self._later(Compiler._below, below, details)
        return site

    def _later(self, make: Callable[..., Fill], *what: object) -> Later:
        return Later(weakref.ref(self), make, what)

    def _possible(self, named: GraphQLNamedType) -> list[GraphQLObjectType]:
        if is_abstract_type(named):
            return list(self._schema.get_possible_types(named))
        return [named] if is_object_type(named) else []

    def _below(self, type_: GraphQLObjectType, details: list[FieldDetails], *, guarded: bool = False) -> Fill:
        place = (type_.name, tuple(id(one.node) for one in details), guarded)
        found = self._fills.get(place)
        if found is None:
            collected = collect_subfields(
                self._schema, self._fragments, self._variables, self._operation, type_, details
            )
            found = self._fills[place] = self._fill(type_, collected.grouped_field_set, guarded=guarded)
        return found


@dataclass(eq=False, slots=True)
class Later:
    """Makes a guarded function when it is first needed, as hardly one ever is.

    It holds the compiler weakly: the plan holds it, and if its functions did, too, a plan that is dropped
    would wait for the collector.
    """

    compiler: weakref.ref[Compiler]
    make: Callable[..., Fill]
    what: tuple[object, ...]
    made: Fill | None = None

    def __call__(self) -> Fill:
        """The function."""
        if self.made is None:
            compiler = self.compiler()
            assert compiler is not None, "the plan that runs holds it"
            self.made = self.make(compiler, *self.what, guarded=True)
        return self.made


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are filled in together once their need is there. is_item: one item of a list."""

    sites: list[Site]
    fill: Callable[..., None]
    is_item: bool = False


def _may_wait(site: Site) -> bool:
    found = site.shape.strawberry
    return found is None or found.base_resolver is None or found.base_resolver.is_async


def _chained(site: Site) -> Callable[..., None]:
    def fill(value: Any, _record: Any, out: Any, path: Any, run: Any) -> None:
        out[site.key] = run.complete_field(site, value, path)

    return fill


def _only(site: Site) -> Fill | None:
    return next(iter(site.plans.values())) if len(site.plans) == 1 else None


def fragments(document: DocumentNode) -> dict[str, FragmentDetails]:
    """By name, as graphql-core's executor holds them."""
    return {
        one.name.value: FragmentDetails(one)
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
