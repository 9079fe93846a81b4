"""`/healthz`: the process is alive. `/readyz`: the state of each source, without calling it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loaders.account import Account
from loaders.records import Provider
from loaders.sources import Sources


class Health:
    """Both answer 200 while the server serves: a source that is down affects its own fields only."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def live(self, _request: Request) -> Response:
        """`/healthz`."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """`/readyz`."""
        accounts = self._sources.own()
        standing = {provider.value: _standing(accounts.get(provider)) for provider in Provider}
        return JSONResponse({"status": "ready", "sources": standing})


def _standing(account: Account | None) -> str:
    if account is None:
        return "not configured"
    return "available" if account.breaker.retry_after is None else "failing"
