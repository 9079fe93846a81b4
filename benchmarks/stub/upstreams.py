"""What stands under which path, and how often each was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from benchmarks.stub import rows, shapes
from benchmarks.stub.documents import Documents, UnknownDocument

MESHY_MOST, NEWAPI_MOST = 50, 100  # rows a page, as the real ones give at most
CONTROL = "/stub"
_MEDIA = "query($id: String!) { media(id: $id) { id type width height imageType urls { variant url } } }"


class Upstreams:
    """PixAI, Meshy and new-api on one origin. latency: seconds before each answer leaves.

    calls: HTTP requests by kind; the control path is not among them.
    """

    def __init__(self) -> None:
        self.latency = 0.0
        self.calls: Counter[str] = Counter()
        self._documents = Documents()
        self._pages = 0
        self._lists: dict[str, Callable[[Mapping[str, str]], bytes]] = {
            "/openapi/v1/image-to-image": self._meshy,
            "/api/mj/self": self._newapi,
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and JSON."""
        path, _, query = path.partition("?")
        if path == "/graphql":
            return self._graphql(orjson.loads(body))
        if path == CONTROL:
            return 200, self._control(orjson.loads(body) if method == "POST" else None)
        if path in self._lists:
            self.calls[path.split("/")[1] + " list"] += 1
            return 200, self._lists[path](dict(parse_qsl(query)))
        if path.startswith("/v1/media/"):
            self.calls["rest media"] += 1
            key = path.removeprefix("/v1/media/")
            if key.isdecimal():
                data = orjson.loads(self._documents.answer(_MEDIA, {"id": key})[1])["data"]
                return 200, orjson.dumps(data["media"])
        return 404, b'{"message":"not found"}'

    def _graphql(self, asked: Any) -> tuple[int, bytes]:
        try:
            if isinstance(asked, list):  # an array of requests, which PixAI itself does not take
                self.calls["array of documents"] += 1
                answers = [self._documents.answer(one["query"], one.get("variables") or {}) for one in asked]
                return 200, f"[{','.join(text for _, text in answers)}]".encode()
            kind, text = self._documents.answer(asked["query"], asked.get("variables") or {})
        except UnknownDocument as error:
            return 400, orjson.dumps({"errors": [{"message": str(error)}]})
        self.calls[kind] += 1
        return 200, text.encode()

    def _control(self, wanted: Mapping[str, Any] | None) -> bytes:
        # {"latency": 0.02, "rolling": true}: sets them, and counts from nothing again
        counted = dict(self.calls)
        if wanted is not None:
            self.latency = float(wanted.get("latency", self.latency))
            self._documents.rolling = bool(wanted.get("rolling", self._documents.rolling))
            self.calls.clear()
        return orjson.dumps({"calls": counted, "latency": self.latency, "rolling": self._documents.rolling})

    def _call(self) -> int:
        self._pages += 1
        return self._pages if self._documents.rolling else 0

    def _meshy(self, asked: Mapping[str, str]) -> bytes:
        first, last = _window(asked, "page_num", int(asked.get("page_size", 10)), MESHY_MOST)
        call = self._call()
        return orjson.dumps([_meshy_row(call, position) for position in range(first, last)])

    def _newapi(self, asked: Mapping[str, str]) -> bytes:
        size = min(int(asked.get("page_size", 10)), NEWAPI_MOST)
        first, last = _window(asked, "p", size, NEWAPI_MOST)
        call = self._call()
        items = [_newapi_row(call, position) for position in range(first, last)]
        page = {"page": int(asked.get("p", 1)), "page_size": size, "total": rows.ROWS, "items": items}
        return orjson.dumps({"success": True, "message": "", "data": page})


def _window(asked: Mapping[str, str], page: str, size: int, most: int) -> tuple[int, int]:
    size = min(size, most)
    first = (max(1, int(asked.get(page, 1))) - 1) * size
    return first, min(first + size, rows.ROWS)


def _meshy_row(call: int, position: int) -> dict[str, object]:
    key, time = rows.meshy_key(call, position), rows.MESHY_TIMES[position]
    return {
        "id": key,
        "type": "image-to-image",
        "ai_model": "nano-banana-pro",
        "prompt": "a lighthouse in the rain",
        "status": "SUCCEEDED",
        "progress": 100,
        "created_at": time,
        "started_at": time + 100,
        "finished_at": time + 900,
        "expires_at": 4102444800000,
        "image_urls": [shapes.media_url(key, "PUBLIC")],
        "consumed_credits": 9,
    }


def _newapi_row(call: int, position: int) -> dict[str, object]:
    key, time = rows.midjourney_key(call, position), rows.NEWAPI_TIMES[position]
    return {
        "id": 100_000 - position,
        "code": 1,
        "user_id": 1,
        "action": "IMAGINE",
        "mj_id": key,
        "prompt": "a lighthouse in the rain",
        "prompt_en": "a lighthouse in the rain",
        "description": "",
        "state": "",
        "submit_time": time,
        "start_time": time + 100,
        "finish_time": time + 900,
        "image_url": shapes.media_url(key, "PUBLIC"),
        "video_url": "",
        "video_urls": "",
        "status": "SUCCESS",
        "progress": "100%",
        "fail_reason": "",
        "channel_id": 1,
        "quota": 50_000,
        "buttons": "",
        "properties": "",
    }
