"""What hostile documents cost: the CPU of refusing each, beside that of a plain query of the same size.

    python -m benchmarks.attacks

Each runs through the whole engine, against no source: what is measured is the server's own work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.cost.calls import Prices
from engine.limits import Limits
from engine.operation import attached
from resolvers.context import RequestContext
from schema import schema


@dataclass(frozen=True, slots=True)
class Attack:
    """A request that should be refused. limit: the one that refuses it; None where it is just invalid."""

    name: str
    text: str
    limit: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)


def _nested(levels: int) -> str:
    return '{ task(id: "pixai:1") {' + " media { task {" * levels + " id" + "}}" * levels + "} }"


def _numbered(template: str, count: int, between: str = " ") -> str:
    return between.join(template.replace("#", str(index)) for index in range(count))


def _fragments(body: str, count: int, last: str, on: str = "Query") -> str:
    """Each spreads the next one: @ stands for its name."""
    chain = (
        f"fragment f{index} on {on} {{ {body.replace('@', f'f{index + 1}')} }} " for index in range(count)
    )
    return "".join(chain) + f"fragment f{count} on {on} {{ {last} }}"


TASK = '{ task(id: "pixai:1") { ...f0 } } '
IDS = [f"pixai:{number}" for number in range(10_000)]

ATTACKS = (
    Attack("media and task, eleven deep", _nested(11), "depth"),
    Attack("media and task, eight deep", _nested(8), "fields"),
    Attack("media and task, 40 deep", _nested(40), "nesting"),
    Attack("4,000 aliases of a task", "{" + _numbered('a#: task(id: "x") { id }', 4_000) + "}", "tokens"),
    Attack("300 aliases of a task", "{" + _numbered('a#: task(id: "x") { id }', 300) + "}", "aliases"),
    Attack("500 schemas", "{" + _numbered("a#: __schema { types { name } }", 500) + "}", "tokens"),
    Attack(
        "60 whole schemas",
        "{" + _numbered("a#: __schema { types { fields { name args { name type { name } } } } }", 60) + "}",
        "introspection",
    ),
    Attack("200 pages", "{" + _numbered("a#: tasks(first: 100) { nodes { id } }", 200) + "}", "aliases"),
    Attack(
        "150 pages", "{" + _numbered("a#: tasks(first: 100) { nodes { id provider } }", 150) + "}", "fields"
    ),
    Attack(
        "30 pages with the seeds of each",
        "{" + _numbered("a#: tasks(first: 100) { edges { node { seeds { value } } } }", 30) + "}",
        "calls",
    ),
    Attack(
        "40 aliases of raw of 10,000 ids",
        "query ($ids: [ID!]!) {" + _numbered("a#: tasksById(ids: $ids) { raw }", 40) + "}",
        "fields",
        {"ids": IDS},
    ),
    Attack(
        "3,000 ids of Meshy",
        "query ($ids: [ID!]!) { tasksById(ids: $ids) { id } }",
        "calls",
        {"ids": [f"meshy:{number}" for number in range(3_000)]},
    ),
    Attack(
        "doubling fragments with aliases",
        TASK + _fragments("media { a: task { ...@ } b: task { ...@ } }", 8, "id", "Task"),
        "fields",
    ),
    Attack(
        "many ways to merge",
        "{ ...f0 ...f1 ...f2 ...f3 } "
        + _numbered(
            "fragment f# on Query { " + _numbered("...g% @include(if: $v%)".replace("%", "#"), 25) + " }", 4
        ),
        None,
    ),
    Attack("a fragment that holds itself", "{ ...f } fragment f on Query { ...f }", None),
    Attack(
        "a fragment that holds itself further down",
        TASK + "fragment f0 on Task { media { task { ...f0 } } }",
        None,
    ),
    Attack("a chain of 400 fragments", "{ ...f0 } " + _fragments("...@", 400, "__typename"), "overlaps"),
    Attack(
        "a chain of 200 fragments, each a level deeper",
        TASK + _fragments("cover { task { ...@ } }", 200, "id", "Task"),
        "depth",
    ),
    Attack("1,000,000 commas", "{ __typename" + "," * 1_000_000 + "}", "document"),
    Attack("200,000 commas and braces", "{ __typename" + "," * 200_000 + "}}", None),
    Attack("200,000 comments", "{ __typename }" + "#\n" * 100_000, "tokens"),
    Attack("1,000,000 brackets", "{" * 1_000_000, "document"),
    Attack("100,000 brackets", "{a" * 100_000, "nesting"),
    Attack("a list 200 deep", "{ task(id: " + "[" * 200 + "]" * 200 + ") { id } }", "nesting"),
    Attack("an object 200 deep", "{ tasks(filter: " + "{a:" * 200 + "1" + "}" * 200 + ") { x } }", "nesting"),
    Attack("a list of 3,900 numbers", "{ task(id: [" + "1 " * 3_900 + "]) { id } }", None),
    Attack(
        "600 variables",
        "query (" + _numbered("$v#: Int", 600) + ") { __typename }",
        None,
    ),
    Attack("700 operations", _numbered("query q# { __typename }", 700), "operations"),
    Attack("500 directives", "{ __typename" + " @skip(if: false)" * 500 + "}", "directives"),
    Attack("3,900 fields of one name", '{ task(id: "x") {' + "id " * 3_900 + "} }", "overlaps"),
    Attack("200 root fields of one name", "{" + 'task(id: "x") { id } ' * 200 + "}", "overlaps"),
    Attack("900 root fields of one name", "{" + "providers { provider } " * 900 + "}", "root_fields"),
    Attack(
        "200 fragments beside each other",
        "{" + _numbered("...f#", 200) + "}" + _numbered('fragment f# on Query { task(id: "x") { id } }', 200),
        "overlaps",
    ),
    Attack(
        "fields that conflict all over",
        "{" + _numbered('task(id: "#") { a: id b: provider }', 70) + "}",
        None,
    ),
    Attack("unknown fields", "{" + _numbered("nothing#", 3_900) + "}", "root_fields"),
    Attack("unknown fields further down", '{ task(id: "x") {' + _numbered("nothing#", 3_900) + "} }", None),
    Attack("a name of 200,000 letters", "{" + "a" * 200_000 + "}", "name"),
    Attack("a name of 1,000,000 letters", "{" + "a" * 1_000_000 + "}", "document"),
    Attack("a text without an end", '{ task(id: """' + '\\"""' * 50_000, None),
    Attack("a text of 200,000 quotes", "{ task(id: " + '"' * 200_000 + ") { id } }", "tokens"),
)


async def main() -> None:
    """Print a line for each."""
    print(f"{'attack':<52} {'characters':>10} {'refused in':>12} {'a plain query takes':>20}")
    for attack in ATTACKS:
        spent = await _cpu(attack.text, attack.variables)
        plain = await _cpu(_plain(len(attack.text)), {})
        print(f"{attack.name:<52} {len(attack.text):>10,} {spent * 1000:>9.1f} ms {plain * 1000:>17.1f} ms")


def _plain(size: int) -> str:
    # as long, and valid as long as the limits let it
    fields = _numbered('a#: task(id: "pixai:1") { id status provider createdAt progress }', 100)
    return "{ " + fields[: max(0, size - 30)].rpartition(" a")[0] + " providers { provider } }"


async def _cpu(text: str, variables: Mapping[str, Any]) -> float:
    graph = attached(schema, Limits(), Prices())
    best = []
    for _ in range(3):
        started = time.process_time()
        await graph.execute(text, variable_values=dict(variables), context_value=RequestContext({}))
        best.append(time.process_time() - started)
        text += " "  # not the same text: nothing is kept
    return min(best)


if __name__ == "__main__":
    asyncio.run(main())
