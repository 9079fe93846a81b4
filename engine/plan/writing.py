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

from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from graphql import (
    GraphQLObjectType,
    GraphQLType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from engine.plan.leaves import leaf
from engine.plan.shape import Bubble, Site
from resolvers.need import Need

Fill: TypeAlias = Callable[[Any, Any, Any], Any]  # record, path, run -> the object


class Writer:
    """Writes one function. known: the classes whose records a type shows, learned while running."""

    def __init__(self, name: str, known: Callable[[GraphQLObjectType], set[type]]) -> None:
        self._lines: list[str] = []
        self._names: dict[str, object] = {"Need": Need, "Bubble": Bubble}
        self._known = known
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

    def complete(self, site: Site, target: str, fill: Fill | None) -> list[str]:
        """`v`, the field's value, shown at `target`. fill: of the objects below, where they have one type."""
        at = self.name(site, "site")
        general = f"run.complete_field({at}, v, path)"
        type_ = get_nullable_type(site.type)
        if is_leaf_type(type_) and (short := leaf(type_)) is not None:
            self._names.update(short.names)
            if short.is_long:
                return [
                    f"if {short.condition}:",
                    f"    {target} = v",
                    "    run.size += len(v)",
                    f"else: {target} = {general}",
                ]
            return [f"{target} = {short.expression} if {short.condition} else {general}"]
        if is_object_type(type_) and fill is not None:
            return self._object(site, type_, target, general, fill)
        if _is_list_of_objects(type_) and fill is not None:
            return self._list(site, type_, target, general, fill)
        return [f"{target} = {general}"]

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
            shown = _caught(shown[0], target, site)
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
            shown = _caught(shown[0], target, site)
        return [
            f"if (v.__class__ is tuple or v.__class__ is list) and {known}.issuperset(map(type, v)):",
            *(f"    {line}" for line in shown),
            f"else: {target} = {general}",
        ]


@lru_cache(256)
def _compiled(source: str, name: str) -> CodeType:
    """The code alone: 40 aliases of one selection have the same, with other sites under the same names.

    Compiling takes most of the time of making a plan, and code most of its memory.
    """
    return compile(source, name, "exec")


def _caught(line: str, target: str, site: Site) -> list[str]:
    burst = f"{target} = run.burst(bubble, (path, {site.key!r}))"
    return ["try:", f"    {line}", "except Bubble as bubble:", f"    {burst}"]


def _is_list_of_objects(type_: GraphQLType) -> bool:
    return is_list_type(type_) and is_non_null_type(type_.of_type) and is_object_type(type_.of_type.of_type)
