"""`/`: a small page that needs nothing from the internet."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.example import EXAMPLE, TASK

FILE = Path(__file__).with_name("page.html")


class Page:
    """`page.html` with the example filled in, under a content security policy that allows nothing else.

    Images may come from anywhere, because permalinks redirect anywhere. The page's own script and style are
    allowed by their digests.
    """

    def __init__(self) -> None:
        example = json.dumps({"query": EXAMPLE, "task": TASK}).replace("<", "\\u003c")
        self._html = FILE.read_text(encoding="utf-8").replace("/*example*/null", example)
        self._headers = {
            "Content-Security-Policy": "; ".join(
                [
                    "default-src 'none'",
                    f"script-src {_digest(self._html, 'script')}",
                    f"style-src {_digest(self._html, 'style')}",
                    "img-src 'self' http: https: data:",
                    "connect-src 'self'",
                    "base-uri 'none'",
                    "form-action 'none'",
                    "frame-ancestors 'none'",
                ]
            ),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
        }

    async def show(self, _request: Request) -> Response:
        """The page."""
        return HTMLResponse(self._html, headers=self._headers)


def _digest(html: str, element: str) -> str:
    found = re.search(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
    assert found is not None, f"{FILE.name} has one <{element}>"
    return f"'sha256-{base64.b64encode(sha256(found[1].encode()).digest()).decode()}'"
