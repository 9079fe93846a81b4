"""Upstream calls after batching: what the ids of an operation, and the fields under them, ask of each source.

An id says whose it is, so that its price is known before anybody is asked:

             PixAI               Meshy     Midjourney
    task     1 for each chunk    1         1 for each chunk
    media    1 for each chunk    1         1 for each chunk (by its task)
    seeds    with the task       none      1

Keys that the same loader takes meet in its batches, whatever aliases they stand under. What comes with a task
(its media's ids, at Meshy and Midjourney also their details) costs nothing more. A page of `tasks` asks each
source for its list; who its rows belong to is not known, so the dearest source counts. A write is a call (an
upload three), and what it made is looked up afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from engine.cost import sizes
from engine.cost.formula import Cost
from engine.cost.sizes import Size, Variables
from loaders import midjourney
from loaders.ids import Kind
from loaders.records import Provider

# the argument that brings ids, and the type they have where they do not say it
BY_ID: dict[str, tuple[str, Kind | None]] = {
    "task": ("id", Kind.TASK),
    "tasksById": ("ids", Kind.TASK),
    "media": ("id", Kind.MEDIA),
    "mediaById": ("ids", Kind.MEDIA),
    "seed": ("id", Kind.SEED),
    "node": ("id", None),
    "nodes": ("ids", None),
    "_entities": ("representations", None),
    "taskUpdated": ("id", Kind.TASK),
    "tasksUpdated": ("ids", Kind.TASK),
    "rerunTask": ("id", Kind.TASK),
    "performAction": ("taskId", Kind.TASK),
}
# calls of each write, and the field of its payload that is looked up
WRITES: dict[str, tuple[int, str]] = {
    "createTask": (1, "CreateTaskPayload.task"),
    "rerunTask": (1, "RerunTaskPayload.task"),
    "performAction": (1, "PerformActionPayload.task"),
    "cancelTask": (1, "CancelTaskPayload.task"),
    "deleteTask": (1, ""),
    "uploadMedia": (3, "UploadMediaPayload.media"),
}
FREE = frozenset({"providers", "_service", "__typename", "__schema", "__type"})

DETAILS = frozenset(
    f"Media.{name}"
    for name in ("kind", "width", "height", "aspectRatio", "contentType", "urls", "url", "expiresAt")
)
TASKS = frozenset({"Media.task", "Seed.task"})
SEEDS = frozenset({"Task.seeds", "Media.seed"})
PICTURES = 5  # of a task: four results and a cover
MOST = 3 + PICTURES  # calls that no id exceeds: its media, task and seeds, and each of the task's pictures
PAGE = 50  # rows that one list call brings


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """How many keys a call takes. scan_pages: list calls to one source for one page, at most."""

    pixai_chunk: int = 25
    midjourney_chunk: int = midjourney.CHUNK
    scan_pages: int = 5


@dataclass(frozen=True, slots=True)
class Root:
    """A root field, and what is selected under it. condition: None where it is always there.

    own: what is selected on its objects themselves; below: on objects under them.
    """

    node: FieldNode
    cost: InitVar[Sequence[Cost]]
    condition: Size | None = None
    own: frozenset[str] = field(init=False)
    below: frozenset[str] = field(init=False)

    def __post_init__(self, cost: Sequence[Cost]) -> None:
        object.__setattr__(self, "own", frozenset().union(*(one.loads for one in cost)))
        object.__setattr__(self, "below", frozenset().union(*(one.below for one in cost)))


def is_single(root: Root) -> bool:
    """Whether it looks one id up, whatever the variables."""
    name = BY_ID.get(root.node.name.value, ("", None))[0]
    return name in {"id", "taskId"} and root.node.name.value not in WRITES


def count(roots: Sequence[Root], variables: Variables, prices: Prices) -> int:
    """The number of calls, at worst."""
    if not roots:
        return 0
    keys: Counter[tuple[str, Provider]] = Counter()
    known: dict[tuple[str, Kind | None], dict[tuple[Kind, Provider], int]] = {}  # of a variable
    calls = 0
    for root in roots:
        if root.condition is not None and not root.condition.of(variables):
            continue
        name = root.node.name.value
        if name in WRITES:
            calls += _written(name, root)
        if name == "tasks":
            calls += _page(root, variables, prices)
        elif name in BY_ID:
            _look_up(root, variables, keys, known)
    return calls + sum(of_keys(what, provider, number, prices) for (what, provider), number in keys.items())


def _written(name: str, root: Root) -> int:
    # whose task it is, is not looked at: the dearest source counts
    calls, shown = WRITES[name]
    if shown not in root.own:
        return calls
    below = root.below
    return calls + 1 + bool(below & DETAILS) + bool(below & SEEDS)


def _look_up(
    root: Root,
    variables: Variables,
    keys: Counter[tuple[str, Provider]],
    known: dict[tuple[str, Kind | None], dict[tuple[Kind, Provider], int]],
) -> None:
    name, kind = BY_ID[root.node.name.value]
    wanted = root.own | root.below
    argument = sizes.argument(root.node, name)
    key = (argument.name.value, kind) if isinstance(argument, VariableNode) else None
    found = known.get(key) if key else None
    if found is None:
        found = _owners(_texts(argument, variables), kind)
    if key:
        known[key] = found
    for (what, provider), number in found.items():
        keys[("media" if what is Kind.MEDIA else "task"), provider] += number
        if what is Kind.MEDIA and wanted & (TASKS | {"Media.seed"}):
            keys["task", provider] += number
        # a picture that was asked for by its id has its details
        needing = root.below if what is Kind.MEDIA else wanted
        if needing & DETAILS and provider is Provider.PIXAI:
            keys["media", provider] += PICTURES * number
        if (what is Kind.SEED or wanted & SEEDS) and provider is Provider.MIDJOURNEY:
            keys["seeds", provider] += number


def _page(root: Root, variables: Variables, prices: Prices) -> int:
    rows = sizes.Sliced(sizes.argument(root.node, "first"), 20).of(variables)
    where = _object(sizes.argument(root.node, "filter"), variables)
    sources = _sources(where.get("providers"))
    if isinstance(ids := where.get("providerIds"), list):
        keys = {("task", source): len(ids) for source in sources}
        listed = sum(of_keys(what, source, number, prices) for (what, source), number in keys.items())
        rows = min(rows, len(ids))
    else:
        is_narrowed = any(value is not None for key, value in where.items() if key != "providers")
        listed = len(sources) * (prices.scan_pages if is_narrowed else max(1, -(-rows // PAGE)))
    below = root.below
    details = of_keys("media", Provider.PIXAI, rows * PICTURES, prices) if below & DETAILS else 0
    seeds = rows if below & SEEDS else 0
    return listed + max(details * (Provider.PIXAI in sources), seeds * (Provider.MIDJOURNEY in sources))


def of_keys(what: str, provider: Provider, keys: int, prices: Prices) -> int:
    """The calls that so many keys of one loader take."""
    chunk = {Provider.PIXAI: prices.pixai_chunk, Provider.MIDJOURNEY: prices.midjourney_chunk}.get(
        provider, 1
    )
    return keys if what == "seeds" else -(-keys // chunk)


def _owners(texts: Iterable[str], kind: Kind | None) -> dict[tuple[Kind, Provider], int]:
    # media:pixai:1, or pixai:1 where the argument says which type; what is no id is refused without a call
    found: Counter[tuple[Kind, Provider]] = Counter()
    distinct = set(texts)
    for head, number in Counter([text.partition(":")[0] for text in distinct]).items():
        if (provider := _PROVIDERS.get(head)) is not None and kind is not None:
            found[kind, provider] += number
        elif (named := _KINDS.get(head)) is not None:
            start = len(head) + 1
            rest = (text[start:].partition(":")[0] for text in distinct if text.startswith(f"{head}:"))
            found.update((named, _PROVIDERS[one]) for one in rest if one in _PROVIDERS)
    return found


def _texts(value: ValueNode | None, variables: Variables) -> list[str]:
    if isinstance(value, ListValueNode):
        return [text for item in value.values for text in _texts(item, variables)]
    found = _object(value, variables) if isinstance(value, ObjectValueNode) else sizes.plain(value, variables)
    ids = [
        one.get("id") if isinstance(one, dict) else one
        for one in (found if isinstance(found, list) else [found])
    ]
    return [one for one in ids if isinstance(one, str)]


def _object(value: ValueNode | None, variables: Variables) -> dict[str, Any]:
    if isinstance(value, ObjectValueNode):
        return dict(value_from_ast_untyped(value, dict(variables)))
    found = sizes.plain(value, variables)
    return found if isinstance(found, dict) else {}


def _sources(named: object) -> list[Provider]:
    if isinstance(named, str):
        named = [named]
    return [one for one in Provider if not isinstance(named, list) or one.value in named]


_KINDS = {kind.value: kind for kind in Kind}
_PROVIDERS = {provider.value.lower(): provider for provider in Provider}
