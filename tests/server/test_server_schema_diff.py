"""What counts as a change of the schema, and what is no schema at all."""

from __future__ import annotations

import pytest

from server import schema_diff

OLD = """type Query { task(id: ID!, deep: Boolean = true): Task }
type Task { id: ID! status: Status progress: Int! }
enum Status { QUEUED DONE }
input New { a: Int b: Int }
"""

CHANGES = {
    "nothing": ("", "", []),
    "safe": (
        "progress: Int!",
        "progress: Int! more: Int",
        [["safe", "FIELD_ADDED", "Field Task.more was added."]],
    ),
    "dangerous": (
        "QUEUED DONE",
        "QUEUED DONE LOST",
        [["dangerous", "VALUE_ADDED_TO_ENUM", "Enum value Status.LOST was added."]],
    ),
    "breaking": (
        "progress: Int!",
        "",
        [["breaking", "FIELD_REMOVED", "Field Task.progress was removed."]],
    ),
    "nullable": (
        "progress: Int!",
        "progress: Int",
        [["breaking", "FIELD_CHANGED_KIND", "Field Task.progress changed type from Int! to Int."]],
    ),
    "one_of": (
        "input New {",
        "input New @oneOf {",
        [["breaking", "ONE_OF_ADDED", "New takes exactly one field."]],
    ),
    "routers": ("type Task {", 'type Task @key(fields: "id") @shareable {', []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_breaking_dangerous_or_safe(change: str) -> None:
    """Judged by what it does to those who send documents; what only routers read is no change."""
    before, after, expected = CHANGES[change]
    new = OLD.replace(before, after) if before else OLD

    found = schema_diff.changes(schema_diff.read(OLD), schema_diff.read(new))

    assert [[one.severity.value, one.kind, one.description] for one in found] == expected


UNREADABLE = {
    "empty": ("", "Syntax Error: Unexpected <EOF>."),
    "unknown type": ("type Query { a: B }", "Query fields cannot be resolved. Unknown type: 'B'."),
    "query": ("query { a }", "there is no type Query"),
    "json": ('{"data": {}}', "JSON without `__schema`: expected an introspection result"),
    "part": ('{"__schema": {}}', "the introspection result is not whole"),
    "list": ("[1]", "Syntax Error: Unexpected '['."),
    "deep": (
        "type Query { a: " + "[" * 9_999,
        "Syntax Error: Document is nested too deeply. Parsing aborted.",
    ),
    "deep json": ('{"a":' * 9_999, "depth limit exceeded: line 1 column 5122 (char 5121)"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_schema_is_told_in_one_line(case: str) -> None:
    """Whatever the text is."""
    text, message = UNREADABLE[case]

    with pytest.raises(schema_diff.UnreadableSchema) as raised:
        schema_diff.read(text)

    assert str(raised.value) == message
