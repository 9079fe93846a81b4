"""The records' enums are the graph's, with a description for each value."""

from enum import StrEnum

import pytest
from graphql import GraphQLEnumType

from schema import enums, schema


@pytest.mark.parametrize("name", enums.__all__)
def test_an_enum_is_published(name: str) -> None:
    """Each value is there under its name, stands for the record's member, and is described."""
    members = getattr(enums, name)

    published = schema._schema.type_map[name]

    assert isinstance(published, GraphQLEnumType)
    assert [(value, members(known.value)) for value, known in published.values.items()] == [
        (member.name, member) for member in members
    ]
    assert all(known.description for known in published.values.values())


def test_a_value_without_a_description_is_noticed() -> None:
    """It is noticed when the module is imported."""

    class Panel(StrEnum):
        LEFT = "LEFT"
        RIGHT = "RIGHT"

    with pytest.raises(KeyError, match="RIGHT"):
        enums.describe(Panel, "A panel.", LEFT="The left one.")
