"""How each system is asked for the same thing, and how its answer is read.

What a user of the graph would write goes to Triptych, to the plain server and to yoga alike. A gateway in
front of PixAI speaks PixAI's own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from benchmarks.work import MARK, Picture, Row, Work

_MEDIA = "{ id width height urls { variant url } }"
_STATUSES = {"completed": "SUCCEEDED"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """prefix: before each id. id_type: of media's argument. page: the document, and the way to its tasks."""

    prefix: str
    id_type: str
    page: str
    way: tuple[str, ...]
    ascends: bool = False
    has_lists_by_id: bool = True

    def body(self, work: Work) -> str | None:
        """The POST's body, with a mark for each id; None where the system cannot be asked that."""
        one = f"{self.prefix}{MARK}"
        match work.kind:
            case "media":
                return _body(f"query($id: {self.id_type}!) {{ media(id: $id) {_MEDIA} }}", {"id": one})
            case "by id":
                text = f"query($ids: [ID!]!) {{ mediaById(ids: $ids) {_MEDIA} }}"
                return _body(text, {"ids": [one] * work.size}) if self.has_lists_by_id else None
            case "aliases":
                names = ", ".join(f"$k{i}: {self.id_type}!" for i in range(work.size))
                fields = " ".join(f"m{i}: media(id: $k{i}) {_MEDIA}" for i in range(work.size))
                return _body(f"query({names}) {{ {fields} }}", {f"k{i}": one for i in range(work.size)})
            case "literals":
                fields = " ".join(f'm{i}: media(id: "{one}") {_MEDIA}' for i in range(work.size))
                return _body(f"{{ {fields} }}", {})
            case "page" | "three sources":
                return _body(self.page, {"first": work.size})

    def read(self, work: Work, answer: Mapping[str, Any]) -> list[Picture] | list[Row]:
        """The answer as work.right_answer has it. Raises KeyError or TypeError on any other form."""
        if answer.get("errors"):
            raise KeyError(str(answer["errors"])[:300])
        data = answer["data"]
        if work.kind in {"page", "three sources"}:
            for name in self.way:
                data = data[name]
            found = [self._row(item.get("node", item)) for item in data]
            return found[::-1] if self.ascends else found
        return [
            self._picture(item) for item in (data["mediaById"] if work.kind == "by id" else data.values())
        ]

    def _row(self, node: Mapping[str, Any]) -> Row:
        media = node["media"]
        pictures = media if isinstance(media, list) else [media]
        return Row(
            node["id"].removeprefix("task:pixai:").removeprefix("task:"),
            _STATUSES.get(node["status"], node["status"]),
            datetime.fromisoformat(node["createdAt"]),
            tuple(self._picture(item) for item in pictures),
        )

    def _picture(self, node: Mapping[str, Any]) -> Picture:
        key = node["id"].removeprefix("media:pixai:").removeprefix("media:")
        return Picture(
            key, node["width"], node["height"], tuple((u["variant"], u["url"]) for u in node["urls"])
        )


def _body(query: str, variables: Mapping[str, object]) -> str:
    return orjson.dumps({"query": query, **({"variables": variables} if variables else {})}).decode()


_ROW = f"id status createdAt media {_MEDIA}"
TRIPTYCH = Dialect(
    prefix="pixai:",
    id_type="ID",
    page="query($first: Int!) { tasks(first: $first) "
    f"{{ nodes {{ {_ROW} }} pageInfo {{ hasNextPage }} }} }}",
    way=("tasks", "nodes"),
)
PIXAI = Dialect(
    prefix="",
    id_type="String",
    page="query($first: Int!) { me { tasks(last: $first) { pageInfo { hasPreviousPage } "
    f"edges {{ node {{ id status createdAt media: picture {_MEDIA} }} }} }} }} }}",
    way=("me", "tasks", "edges"),
    ascends=True,
    has_lists_by_id=False,
)
# it asks lists through a document in its own configuration, and shows the edges alone
TAILCALL = Dialect(
    prefix="",
    id_type="String",
    page=f"query($first: Int!) {{ tasks(last: $first) {{ node {{ {_ROW} }} }} }}",
    way=("tasks",),
    ascends=True,
    has_lists_by_id=False,
)
# the stub itself, for its ceiling: PixAI's own cover in place of the gateway's additional field
STUB = replace(PIXAI, page=PIXAI.page.replace("media: picture", "media"))
