"""The way to midjourney-proxy: many tasks, and a task's seed. new-api's relay offers the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from loaders import coerce, http
from loaders.credentials import Credential
from loaders.errors import Fault, Rejected, SourceError, Throttled, from_status
from loaders.midjourney.exchange import Answer, ask, malformed
from loaders.records import Provider

NOT_FOUND = 3
UNKNOWN = 5
QUEUE_FULL = 23
BANNED_PROMPT = 24

# Only the one that is configured: the C# server would take a Bearer header for the token itself.
_AUTH = {
    "bearer": ("Authorization", "Bearer {}"),
    "authorization-raw": ("Authorization", "{}"),
    "mj-api-secret": ("mj-api-secret", "{}"),
}


class MjProxyClient:
    """Asks with the credential it is given (`mj_key`; without one, as an open server is asked).

    auth: "bearer", "authorization-raw" or "mj-api-secret".
    """

    def __init__(self, origin: str, auth: str = "bearer") -> None:
        self.origin = origin
        self.calls = 0  # HTTP requests made
        self._header, self._form = _AUTH[auth]
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool; no call is made."""
        self._session = aiohttp.ClientSession(**http.session_arguments())

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def tasks(self, ids: Sequence[str], credential: Credential) -> list[Mapping[str, Any]]:
        """POST /mj/task/list-by-condition: in the server's order, without the ids it does not know."""
        answer = await self._ask("POST", "list-by-condition", credential, {"ids": list(ids)})
        _check(answer)
        if answer.is_empty:
            return []
        match answer.json():
            case list(nodes):
                return [node for node in nodes if isinstance(node, Mapping)]
            case {"id": _} as node:  # one reseller's way of sending one task
                return [node]
            case node:
                raise _coded(node) or malformed("something else than a list of tasks")

    async def image_seed(self, id: str, credential: Credential) -> Mapping[str, Any] | None:
        """GET /mj/task/:id/image-seed: a submit result or a task; may take 65 s.

        None where the task or the whole route is unknown (Java has none).
        """
        path = _path(id, "image-seed")
        if path is None:
            return None
        answer = await self._ask("GET", path, credential)
        if answer.status == 404 or (answer.status == 400 and _code(answer.fields()) == NOT_FOUND):
            return None
        return _object(answer)

    async def _ask(self, method: str, path: str, credential: Credential, json: object = None) -> Answer:
        assert self._session is not None, "open() first"
        self.calls += 1
        url = URL(f"{self.origin}/mj/task/{path}", encoded=True)
        key = credential.secrets.get("mj_key")
        headers = {} if key is None else {self._header: self._form.format(key)}
        return await ask(self._session, method, url, headers, json)


def _path(id: str, route: str) -> str | None:
    """`a/b` -> `a%2Fb/fetch`; None for an id that no path can carry, so that no task has it.

    Servers and proxies resolve `.` and `..` even where they are encoded.
    """
    if any(part in {"", ".", ".."} for part in id.replace("\\", "/").split("/")):
        return None
    try:
        return f"{quote(id, safe='')}/{route}"
    except UnicodeEncodeError:  # half of a surrogate pair
        return None


def _object(answer: Answer) -> Mapping[str, Any] | None:
    _check(answer)
    if answer.is_empty:
        return None
    found = answer.json()
    if not isinstance(found, Mapping):
        raise malformed("something else than an object")
    if "id" not in found and (error := _coded(found)) is not None:
        raise error
    return found


def _check(answer: Answer) -> None:
    if answer.error is not None:
        raise _coded(answer.fields(), answer.status) or answer.error


def _coded(body: object, status: int = 200) -> SourceError | None:
    """The error that an answer's own code stands for, whatever its status; None where the status tells.

    {"code": 23} -> Throttled; HTTP 200 {"success": false, "code": 500} (C#) -> Fault. HTTP 400 {"code": 5} is
    the relay's for what its own source did: no answer, or one that it cannot read, as a numeric seed.
    """
    told = coerce.mapping(body)
    code = _code(told)
    if code == QUEUE_FULL:
        return Throttled("Midjourney's queue is full", provider=Provider.MIDJOURNEY, upstream_status=status)
    if code == BANNED_PROMPT:
        return Rejected("Midjourney bans the prompt", provider=Provider.MIDJOURNEY, upstream_status=status)
    if code == UNKNOWN and status == 400:
        return Fault(
            "Midjourney's relay got nothing from its source",
            provider=Provider.MIDJOURNEY,
            upstream_status=status,
        )
    if told.get("success") is False and status < 300:
        named = None if code is None or code >= 600 else from_status(code, provider=Provider.MIDJOURNEY)
        return named or Fault("Midjourney failed", provider=Provider.MIDJOURNEY, upstream_status=status)
    return None


def _code(body: Mapping[str, Any]) -> int | None:
    return coerce.integer(body.get("code"))
