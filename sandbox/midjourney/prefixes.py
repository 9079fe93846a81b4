"""The paths that Midjourney's servers have several times: once, and once for each mode."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

PREFIXES = ("/mj", "/{mode:mj-(?:fast|turbo|relax)}/mj")


def in_all_modes(*routes: tuple[str, str, Handler]) -> list[web.RouteDef]:
    """("GET", "/task/{id}/fetch", handler) -> its routes under /mj, and under /mj-fast/mj and the like."""
    return [
        web.route(method, prefix + path, handler) for prefix in PREFIXES for method, path, handler in routes
    ]
