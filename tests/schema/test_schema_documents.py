"""Documents as clients write them are valid, and documents that no client should write are not."""

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_introspection_query, parse, validate
from graphql.language import FieldNode, InlineFragmentNode, OperationDefinitionNode

from schema import schema

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.graphql"))

WRONG = {
    "unknown_field": "{ providers { name } }",
    "unknown_argument": '{ task(key: "task:pixai:1") { id } }',
    "missing_argument": "{ task { id } }",
    "missing_selection": '{ task(id: "task:pixai:1") }',
    "conflict": '{ media(id: "pixai:1") { id } media(id: "pixai:2") { id } }',
    "wrong_enum": '{ media(id: "pixai:1") { url(variant: HUGE) } }',
    "variant_as_string": '{ media(id: "pixai:1") { url(variant: "PUBLIC") } }',
    "null_variant": '{ media(id: "pixai:1") { url(variant: null) } }',
    "nullable_variable": "query ($id: ID) { task(id: $id) { id } }",
    "field_of_another_type": '{ node(id: "x") { status } }',
    "impossible_fragment": '{ media(id: "x") { ... on Seed { value } } }',
    "naive_time": '{ tasks(filter: { createdAfter: "2024-05-22T06:16:57" }) { totalCount } }',
    "date_alone": '{ tasks(filter: { createdAfter: "2024-05-22" }) { totalCount } }',
    "time_as_number": "{ tasks(filter: { createdAfter: 1716358617 }) { totalCount } }",
    "first_as_string": '{ tasks(first: "20") { totalCount } }',
    "unknown_filter": '{ tasks(filter: { status: "x" }) { totalCount } }',
    "two_of_one": (
        'mutation { createTask(input: { pixai: { prompt: "a" }, midjourneyDescribe: { image: "b" } }) '
        "{ taskId } }"
    ),
    "none_of_one": "mutation { createTask(input: {}) { taskId } }",
    "null_of_one": "mutation { createTask(input: { pixai: null }) { taskId } }",
    "float_seed": 'mutation { createTask(input: { pixai: { prompt: "a", seed: 1e3 } }) { taskId } }',
    "relative_url": (
        'mutation { createTask(input: { pixai: { prompt: "a", mediaUrl: "/a.png" } }) { taskId } }'
    ),
    "upload_literal": 'mutation { uploadMedia(file: "picture.png") { mediaId } }',
    "two_subscriptions": 'subscription { taskUpdated(id: "x") { taskId } tasksUpdated(ids: "x") { taskId } }',
    "relay_node_field": '{ task(id: "x") { nodeId } }',
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_clients_document_is_valid(path: Path) -> None:
    """The document means something in this graph."""
    errors = validate(schema._schema, parse(path.read_text()))

    assert [error.message for error in errors] == []


def test_the_introspection_query_is_valid() -> None:
    """Tools can read the whole schema, with everything that they may ask about it."""
    document = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    result = schema.execute_sync(document)

    assert result.errors is None


def test_one_document_has_every_field_of_every_node() -> None:
    """`every_node_field.graphql` leaves nothing out, so that no two fields of one name can ever conflict."""
    document = parse((Path(__file__).parent / "documents" / "every_node_field.graphql").read_text())
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    assert node.selection_set is not None

    selected = {
        fragment.type_condition.name.value: [
            field.name.value for field in fragment.selection_set.selections if isinstance(field, FieldNode)
        ]
        for fragment in node.selection_set.selections
        if isinstance(fragment, InlineFragmentNode) and fragment.type_condition
    }

    assert {name: sorted(fields) for name, fields in selected.items()} == {
        type_.name: sorted(type_.fields)
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and "Node" in {i.name for i in type_.interfaces}
    }


@pytest.mark.parametrize("document", WRONG.values(), ids=WRONG)
async def test_a_wrong_document_is_refused(document: str) -> None:
    """It is refused before anything runs, with the protocol's code."""
    result = await schema.execute(document)

    assert result.data is None
    assert result.errors
    assert {error.extensions["code"] for error in result.errors if error.extensions} == {
        "GRAPHQL_VALIDATION_FAILED"
    }
