"""GraphiQL, as Strawberry brings it, under a content security policy."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.example import EXAMPLE


def opened(request: Request, html: str) -> Response:
    """The page, opened on the example, which it takes from `?q=` (where + is not a space)."""
    if "q" not in request.query_params:
        return RedirectResponse(f"{request.url.path}?q={quote(EXAMPLE, safe='')}", status_code=302)
    return HTMLResponse(html, headers=_headers(html))


def _headers(html: str) -> dict[str, str]:
    # its scripts from elsewhere have digests of their own in the page; the inline one gets one here.
    # Its editor sets styles as it runs, and loads no script
    inline = [text for text in re.findall(r"<script>(.*?)</script>", html, re.DOTALL) if text.strip()]
    digests = [f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in inline]
    places = sorted(set(re.findall(r"(?:src|href)=\"(https://[^/\"]+)/", html)))
    policy = {
        "default-src": ["'none'"],
        "script-src": [*digests, *places],
        "style-src": ["'unsafe-inline'", *places],
        "font-src": ["data:", *places],
        "img-src": ["'self'", "http:", "https:", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {' '.join(parts)}" for name, parts in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }
