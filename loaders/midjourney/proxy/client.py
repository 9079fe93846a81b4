"""The way to midjourney-proxy: many tasks, a task's seed, submits. new-api's relay offers the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loaders import coerce
from loaders.credentials import Credential
from loaders.errors import Fault, Rejected, SourceError, Throttled, from_status
from loaders.http import Answer, SourceClient, malformed, path_segment
from loaders.midjourney.proxy import submit_result
from loaders.midjourney.proxy.submit_result import BANNED_PROMPT, NOT_FOUND, QUEUE_FULL, UNKNOWN, Submitted
from loaders.midjourney.redirect import MidjourneyClient
from loaders.observer import SILENT, Observer
from loaders.records import Provider

# Only the one that is configured: the C# server would take a Bearer header for the token itself.
_AUTH = {
    "bearer": ("Authorization", "Bearer {}"),
    "authorization-raw": ("Authorization", "{}"),
    "mj-api-secret": ("mj-api-secret", "{}"),
}


class MjProxyClient(MidjourneyClient):
    """Calls midjourney-proxy with the credential that each call brings (`mj_key`; open servers need none).

    auth: "bearer", "authorization-raw" or "mj-api-secret".
    """

    name = "mj"

    def __init__(self, origin: str, auth: str = "bearer", observer: Observer = SILENT) -> None:
        super().__init__(origin, observer)
        self._header, self._form = _AUTH[auth]

    async def tasks(self, ids: Sequence[str], credential: Credential) -> list[Mapping[str, Any]]:
        """POST /mj/task/list-by-condition: in the server's order, without the ids it does not know."""
        path = "/mj/task/list-by-condition"
        answer = await self.request(
            f"POST {path}", path, headers=self._headers(credential), json={"ids": list(ids)}
        )
        _check(answer)
        if answer.is_empty:
            return []
        match answer.json():
            case list(nodes):
                return [node for node in nodes if isinstance(node, Mapping)]
            case {"id": _} as node:  # one reseller's way of sending one task
                return [node]
            case node:
                raise _coded(node) or malformed(Provider.MIDJOURNEY, "something other than a list of tasks")

    async def image_seed(self, id: str, credential: Credential) -> Mapping[str, Any] | None:
        """GET /mj/task/:id/image-seed: a submit result or a task; may take 65 s.

        None where the task or the whole route is unknown (Java has none).
        """
        segment = path_segment(id)
        if segment is None:
            return None
        answer = await self.request(
            "GET /mj/task/:id/image-seed",
            f"/mj/task/{segment}/image-seed",
            headers=self._headers(credential),
        )
        if answer.status == 404 or (answer.status == 400 and _code(answer.fields()) == NOT_FOUND):
            return None
        return _object(answer)

    async def submit(self, name: str, body: Mapping[str, Any], credential: Credential) -> Submitted:
        """POST /mj/submit/:name, once: no redirect is followed. Raises as submit_result.read does."""
        path = f"/mj/submit/{name}"
        answer = await SourceClient.request(
            self, f"POST {path}", path, headers=self._headers(credential), json=body
        )
        return submit_result.read(answer, names_task="taskId" in body)

    async def cancel(self, id: str, credential: Credential) -> None:
        """POST /mj/task/:id/cancel, once. id: one that a path can carry. C# alone has the route.

        Nothing happens to a task that has ended.
        """
        segment = path_segment(id)
        assert segment is not None, "the caller has looked"
        answer = await SourceClient.request(
            self,
            "POST /mj/task/:id/cancel",
            f"/mj/task/{segment}/cancel",
            headers=self._headers(credential),
        )
        submit_result.check_cancelled(answer)

    def _headers(self, credential: Credential) -> dict[str, str]:
        key = credential.secrets.get("mj_key")
        return {} if key is None else {self._header: self._form.format(key)}


def _object(answer: Answer) -> Mapping[str, Any] | None:
    _check(answer)
    if answer.is_empty:
        return None
    found = answer.json()
    if not isinstance(found, Mapping):
        raise malformed(Provider.MIDJOURNEY, "something other than an object")
    if "id" not in found and (error := _coded(found)) is not None:
        raise error
    return found


def _check(answer: Answer) -> None:
    if answer.error is not None:
        raise _coded(answer.fields(), answer.status) or answer.error


def _coded(body: object, status: int = 200) -> SourceError | None:
    """The error that an answer's own code stands for, whatever its status; None where the status says it.

    {"code": 23} -> Throttled; HTTP 200 {"success": false, "code": 500} (C#) -> Fault. HTTP 400 {"code": 5} is
    the relay's for what its own source did: no answer, or one that it cannot read, as a numeric seed.
    """
    fields = coerce.mapping(body)
    code = _code(fields)
    if code == QUEUE_FULL:
        return Throttled("Midjourney's queue is full", provider=Provider.MIDJOURNEY, upstream_status=status)
    if code == BANNED_PROMPT:
        said = "Midjourney does not allow this prompt"
        return Rejected(said, provider=Provider.MIDJOURNEY, upstream_status=status)
    if code == UNKNOWN and status == 400:
        return Fault(
            "Midjourney's relay got no answer from its upstream",
            provider=Provider.MIDJOURNEY,
            upstream_status=status,
        )
    if fields.get("success") is False and status < 300:
        named = None if code is None or code >= 600 else from_status(code, provider=Provider.MIDJOURNEY)
        return named or Fault("Midjourney failed", provider=Provider.MIDJOURNEY, upstream_status=status)
    return None


def _code(body: Mapping[str, Any]) -> int | None:
    return coerce.integer(body.get("code"))
