"""The settings that bound what one operation may cost."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import BaseModel, Field

from engine.limits import Limits, Mode

_DEFAULTS = Limits()


def _limit(name: str, about: str) -> Any:
    return Field(
        default=getattr(_DEFAULTS, name),
        description=f"at most this many {about}",
        json_schema_extra={"expected": "a whole number above 0"},
        gt=0,
    )


class LimitSettings(BaseModel):
    """Part of Settings. Each description gives the limit's reason."""

    limits: Mode = Field(
        default=Mode.ENFORCE,
        description="enforce: refuse operations over a limit; measure: log them; off",
        json_schema_extra={"expected": "enforce, measure or off"},
    )
    limit_document: int = _limit("document", "characters in a document: a million takes 0.1 s to read")
    limit_tokens: int = _limit("tokens", "tokens in a document: 4,000 take 0.1 s to parse and validate")
    limit_name: int = _limit("name", "characters in a name: answers repeat an alias for each object")
    limit_nesting: int = _limit("nesting", "levels of brackets in a document: the parser recurses")
    limit_depth: int = _limit("depth", "levels of fields: `media { task { media …` never ends")
    limit_aliases: int = _limit("aliases", "aliases in a document: each is one more field to look up")
    limit_root_fields: int = _limit("root_fields", "root fields, through fragments: each asks by itself")
    limit_directives: int = _limit("directives", "directives in a document: each is evaluated by itself")
    limit_operations: int = _limit("operations", "operations in a document: each validates all fragments")
    limit_overlaps: int = _limit(
        "overlaps", "comparisons of fields of one name and of fragments: they grow as the square"
    )
    limit_introspection: int = _limit(
        "introspection", "introspected fields: all that GraphiQL asks for counts as 27,000"
    )
    limit_fields: int = _limit(
        "fields", "fields of all objects, `raw` and `parameters` as 10 each: 30,000 take a second"
    )
    limit_calls: int = _limit(
        "calls", "upstream calls of an operation after batching: Meshy takes one for each id"
    )
    limit_bytes: int = _limit("bytes", "bytes of an answer, roughly: it is held in memory until it is sent")

    def operation_limits(self) -> Limits:
        """What one operation may cost."""
        names = (one.name for one in fields(Limits) if one.name != "mode")
        return Limits(mode=self.limits, **{name: getattr(self, f"limit_{name}") for name in names})
