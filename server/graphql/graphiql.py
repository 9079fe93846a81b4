"""GraphiQL: a page whose scripts and styles come from this server alone, under a content security policy.

    server/graphql/vendored/    its npm packages' own files, compressed, as `make graphiql` writes them
    graphiql.page.js, .css      what makes a page of them

Version 4 of GraphiQL is the last that comes as one script; version 5 is Monaco, with its workers, of which a
bundle takes 3 MB.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server import error_response
from server.example import EXAMPLE
from server.negotiation import takes_gzip

PATH = "/graphiql/"
_HERE = Path(__file__).parent
# in the order in which they are loaded
_FILES = (
    "vendored/graphiql.css.gz",
    "vendored/explorer.css.gz",
    "graphiql.page.css",
    "vendored/react.js.gz",
    "vendored/react-dom.js.gz",
    "vendored/graphiql.js.gz",
    "vendored/explorer.js.gz",
    "graphiql.page.js",
)
_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_FOR_EVER = "public, max-age=31536000, immutable"


class GraphiQL:
    """The page and its files, read once. Each file's name holds a hash of it, so that browsers keep it."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        styles, scripts = [], []
        for path in _FILES:
            packed = (_HERE / path).read_bytes()
            packed = packed if path.endswith(".gz") else gzip.compress(packed, mtime=0)
            content = gzip.decompress(packed)
            stem, _, kind = Path(path.removesuffix(".gz")).name.rpartition(".")
            name = f"{stem}.{sha256(content).hexdigest()[:12]}.{kind}"
            self._files[name] = packed
            integrity = f'integrity="sha256-{b64encode(sha256(content).digest()).decode()}"'
            if kind == "css":
                styles.append(f'<link rel="stylesheet" href="{PATH}{name}" {integrity}>')
            else:
                scripts.append(f'<script nonce="{{nonce}}" defer src="{PATH}{name}" {integrity}></script>')
        html = (_HERE / "graphiql.html").read_text(encoding="utf-8")
        html = html.replace("<!-- styles -->", "\n".join(styles))
        self._html = html.replace("<!-- scripts -->", "\n".join(scripts))

    def opened(self, request: Request) -> Response:
        """The page, opened on the example, which it takes from `?q=` (where + is not a space)."""
        if "q" not in request.query_params:
            return RedirectResponse(f"{request.url.path}?q={quote(EXAMPLE, safe='')}", status_code=302)
        nonce = token_urlsafe(16)
        return HTMLResponse(self._html.replace("{nonce}", nonce), headers=_headers(nonce))

    async def file(self, request: Request) -> Response:
        """One of the page's files."""
        packed = self._files.get(request.path_params["name"])
        if packed is None:
            return error_response.answer(404, error_response.NOT_FOUND, "Nothing is served at this path")
        headers = {
            "Cache-Control": _FOR_EVER,
            "Content-Type": _KINDS[request.path_params["name"].rpartition(".")[2]],
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(packed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(packed), headers={**headers, "Content-Encoding": "identity"})


def _headers(nonce: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": "'self' http: https: data:",  # it shows the picture of a URL that is pointed at
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",  # its nonce is for one use
    }
