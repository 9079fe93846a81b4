"""`/hooks/{source}/{secret}`: webhooks of the sources. One says that a task may have changed, and no more.

What a body holds is never believed: whoever watches the task reads it again, with a key of their own, at most
once a second.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

import jiter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from loaders import coerce
from loaders.ids import MAX_LENGTH
from loaders.records import Provider
from server import error_response

LARGEST = 1024 * 1024  # bytes; a task with all of its parameters has some kilobytes

_SOURCES = {provider.value.lower(): provider for provider in Provider}


class Hooks:
    """wake: called with the provider and the provider's own id of a task."""

    def __init__(self, secret: str, wake: Callable[[Provider, str], None]) -> None:
        self._secret = secret.encode()
        self._wake = wake

    async def receive(self, request: Request) -> Response:
        """204, whatever the body says; 404 where the secret is another, 413 for a body that is too large."""
        provider = _SOURCES.get(request.path_params["source"])
        given = request.path_params["secret"].encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret) or provider is None:
            return error_response.answer(404, error_response.NOT_FOUND, "Nothing is served at this path")
        body = b""
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST:
                    return error_response.answer(
                        413,
                        error_response.PAYLOAD_TOO_LARGE,
                        f"Request body too large: expected at most {LARGEST:,} bytes",
                    )
        except ClientDisconnect:
            return Response(status_code=204)
        task_id = _task_id(body)
        if task_id is not None:
            self._wake(provider, task_id)
        return Response(status_code=204)


def _task_id(body: bytes) -> str | None:
    """Meshy and Midjourney post the task: {"id": …}; PixAI an event about it: {"data": {"id": …}, …}."""
    try:
        event = coerce.mapping(jiter.from_json(body))
    except ValueError:
        return None
    task = event["data"] if isinstance(event.get("data"), Mapping) else event
    found = coerce.text(task.get("id"))
    return found if found is not None and len(found) <= MAX_LENGTH else None
