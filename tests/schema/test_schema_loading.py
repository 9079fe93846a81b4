"""Fields that wait say what they wait for."""

from schema.loading import Loads
from strawberry.types.base import StrawberryObjectDefinition

from schema import schema


def test_every_waiting_field_names_its_loader() -> None:
    """The loader and the key's attribute stand on the field itself, and on no other."""
    waiting = {
        f"{name}.{field.python_name}": field.metadata["loads"]
        for name in ("Task", "Media", "Seed")
        for field in _definition(name).fields
        if "loads" in field.metadata
    }

    details = Loads("media", key="key")
    assert waiting == {
        "Task.seeds": Loads("seed", key="key"),
        "Media.kind": details,
        "Media.width": details,
        "Media.height": details,
        "Media.content_type": details,
        "Media.urls": details,
        "Media.url": details,
        "Media.expires_at": details,
        "Media.task": Loads("task", key="task_key"),
        "Media.seed": Loads("seed", key="task_key"),
        "Seed.task": Loads("task", key="task_key"),
    }


def test_every_other_field_is_an_attribute() -> None:
    """A plain field of a record's view costs no call of ours, except the permalink, which is made here."""
    called = [
        f"{name}.{field.python_name}"
        for name in ("Task", "Media", "Seed", "MediaUrl", "TaskFailure", "Cost", "TaskAction", "SourceError")
        for field in _definition(name).fields
        if field.base_resolver and "loads" not in field.metadata
    ]

    assert called == ["Media.permalink"]


def _definition(name: str) -> StrawberryObjectDefinition:
    definition = schema.get_type_by_name(name)
    assert isinstance(definition, StrawberryObjectDefinition)
    return definition
