"""`/healthz`: the process is alive. `/readyz`: the state of each source, without calling it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loaders.records import Provider
from loaders.sources import Sources
from server.checks import Checks, State


class Health:
    """Both answer 200 while the server serves: a source that is down affects its own fields only.

    checks: what a running server has found out about its sources; None where nobody checks.
    """

    def __init__(self, sources: Sources, checks: Checks | None = None) -> None:
        self._sources = sources
        self._checks = checks

    async def live(self, _request: Request) -> Response:
        """`/healthz`."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """`/readyz`."""
        states = {provider.value: self._state(provider) for provider in Provider}
        return JSONResponse({"status": "ready", "sources": states})

    def _state(self, provider: Provider) -> str:
        account = self._sources.own().get(provider)
        if account is None:
            return "not configured"
        # the last call's, or where the source has a second server, that of the check
        error = account.breaker.last_error
        if error is None and self._checks is not None:
            error = self._checks.error(provider)
        state = State.of(error)
        if state is State.AVAILABLE and account.breaker.retry_after is not None:
            return State.FAILING
        return state
