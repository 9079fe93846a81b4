"""The settings of GraphQL itself: which documents are executed, and what is told of the schema."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from server.graphql.manifest import DocumentsMode
from server.graphql.persisted import CAPACITY
from server.setting_text import Checked, flag


class Switch(StrEnum):
    """Whether something is done."""

    ON = "on"
    OFF = "off"


class GraphQLSettings(BaseModel):
    """Part of Settings."""

    introspection: Annotated[bool, Checked(flag)] = Field(
        default=True,
        description="0: hides the schema: no introspection, `_service`, GraphiQL, suggested names or plans",
        json_schema_extra={"expected": "1 or 0"},
    )
    documents: Path | None = Field(
        default=None,
        description="manifest of trusted documents, as graphql-codegen, Relay or Apollo writes it",
        json_schema_extra={"expected": "the path of a file"},
    )
    documents_mode: DocumentsMode = Field(
        default=DocumentsMode.ALLOW,
        description="off: it is not read; allow: its documents have ids; only: nothing else is executed",
        json_schema_extra={"expected": "off, allow or only"},
    )
    persisted_bytes: int = Field(
        default=CAPACITY,
        description="bytes of documents that clients register by hash (automatic persisted queries); 0: none",
        json_schema_extra={"expected": "a whole number, 0 to 1,000,000,000"},
        ge=0,
        le=1_000_000_000,
    )
    answers: Switch = Field(
        default=Switch.ON,
        description="on: what is asked again, or by several at once, is not executed for each of them; off",
        json_schema_extra={"expected": "on or off"},
    )
    limit_batch: int = Field(
        default=0,
        description="operations in one request, as an array; they share the limits of one; 0: no arrays",
        json_schema_extra={"expected": "a whole number, 0 to 1,000"},
        ge=0,
        le=1_000,
    )

    @property
    def has_pages(self) -> bool:
        """Whether `/` and GraphiQL can work: where only trusted documents are executed, theirs are not."""
        return self.documents_mode is not DocumentsMode.ONLY

    @property
    def has_graphiql(self) -> bool:
        """Whether browsers get it at `/graphql`: it asks for the schema first."""
        return self.has_pages and self.introspection
