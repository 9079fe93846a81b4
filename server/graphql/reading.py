"""How the endpoint reads requests: JSON, URLs and forms become operations that may be executed."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from typing import Any

import jiter
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.datastructures import Headers
from strawberry.asgi import GraphQL

from resolvers.context import RequestContext
from server.graphql import body, media_type, requested
from server.graphql.media_type import EVENTS
from server.graphql.persisted import Documents
from server.graphql.websocket import Connection


class Reading(GraphQL[RequestContext | Connection, None]):
    """documents: those that a request may name by an id. largest_batch: operations of one; 0: no array."""

    documents: Documents
    largest_batch: int

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> Any:
        """One operation, answered in events only where the client likes them better than JSON; or a batch."""
        fields: Any
        if request.method == "GET":
            fields = self.parse_query_params(request.query_params)
        elif body.kind(Headers(request.headers)) == body.FORM:
            fields = await self.parse_multipart(request)
        else:
            fields = self._parsed(await request.get_body())
        if isinstance(fields, list):
            return requested.batch(fields, self.largest_batch, self.documents)
        data = requested.read(requested.fields_of(fields), self.documents)
        is_stream = media_type.of_answer(request.headers.get("accept", "")) == EVENTS
        data.protocol = "sse" if is_stream else "http"
        return data

    def parse_json(self, data: str | bytes) -> dict[str, Any]:
        """One part of a form, or a parameter of a URL, as an object; null counts as an empty one."""
        return requested.fields_of(self._parsed(data))

    def _parsed(self, data: str | bytes) -> Any:
        try:
            return self.decode_json(data)
        except json.JSONDecodeError:
            raise HTTPException(400, "The request is not valid JSON") from None

    async def parse_multipart(self, request: AsyncHTTPRequestAdapter) -> dict[str, str]:
        """`operations`, `map` and the files; where they do not match, the request is wrong."""
        try:
            return await super().parse_multipart(request)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise HTTPException(400, "operations, map and files do not match") from None

    def decode_json(self, data: str | bytes) -> object:
        """Integers of any length stay exact; a byte order mark, written first by some editors, is skipped."""
        content = data.encode() if isinstance(data, str) else data
        body.check_values(content)
        try:
            return jiter.from_json(content.removeprefix(BOM_UTF8), allow_inf_nan=False, cache_mode="keys")
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
