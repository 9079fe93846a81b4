"""The GraphQL texts that PixAI gets: fixed selections, printed once for each size of batch.

    [a, b]  ->  query media($k0: String!, $k1: String!) { m0: media(id: $k0) {…} m1: media(id: $k1) {…} }

Ids travel as variables, never in the text. The aliases are needed: {media(id: 1)} {media(id: 2)} side by
side is refused by validation, because the two fields conflict. `task` takes ID!, `media` takes String!.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gql import GraphQLRequest


@dataclass(frozen=True, slots=True)
class Selection:
    """A root field that takes an id, and what is always asked of it."""

    field: str
    id_type: str
    fields: str


MEDIA = Selection("media", "String!", "id type width height imageType urls { variant url }")
TASK = Selection("task", "ID!", "id userId parameters outputs status startedAt endAt createdAt updatedAt")


class PrintedRequest(GraphQLRequest):
    """A request whose text was printed before.

    gql parses a text when a request is made of it, and prints it again to send it: 3,188 µs for a batch of
    20. Here both are done once for each text, which leaves 104.
    """

    def __init__(self, document: GraphQLRequest, text: str, variables: dict[str, Any]) -> None:
        super().__init__(document, variable_values=variables)
        self.text = text

    @property
    def payload(self) -> dict[str, Any]:
        """The body of the POST."""
        return {"query": self.text, "variables": self.variable_values}


_EVENTS = f"subscription subscribePersonalEvents {{ personalEvents {{ taskUpdated {{ {TASK.fields} }} }} }}"

_TASK_PAGE = (
    "query taskPage($last: Int!, $before: String) { me { tasks(last: $last, before: $before) "
    f"{{ pageInfo {{ hasPreviousPage startCursor }} edges {{ node {{ {TASK.fields} }} }} }} }} }}"
)


@lru_cache(maxsize=256)
def _parsed(text: str) -> GraphQLRequest:
    return GraphQLRequest(text)


@lru_cache(maxsize=256)
def _text(selection: Selection, size: int) -> str:
    variables = ", ".join(f"$k{index}: {selection.id_type}" for index in range(size))
    fields = "\n".join(
        f"  m{index}: {selection.field}(id: $k{index}) {{ {selection.fields} }}" for index in range(size)
    )
    return f"query {selection.field}Batch({variables}) {{\n{fields}\n}}"


def batch(selection: Selection, keys: list[str]) -> PrintedRequest:
    """One document for these keys; the answer's alias `m<i>` belongs to keys[i]."""
    text = _text(selection, len(keys))
    return PrintedRequest(_parsed(text), text, {f"k{index}": key for index, key in enumerate(keys)})


def task_page(size: int, before: str | None) -> PrintedRequest:
    """The key's own tasks, those before a cursor; None: the newest. Edges ascend in time."""
    return PrintedRequest(_parsed(_TASK_PAGE), _TASK_PAGE, {"last": size, "before": before})


# What was changed is read by its id afterwards: a write selects nothing that could fail behind it.
_CREATE = (
    "mutation createTask($parameters: JSONObject!) { createGenerationTask(parameters: $parameters) { id } }"
)
_CANCEL = "mutation cancelTask($id: ID!) { cancelGenerationTask(id: $id) { id } }"
_DELETE = "mutation deleteTask($id: ID!) { deleteGenerationTask(id: $id) }"
_UPLOAD = (
    "mutation uploadMedia($input: UploadMediaInput!) "
    "{ uploadMedia(input: $input) { uploadUrl externalId mediaId } }"
)


def create(parameters: Mapping[str, Any]) -> PrintedRequest:
    """A new task."""
    return PrintedRequest(_parsed(_CREATE), _CREATE, {"parameters": parameters})


def cancel(key: str) -> PrintedRequest:
    """The end of a task."""
    return PrintedRequest(_parsed(_CANCEL), _CANCEL, {"id": key})


def delete(key: str) -> PrintedRequest:
    """The removal of a task; it answers null."""
    return PrintedRequest(_parsed(_DELETE), _DELETE, {"id": key})


def upload(external_id: str | None = None) -> PrintedRequest:
    """A URL to send a picture to; or, with what came with that, the picture's registration."""
    given = {"type": "IMAGE", "provider": "S3"} | ({} if external_id is None else {"externalId": external_id})
    return PrintedRequest(_parsed(_UPLOAD), _UPLOAD, {"input": given})


def events() -> GraphQLRequest:
    """The changes of all tasks of a key, over the event gateway."""
    return _parsed(_EVENTS)
