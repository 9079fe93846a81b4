"""A whole Triptych on loopback: the sandbox, the sources, the server, and a client that asks it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
import uvicorn
from hypothesis import settings as hypothesis_settings

import sandbox
from engine.planned import Engine
from loaders import retry
from loaders.sources import Sources
from sandbox import Sandbox
from server.app import application
from server.run import COLLECTED, listen, uvicorn_config
from server.settings import Settings
from server.source_config import source_settings
from server.state import open_writes

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # of a shell's background job: children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.freeze()  # as a server does: what was imported stays, and the collector need not visit it after each test
gc.set_threshold(*COLLECTED)

hypothesis_settings.register_profile("small", max_examples=30, deadline=None)
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES") or 1_000)  # a test of the long run
hypothesis_settings.register_profile("long", max_examples=EXAMPLES, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "small"))


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of a test's time is spent waiting for sockets and processes."""
    return 2 * (os.cpu_count() or 1)


async def _at_once(_seconds: float) -> None:
    """As long a sleep as a test has time for."""
    await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test touches the state of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries happen, as often as ever, but without their pauses."""
    monkeypatch.setattr(retry, "sleep", _at_once)


def without_ids(answer: Any, request_id: str) -> Any:
    """An answer without its request's id, another each time, which all of its errors must carry."""
    for error in answer.get("errors", ()) if isinstance(answer, dict) else ():
        assert error["extensions"].pop("requestId") == request_id
    return answer


@dataclass
class Client:
    """What a frontend has: the graph's address, and a way to ask."""

    origin: str
    session: aiohttp.ClientSession

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The whole answer."""
        body = {"query": query, "variables": variables}
        async with self.session.post(f"{self.origin}/graphql", json=body) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = without_ids(await response.json(), response.headers["X-Request-Id"])
            return answer

    async def data(self, query: str, **variables: object) -> dict[str, Any]:
        """The answer's data, which must be whole."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


class StoppedAtOnce(uvicorn.Server):
    """uvicorn looks ten times a second whether it should stop; hundreds of tests should not wait for that."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopped = asyncio.Event()

    async def main_loop(self) -> None:
        """Until it is told."""
        await self.on_tick(0)
        await self.stopped.wait()


@asynccontextmanager
async def serving(settings: Settings, box: Sandbox | None, **places: Any) -> AsyncIterator[Client]:
    """The real server over real sockets, in this loop. places: SourceSettings of the test's own.

    `TRIPTYCH_ENGINE=strawberry make test` runs every test over Strawberry's own execution.
    """
    if (
        engine := os.environ.get("TRIPTYCH_ENGINE")
    ) is not None and "engine" not in settings.model_fields_set:
        settings = settings.model_copy(update={"engine": Engine(engine)})
    with listen("127.0.0.1", 0) as bound:
        origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
        async with (
            Sources(replace(source_settings(settings, box), **places)) as sources,
            open_writes(settings, sources) as writes,
        ):
            app = application(settings, sources, settings.public_url or origin, writes=writes)
            server = StoppedAtOnce(uvicorn_config(app, settings, app.state.at_once))
            running = asyncio.create_task(server.serve(sockets=[bound]))
            try:
                async with aiohttp.ClientSession() as session:
                    yield Client(origin, session)
            finally:
                server.stopped.set()
                await running


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """The sandbox: every upstream, freshly started."""
    async with sandbox.start() as started:
        yield started


@pytest.fixture
async def graph(box: Sandbox) -> AsyncIterator[Client]:
    """The graph over the sandbox, with default settings."""
    async with serving(Settings(), box) as client:
        yield client


Serve = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def serve(box: Sandbox) -> Serve:
    """The graph over the sandbox, with settings of the test's own."""

    def with_settings(**given: Any) -> AbstractAsyncContextManager[Client]:
        return serving(Settings(**given), box)

    return with_settings
