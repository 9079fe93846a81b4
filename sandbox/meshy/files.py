"""The files behind `image_urls`: real pictures under URLs that say when they end, and are checked."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import quote

from aiohttp import web

from sandbox import pictures
from sandbox.meshy.records import Json, Picture, Task
from sandbox.meshy.world import World

LIFETIME = 3600  # seconds that a URL lives; every look at its task signs afresh
SECRET = b"sandbox-meshy-storage"
ROUTE = "/sandbox-account/{resource}/tasks/{id:[^/]+}/output/{name}"
DENIED = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>{}</Message></Error>'
FORMATS: dict[str, pictures.Format] = {"jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP"}
SIZES = ((512, 512), (512, 384), (384, 512), (512, 288), (288, 512))


class Files:
    """Makes the URLs and serves them. origin: where they are served; clock: epoch seconds."""

    def __init__(self, origin: Callable[[], str], world: World, clock: Callable[[], float]) -> None:
        self._origin = origin
        self._world = world
        self._clock = clock

    def wire(self, task: Task) -> Json:
        """The task's JSON, with its URLs signed now."""
        body = dict(task.body)
        if body.get("image_urls"):
            body["image_urls"] = [
                self.url(task, one) if isinstance(one, Picture) else one for one in body["image_urls"]
            ]
        return body

    def url(self, task: Task, picture: Picture) -> str:
        """`…/tasks/018a…/output/image.png?Expires=<epoch s>&…`."""
        key = quote(task.id, safe="")
        path = f"/sandbox-account/{task.resource}/tasks/{key}/output/{picture.name}"
        if not picture.signed:
            return f"{self._origin()}{path}"
        end = str(int(self._clock()) + LIFETIME)
        signature = _signature(_subject(task, picture), end)
        return f"{self._origin()}{path}?Expires={end}&Signature={signature}&Key-Pair-Id=SANDBOX"

    def routes(self) -> list[web.RouteDef]:
        """One; it needs no key: the signature is one."""
        return [web.get(ROUTE, self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        names = request.match_info
        now = self._clock()
        task = self._world.task(names["resource"], names["id"], now)
        found = [one for one in task.pictures() if one.name == names["name"]] if task else []
        if task is None or not found:
            return _denied("Access Denied")  # as a store answers where nothing may be listed
        subject = _subject(task, found[0])
        if found[0].signed and (error := _signature_error(subject, request.query, now)) is not None:
            return _denied(error)
        seed = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:6])
        kind = FORMATS.get(found[0].name.rpartition(".")[2], "PNG")
        body = await asyncio.to_thread(pictures.picture, seed, *SIZES[seed % len(SIZES)], kind)
        return web.Response(body=body, content_type=f"image/{kind.lower()}")


def _subject(task: Task, picture: Picture) -> str:
    return f"{task.resource}\n{task.id}\n{picture.name}"


def _signature_error(subject: str, query: Mapping[str, str], now: float) -> str | None:
    """The store's message; None where the signature is valid."""
    end = query.get("Expires", "")
    if not hmac.compare_digest(_signature(subject, end).encode(), query.get("Signature", "").encode()):
        return "Access denied"
    return "Request has expired" if now >= int(end) else None


def _signature(subject: str, end: str) -> str:
    return hmac.new(SECRET, f"{subject}\n{end}".encode(), hashlib.sha256).hexdigest()


def _denied(message: str) -> web.Response:
    return web.Response(status=403, text=DENIED.format(message), content_type="application/xml")
