"""Fields that wait are declarations: everything else is an attribute of its record, or named here."""

from strawberry.types.base import StrawberryObjectDefinition

from schema import schema
from schema.field import METADATA, Load

VIEWS = ("Task", "Media", "Seed", "MediaUrl", "TaskFailure", "Cost", "TaskAction", "SourceError")


def fields(*types: str) -> dict[str, Load | None]:
    """Every field that has a resolver, by name: what it waits for, or None where it is called."""
    return {
        f"{name}.{field.python_name}": field.metadata.get(METADATA)
        for name in types
        for field in definition(name).fields
        if field.base_resolver
    }


def definition(name: str) -> StrawberryObjectDefinition:
    """Strawberry's, of one type."""
    found = schema.get_type_by_name(name)
    assert isinstance(found, StrawberryObjectDefinition)
    return found


def test_every_field_of_a_record_is_an_attribute_or_a_declaration() -> None:
    """Nothing of a record is called: what waits can be collected, a whole wave at a time."""
    found = fields(*VIEWS)

    assert sorted(found) == [
        "Media.aspect_ratio",
        "Media.content_type",
        "Media.expires_at",
        "Media.height",
        "Media.kind",
        "Media.permalink",
        "Media.seed",
        "Media.task",
        "Media.url",
        "Media.urls",
        "Media.width",
        "Seed.task",
        "Task.seeds",
    ]
    assert all(isinstance(load, Load) for load in found.values())


def test_every_look_up_at_the_root_is_a_declaration() -> None:
    """Only the list and the providers are calls."""
    found = {name: load for name, load in fields("Query").items() if not name.startswith("Query._")}

    assert [name for name, load in found.items() if load is None] == ["Query.tasks", "Query.providers"]
    assert {name: load.over for name, load in found.items() if load is not None} == {
        "Query.node": None,
        "Query.nodes": "ids",
        "Query.task": None,
        "Query.tasks_by_id": "ids",
        "Query.media": None,
        "Query.media_by_id": "ids",
        "Query.seed": None,
    }
