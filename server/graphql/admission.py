"""Which HTTP requests are answered at all, told by their method, URL and headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cross_web import HTTPException
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from loaders.errors import ErrorCode
from server import error_response
from server.graphql import body, media_type
from server.graphql.media_type import EVENTS, JSON, RESPONSE_JSON
from server.graphql.persisted import PARAMETERS

PREFLIGHTED = ("x-apollo-operation-name", "apollo-require-preflight", "graphql-preflight")
ALLOWED = {"Allow": "GET, POST, OPTIONS"}


def check(request: Request, limits: body.Limits) -> None:
    """Raise HTTPException where a GET or POST is refused. limits: of its body."""
    if request.method == "POST":
        body.check(request.headers, limits)
    accept = request.headers.get("accept", "")
    if media_type.of_answer(accept) is None and not media_type.takes_parts(accept):
        raise HTTPException(406, f"Accept allows none of {JSON}, {RESPONSE_JSON} and {EVENTS}")
    if _is_simple(request):
        raise HTTPException(
            403, f"Possible cross-site request: send one of the headers {', '.join(PREFLIGHTED)}"
        )


def wants_page(scope: Scope) -> bool:
    """Whether it is a browser that opens the address without an operation."""
    if scope["type"] != "http" or scope["method"] != "GET" or not media_type.is_browser(Headers(scope=scope)):
        return False
    return not _has_operation(QueryParams(scope["query_string"]))


def refusal(request: Request, error: HTTPException) -> Response:
    """The answer, in the form of a GraphQL error."""
    code = {403: ErrorCode.FORBIDDEN.value, 413: error_response.PAYLOAD_TOO_LARGE}.get(
        error.status_code, ErrorCode.BAD_USER_INPUT.value
    )
    return error_response.answer(
        error.status_code,
        code,
        error.reason,
        headers=ALLOWED if error.status_code == 405 else None,
        media_type=media_type.of_error(request.headers.get("accept", "")),
    )


def _is_simple(request: Request) -> bool:
    # any site may send a form or load a URL without a preflight, which a custom header requires
    if any(name in request.headers for name in PREFLIGHTED):
        return False
    if request.method == "POST":
        return body.kind(request.headers) == body.FORM
    is_foreign = request.headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}
    return is_foreign and "origin" not in request.headers and _has_operation(request.query_params)


def _has_operation(query: Mapping[str, Any]) -> bool:
    return not PARAMETERS.isdisjoint(query)
