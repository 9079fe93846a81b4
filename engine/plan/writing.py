"""An object's fields as one Python function, written as source and compiled once per document.

    fragment F on Task { id status media { id url } }

    def fill(r, path, run):
        try:
            a0 = r.id
            a1 = r.status
            a2 = r.media
        except Exception: return guarded0()(r, path, run)      # where each attribute fails for itself
        run.fields += 3
        out = {}
        v = a0
        out['id'] = v if v.__class__ is str else run.complete_field(site0, v, path)
        v = a1
        out["status"] = names_TaskStatus[v] if v.__class__ is class_TaskStatus else run.complete_field(…)
        v = a2
        if v.__class__ is tuple and known2.issuperset(map(type, v)):
            out['media'] = [fill3(x, (path, 'media', i), run) for i, x in enumerate(v)]
        else:
            out['media'] = run.complete_field(site2, v, path)
        return out

Source rather than closures, because a field is then a few bytecodes instead of a call: measured in
docs/engine.md. Whatever is not as it should be takes `run.complete_field`, which does what graphql-core does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    GraphQLObjectType,
    GraphQLType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from engine.plan.leaves import Leaf, leaf
from engine.plan.shape import Bubble, Site
from resolvers.need import Need
from schema.field import Attribute, as_loaded

Fill: TypeAlias = Callable[[Any, Any, Any], Any]  # record, path, run -> the object


class Shown(NamedTuple):
    """A leaf that is in hand, under `key`. attribute: of the record; None: `leaf` is a constant."""

    key: str
    attribute: str | None
    leaf: Leaf


class Flat:
    """An object of nothing but leaves, as code. prefix: of the names that their values have.

    reads: what gives them their names, from a record of that name. condition: whether all of them are as they
    should be. size: characters that are counted; "": none. shown: the object.
    """

    def __init__(self, leaves: list[Shown], record: str, prefix: str) -> None:
        named = [(one, f"{prefix}{index}") for index, one in enumerate(leaves)]
        read = [(one, name) for one, name in named if one.attribute is not None]
        self.reads = [f"{name} = {record}.{one.attribute}" for one, name in read]
        self.condition = " and ".join(f"({one.leaf.condition_of(name)})" for one, name in read)
        self.size = " + ".join(f"len({name})" for one, name in read if one.leaf.is_long)
        self.shown = (
            "{" + ", ".join(f"{one.key!r}: {one.leaf.expression_of(name)}" for one, name in named) + "}"
        )


class Writer:
    """Writes one function. known: the classes whose records a type shows, learned while running.

    flat: what a function that was written before shows, if it is nothing but leaves.
    """

    def __init__(
        self,
        name: str,
        known: Callable[[GraphQLObjectType], set[type]],
        flat: Callable[[Fill], list[Shown] | None],
    ) -> None:
        self._lines: list[str] = []
        self._names: dict[str, object] = {"Need": Need, "Bubble": Bubble}
        self._known = known
        self._flat = flat
        self._name = name

    def function(self, header: str, body: Iterable[str]) -> None:
        """One function of the module."""
        self._lines += [header, *(f"    {line}" for line in body)]

    def compiled(self) -> Any:
        """The function `fill` that was written."""
        code = _compiled("\n".join(self._lines), f"<plan {self._name}>")
        exec(code, self._names)  # noqa: S102 - written here, of names that are identifiers by GraphQL's grammar
        # not among its own globals: a plan that is dropped leaves no cycle, and is free without the collector
        return self._names.pop("fill")

    def name(self, value: object, prefix: str) -> str:
        """A name for an object that the code uses."""
        name = f"{prefix}{len(self._names)}"
        self._names[name] = value
        return name

    def arguments(self, site: Site) -> str:
        """An expression for the field's arguments."""
        if site.fixed is not None and not site.given:
            return self.name(site.fixed, "fixed")
        return f"run.arguments({self.name(site, 'site')})"

    def leaf(self, site: Site, attribute: str) -> list[Shown]:
        """How an attribute is shown; [] where it is no leaf, or has no short way."""
        type_ = get_nullable_type(site.type)
        short = leaf(type_) if is_leaf_type(type_) else None
        if short is None:
            return []
        self._names.update(short.names)
        return [Shown(site.key, attribute, short)]

    def at_once(self, leaves: list[Shown], prefix: str) -> list[str]:
        """An object of nothing but leaves, where all of them are as they should be; they are read already."""
        flat = Flat(leaves, "r", prefix)
        return [
            f"if {flat.condition}:",
            f"    run.fields += {len(leaves)}",
            *([f"    run.size += {flat.size}"] if flat.size else ()),
            f"    return {flat.shown}",
        ]

    def complete(self, site: Site, target: str, fill: Fill | None) -> list[str]:
        """`v`, the field's value, shown at `target`. fill: of the objects below, where they have one type."""
        at = self.name(site, "site")
        general = f"run.complete_field({at}, v, path)"
        if site.is_nullable:
            general = f"None if v is None else {general}"
        type_ = get_nullable_type(site.type)
        if is_leaf_type(type_) and (short := leaf(type_)) is not None:
            self._names.update(short.names)
            if short.is_long:
                return [
                    f"if {short.condition_of('v')}:",
                    f"    {target} = v",
                    "    run.size += len(v)",
                    f"else: {target} = {general}",
                ]
            return [f"{target} = {short.expression_of('v')} if {short.condition_of('v')} else {general}"]
        if is_object_type(type_) and fill is not None:
            return self._object(site, type_, target, general, fill)
        if _is_list_of_objects(type_) and fill is not None:
            return self._list(site, type_, target, general, fill)
        return [f"{target} = {general}"]

    def complete_item(self, site: Site, target: str, fill: Fill | None) -> list[str]:
        """`v`, one item of the list that the field is, shown at `target`; `path` is the item's own."""
        general = f"run.complete_item({self.name(site, 'site')}, v, path)"
        type_ = get_nullable_type(site.type)
        if not is_list_type(type_) or not is_object_type(type_.of_type) or fill is None:
            return [f"{target} = {general}"]
        known, show = self.name(self._known(type_.of_type), "known"), self.name(fill, "fill")
        return [
            f"if v.__class__ in {known}:",
            *(f"    {line}" for line in _caught(f"{target} = {show}(v, path, run)", target, "path")),
            f"else: {target} = None if v is None else {general}",
        ]

    def read_at_once(self, sites: Sequence[tuple[Site, Fill | None]]) -> list[str]:
        """The attributes of what was loaded, shown where it is there and none of them fails to be read."""
        reads, shown, nothing = [], [], []
        for index, (site, fill) in enumerate(sites):
            load, target = site.shape.load, f"out[{site.key!r}]"
            assert load is not None, "only loads are read"
            assert isinstance(load.then, Attribute), "which says what is read"
            reads.append(f"b{index} = loaded.{load.then.name}")
            shown += [f"v = b{index}", *self.complete(site, target, fill)]
            nothing.append(f"{target} = ")
        return [
            f"if loaded is None: {''.join(nothing)}None; return",
            "try:",
            *(f"    {read}" for read in reads),
            "except Exception: pass",  # the one that fails fails for itself, below
            "else:",
            *(f"    {line}" for line in shown),
            "    return",
        ]

    def followed(
        self, site: Site, chained: object, target: str, shown: list[str], *, is_item: bool = False
    ) -> list[str]:
        """What follows once `loaded` is there: `v` by the field's `then`, and then `shown`.

        chained: the group that is filled in where one Need more follows.
        """
        load = site.shape.load
        assert load is not None, "only loads are followed"
        if load.then is as_loaded:
            return ["v = loaded", *shown]
        if isinstance(load.then, Attribute):
            found = f"None if loaded is None else loaded.{load.then.name}"
        else:
            found = f"{self.name(load.then, 'then')}(loaded, r, {self.arguments(site)})"
        at = self.name(site, "site")
        failed = f"run.complete_item({at}, error, path)" if is_item else f"run.failed({at}, error, path)"
        return [
            f"try: v = {found}",
            f"except Exception as error: {target} = {failed}",
            "else:",
            f"    if v.__class__ is Need: run.need(v, {self.name(chained, 'group')}, r, out, path)",
            "    else:",
            *(f"        {line}" for line in shown),
        ]

    def guarded(self, site: Site, read: str, target: str, shown: list[str]) -> list[str]:
        """The same, where reading the value may fail."""
        at = self.name(site, "site")
        return [
            f"try: {read}",
            f"except Exception as error: {target} = run.failed({at}, error, path)",
            "else:",
            *(f"    {line}" for line in shown),
        ]

    def _object(
        self, site: Site, type_: GraphQLObjectType, target: str, general: str, fill: Fill
    ) -> list[str]:
        known, show = self.name(self._known(type_), "known"), self.name(fill, "fill")
        call = f"{show}(v, (path, {site.key!r}), run)"
        shown = [f"{target} = {call}"]
        if site.is_nullable:
            shown = _caught(shown[0], target, f"(path, {site.key!r})")
        return [
            f"if v.__class__ in {known}:",
            *(f"    {line}" for line in shown),
            f"else: {target} = {general}",
        ]

    def _list(self, site: Site, type_: Any, target: str, general: str, fill: Fill) -> list[str]:
        # only where no item may be null: a failure in one of them ends the list
        known, show = self.name(self._known(type_.of_type.of_type), "known"), self.name(fill, "fill")
        shown = [f"{target} = [{show}(x, (path, {site.key!r}, i), run) for i, x in enumerate(v)]"]
        if site.is_nullable:
            shown = _caught(shown[0], target, f"(path, {site.key!r})")
        leaves = self._flat(fill)
        if leaves is not None:
            shown = self._flat_list(leaves, target, shown)
        return [
            f"if (v.__class__ is tuple or v.__class__ is list) and {known}.issuperset(map(type, v)):",
            *(f"    {line}" for line in shown),
            f"else: {target} = {general}",
        ]

    def _flat_list(self, leaves: list[Shown], target: str, otherwise: list[str]) -> list[str]:
        # without a call and a place for each item, where every leaf of all of them is as it should be
        for one in leaves:
            self._names.update(one.leaf.names)
        flat = Flat(leaves, "x", "x")
        return [
            "items, size = [], 0",
            "try:",
            "    for x in v:",
            *(f"        {read}" for read in flat.reads),
            f"        if not ({flat.condition}): break",
            *([f"        size += {flat.size}"] if flat.size else ()),
            f"        items.append({flat.shown})",
            "    else:",
            f"        {target} = items",
            f"        run.fields += {len(leaves)} * len(items)",
            "        run.size += size",
            "        items = None",
            "except Exception: pass",
            "if items is not None:",
            *(f"    {line}" for line in otherwise),
        ]


@lru_cache(256)
def _compiled(source: str, name: str) -> CodeType:
    """The code alone: 40 aliases of one selection have the same, with other sites under the same names.

    Compiling takes most of the time of making a plan, and code most of its memory.
    """
    return compile(source, name, "exec")


def _caught(line: str, target: str, place: str) -> list[str]:
    return ["try:", f"    {line}", f"except Bubble as bubble: {target} = run.burst(bubble, {place})"]


def _is_list_of_objects(type_: GraphQLType) -> bool:
    return is_list_type(type_) and is_non_null_type(type_.of_type) and is_object_type(type_.of_type.of_type)
