"""The texts that PixAI gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

import sandbox.pixai
from loaders.pixai import documents
from loaders.pixai.documents import MEDIA, TASK, Selection

SCHEMA = build_schema((Path(sandbox.pixai.__file__).parent / "schema.graphql").read_text())


def test_ids_travel_as_variables() -> None:
    """One alias and one variable per id; nothing of an id in the text."""
    request = documents.batch(MEDIA, ['1") { id } #', "2"])

    assert request.payload == {
        "query": (
            "query mediaBatch($k0: String!, $k1: String!) {\n"
            "  m0: media(id: $k0) { id type width height imageType urls { variant url } }\n"
            "  m1: media(id: $k1) { id type width height imageType urls { variant url } }\n"
            "}"
        ),
        "variables": {"k0": '1") { id } #', "k1": "2"},
    }


@pytest.mark.parametrize("selection", [MEDIA, TASK])
def test_they_are_valid_against_pixais_schema(selection: Selection) -> None:
    """`task` takes ID!, `media` takes String!: a variable of the other type is refused."""
    assert validate(SCHEMA, parse(documents.batch(selection, ["1", "2", "3"]).text)) == []
    assert validate(SCHEMA, parse(documents.task_page(20, None).text)) == []


def test_a_text_is_printed_once_for_its_size() -> None:
    """The second batch of the same size has the same string, not an equal one."""
    assert documents.batch(MEDIA, ["1", "2"]).text is documents.batch(MEDIA, ["3", "4"]).text


def test_a_text_is_parsed_once_for_its_size() -> None:
    """The request is a whole one of gql's, with the document that the text is."""
    first, second = documents.batch(TASK, ["1", "2"]), documents.batch(TASK, ["3", "4"])

    assert first.document is second.document
    assert first.document == parse(first.text)
    assert (first.operation_name, first.extensions) == (None, None)
