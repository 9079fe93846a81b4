"""What a router sees of the graph, and what it leaves to it.

A router composes `_service { sdl }`. That text has no `node` and no `nodes`: they are answered by every Relay
server, each for its own ids, so that two subgraphs which declare them cannot be composed; what they could
answer in a supergraph is for the supergraph's owner to say (docs/federation.md).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import strawberry
from graphql import (
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    is_specified_directive,
    parse,
    print_ast,
)
from graphql.language import DefinitionNode

OF_ONE_SERVER: Final = frozenset({"node", "nodes"})
# types that only the arguments of federation's directives have, and which no client can write
_OF_DIRECTIVES: Final = ("_FieldSet", "link__")

ANY: Final = "Any entity by its key, as a router sends it: `__typename` and `id`."
ENTITY: Final = "What a router can ask for by its key."
ENTITIES: Final = (
    "For routers: the objects with these keys, in order; null where there is none. Fetched in batches."
)
REPRESENTATIONS: Final = (
    'What to fetch: `{__typename: "Task", id: "task:pixai:1749903535747486198"}`; they may repeat.'
)


@strawberry.type(name="_Service", description="This graph as a subgraph, for routers.")
class Service:
    """What `_service` answers."""

    sdl: str = strawberry.field(description="The SDL that routers compose, with federation's directives.")


def subgraph(whole: str) -> str:
    """The SDL that routers compose, of the whole one."""
    document = parse(whole, no_location=True)
    return "\n\n".join(print_ast(_shared(definition)) for definition in document.definitions) + "\n"


def _shared(definition: DefinitionNode) -> DefinitionNode:
    if not isinstance(definition, ObjectTypeDefinitionNode) or definition.name.value != "Query":
        return definition
    fields = (field for field in definition.fields or () if field.name.value not in OF_ONE_SERVER)
    return replace(definition, fields=tuple(fields))


def describe(graph: GraphQLSchema) -> None:
    """Leave in introspection what clients can use, each with a description.

    Federation's directives, and the types of their arguments, stand in the SDL alone: in introspection
    their scalars stop generators that want to know every scalar, though no client can send or receive one.
    """
    graph.type_map["_Entity"].description = ENTITY
    graph.directives = tuple(filter(is_specified_directive, graph.directives))
    for name in [name for name in graph.type_map if name.startswith(_OF_DIRECTIVES)]:
        del graph.type_map[name]
