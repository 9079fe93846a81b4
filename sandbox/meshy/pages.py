"""Pages of a list: `page_num` from 1, `page_size` up to 50, `sort_by` with a sign that must be encoded."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.meshy.records import Task

USUAL_SIZE = 10
LARGEST_SIZE = 50
# Not documented. The oldest first, so that a client that forgets to say notices.
USUAL_ORDER = "+created_at"


def page(tasks: list[Task], query: Mapping[str, str]) -> list[Task]:
    """tasks: oldest first. Raises ValueError, which says what was wrong.

    A `+` that was not encoded arrives as a space (" created_at") and is refused.
    """
    number = _whole(query, "page_num", 1)
    size = _whole(query, "page_size", USUAL_SIZE)
    if size > LARGEST_SIZE:
        raise ValueError(f"page_size must be at most {LARGEST_SIZE}")
    order = query.get("sort_by", USUAL_ORDER)
    if order not in ("+created_at", "-created_at"):
        raise ValueError("sort_by must be +created_at or -created_at")
    ordered = tasks if order == "+created_at" else tasks[::-1]
    return ordered[(number - 1) * size : number * size]


def _whole(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and int(text[:18])):
        raise ValueError(f"{name} must be a positive integer")
    return int(text[:18])
