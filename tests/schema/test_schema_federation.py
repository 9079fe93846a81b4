"""What routers get, and what of it other clients do not see."""

from graphql import (
    DirectiveDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

import schema
from schema import federation

GRAPH = schema.schema
WHOLE, SUBGRAPH = schema.sdl(), GRAPH.subgraph


def root_fields(text: str) -> set[str]:
    """The fields of Query."""
    (query,) = (
        one
        for one in parse(text).definitions
        if isinstance(one, ObjectTypeDefinitionNode) and one.name.value == "Query"
    )
    return {field.name.value for field in query.fields or ()}


def test_routers_get_everything_but_what_each_relay_server_has() -> None:
    """`node` and `nodes` of two subgraphs cannot be composed; nothing else is left out."""
    assert root_fields(WHOLE) - root_fields(SUBGRAPH) == {"node", "nodes"}
    whole, subgraph = (
        [print_ast(one) for one in parse(text).definitions if "type Query" not in print_ast(one)]
        for text in (WHOLE, SUBGRAPH)
    )
    assert subgraph == whole


async def test_the_service_answers_with_it() -> None:
    """Printed once for the process, not for each request."""
    answer = await GRAPH.execute("{ _service { sdl } again: _service { sdl } }")

    assert answer.data == {"_service": {"sdl": SUBGRAPH}, "again": {"sdl": SUBGRAPH}}
    assert GRAPH.subgraph is SUBGRAPH


def test_the_link_is_the_oldest_that_has_what_is_used() -> None:
    """Federation 2.9 has @cost and @listSize; older routers read 2.9, and not 2.11."""
    (linked,) = (one for one in parse(SUBGRAPH).definitions if isinstance(one, SchemaDefinitionNode))
    (link,) = linked.directives or ()

    assert print_ast(link) == (
        '@link(url: "https://specs.apollo.dev/federation/v2.9", '
        'import: ["@cost", "@key", "@listSize", "@shareable"])'
    )
    assert "type PageInfo @shareable {" in SUBGRAPH
    assert ": null" not in SUBGRAPH  # an argument of a directive that is not set is not printed


def test_clients_do_not_see_federations_directives() -> None:
    """Nor the types of their arguments, which stop generators that want to know every scalar."""
    names = {name for name in GRAPH.graphql.type_map if name.startswith(("_", "link"))}

    assert {name for name in names if not name.startswith("__")} == {"_Any", "_Entity", "_Service"}
    assert sorted(one.name for one in GRAPH.graphql.directives) == [
        *("deprecated", "include", "oneOf", "skip", "specifiedBy")
    ]


def test_a_subgraph_keeps_what_it_does_not_know() -> None:
    """Other definitions, extensions and directives come out as they went in."""
    text = '''directive @key(fields: String!) on OBJECT

"""Read."""
type Query @key(fields: "id") {
  """One."""
  node(id: ID!): Node
  nodes: [Node]
  id: ID
}

type Node {
  node: ID
}
'''

    left = federation.subgraph(text)

    assert root_fields(left) == {"id"}
    assert left.startswith('directive @key(fields: String!) on OBJECT\n\n"""Read."""\ntype Query @key')
    assert "node: ID\n" in left
    assert any(isinstance(one, DirectiveDefinitionNode) for one in parse(left).definitions)
    assert build_schema(left, assume_valid_sdl=True).query_type is not None
