"""GraphQL requests over HTTP as Apollo Server reads them: POST, GET, and persisted queries."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

from sandbox.json_text import loads
from sandbox.pixai.records import Json

KEPT_QUERIES = 1000
NO_BODY = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension."
CSRF = (
    "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Send a Content-Type "
    "that needs a preflight, or a non-empty value for one of the headers x-apollo-operation-name, "
    "apollo-require-preflight."
)


class BadRequest(Exception):
    """status: 200 for a persisted query that is not known, else 400; code: of the error."""

    def __init__(self, message: str, code: str = "BAD_REQUEST", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """What is to be executed."""

    query: str
    variables: Json
    operation: str | None


class Reader:
    """Reads requests, and remembers the queries that clients persist, the newest 1,000."""

    def __init__(self) -> None:
        self._queries: OrderedDict[str, str] = OrderedDict()

    async def read(self, request: web.Request) -> GraphRequest:
        """Raises BadRequest."""
        values = _from_url(request) if request.method == "GET" else await _from_body(request)
        query, extensions = values.get("query"), values.get("extensions") or {}
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        if isinstance(persisted, dict):
            query = self._persisted(str(persisted.get("sha256Hash")), query)
        if not isinstance(query, str) or not query:
            raise BadRequest(NO_BODY)
        variables = values.get("variables") or {}
        if not isinstance(variables, dict):
            raise BadRequest("`variables` in a POST body must be an object if provided.")
        name = values.get("operationName")
        return GraphRequest(query, variables, name if isinstance(name, str) else None)

    def _persisted(self, key: str, query: object) -> object:
        if query is None:
            if key not in self._queries:
                raise BadRequest("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND", 200)
            return self._queries[key]
        if not isinstance(query, str) or hashlib.sha256(query.encode()).hexdigest() != key:
            raise BadRequest("provided sha does not match query")
        self._queries[key] = query
        if len(self._queries) > KEPT_QUERIES:
            self._queries.popitem(last=False)
        return query


def _from_url(request: web.Request) -> Json:
    # Browsers may send a plain GET from any page, hence the header.
    if not any(request.headers.get(one) for one in ("apollo-require-preflight", "x-apollo-operation-name")):
        raise BadRequest(CSRF)
    values: Json = dict(request.query)
    for name in ("variables", "extensions"):
        try:
            values[name] = loads(values[name].encode()) if values.get(name) else None
        except ValueError:
            raise BadRequest(f"`{name}` must be JSON.") from None
    return values


async def _from_body(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise BadRequest(CSRF)
    try:
        body = loads(await request.read())
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}") from None
    if isinstance(body, list):
        raise BadRequest("Operation batching disabled.")
    if not isinstance(body, dict):
        raise BadRequest(NO_BODY)
    return body
