"""Midjourney's source over the emulated new-api and midjourney-proxy, on loopback."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from aiohttp import web

from loaders.account import TaskWrites
from loaders.budget import Budget, Limits
from loaders.credentials import Credential
from loaders.errors import TriptychError
from loaders.listing import Listing, ListStep
from loaders.midjourney.account import MidjourneyAccount
from loaders.midjourney.newapi.client import NewapiClient, TimeUnit
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.outcome import Outcomes
from loaders.records import MediaRecord, SeedAnswer, SeedRecord, TaskRecord
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS

LIST = "GET /api/mj/self"
ALL = "GET /api/mj/"
BATCH = "POST /mj/task/list-by-condition"
SEED = "GET /mj/task/{id}/image-seed"

PIG = "1730621826053455"
SINGLES = TASKS["imageUrls"]
ROW_ONLY = TASKS["row only"]
UNKNOWN = "0000000000000000"
T0 = 1_730_000_000_000  # epoch ms


def fill(box: Sandbox, *times: int) -> list[str]:
    """A world of these submit times only; the keys, newest row first."""
    box.mj.world.clear()
    return [box.mj.world.insert(submit=T0 + time).id for time in times][::-1]


def keys(steps: Iterable[ListStep]) -> list[str]:
    """Of all rows, in the order they came."""
    return [row.key for step in steps for row in step.rows]


def own_ids(box: Sandbox, count: int) -> list[str]:
    """Ordinary tasks of this user that both servers know."""
    own = [task.id for task in box.mj.world if task.proxied and task.listed and task.user == box.newapi.user]
    return [key for key in own if key][:count]


def at(milliseconds: int) -> datetime:
    """That long after 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@dataclass
class Served:
    """An account with the right keys, and what it asks."""

    box: Sandbox
    account: MidjourneyAccount

    async def tasks(self, *keys: str) -> Outcomes[TaskRecord]:
        """As a dataloader asks."""
        return await self.account.reads.tasks.get(keys, later())

    async def media(self, *keys: str) -> Outcomes[MediaRecord]:
        """As a dataloader asks."""
        return await self.account.reads.media.get(keys, later())

    async def seed_answers(self, *keys: str, budget: Budget | None = None) -> Outcomes[SeedAnswer]:
        """As a dataloader asks."""
        assert self.account.reads.seeds is not None
        return await self.account.reads.seeds.get(keys, budget or later())

    async def seeds(self, *keys: str) -> Outcomes[tuple[SeedRecord, ...]]:
        """As the graph asks: the tasks, and then image-seed for those that do not tell their seeds."""
        tasks = await self.tasks(*keys)
        silent = [key for key, task in tasks.items() if isinstance(task, TaskRecord) and task.seeds is None]
        answers = await self.seed_answers(*silent)
        return {key: _seeds(task, answers.get(key)) for key, task in tasks.items()}

    async def task(self, key: str) -> TaskRecord:
        """A task that exists."""
        found = (await self.tasks(key))[key]
        assert isinstance(found, TaskRecord), found
        return found

    async def steps(self, listing: Listing) -> list[ListStep]:
        """The whole walk."""
        return [step async for step in self.walk(listing)]

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """As a list of the graph walks."""
        assert self.account.lists is not None
        async for step in self.account.lists.walk(listing, hint):
            yield step

    @property
    def writes(self) -> TaskWrites:
        """What changes something."""
        assert self.account.writes is not None
        return self.account.writes

    async def fresh(self, key: str) -> TaskRecord:
        """A task that exists, as its server has it now."""
        self.account.reads.tasks.invalidate(key)
        return await self.task(key)

    def calls(self) -> Counter[str]:
        """How often each route of both servers was asked."""
        return self.box.newapi.requests + self.box.mj.requests


def later(seconds: float = 30, silence: float = 8) -> Budget:
    """Of a request that may take so long, and wait so long for a server that says nothing."""
    return Budget.starting_now(seconds, Limits(silence=silence))


def _seeds(
    task: TaskRecord | TriptychError, answer: SeedAnswer | TriptychError | None
) -> tuple[SeedRecord, ...] | TriptychError:
    if isinstance(task, TriptychError):
        return task
    if isinstance(answer, TriptychError):
        return answer
    try:
        return task.seeds or () if answer is None else answer.seeds(task)
    except TriptychError as error:
        return error


@asynccontextmanager
async def served(
    box: Sandbox,
    *,
    newapi: bool = True,
    proxy: bool = True,
    auth: str | None = None,
    unit: TimeUnit = "ms",
    seconds: float = 30,
    secrets: Mapping[str, str] | None = None,
    mj_url: str | None = None,
) -> AsyncIterator[Served]:
    """newapi, proxy: whether it is there. auth, mj_url: None: the emulator's own. secrets: other ones."""
    own = {"newapi_token": box.newapi.key, "newapi_user": str(box.newapi.user), "mj_key": box.mj.key}
    async with AsyncExitStack() as stack:
        lists = NewapiClient(box.newapi.url, unit) if newapi else None
        lookups = MjProxyClient(mj_url or box.mj.url, auth or box.mj.auth) if proxy else None
        for client in (lists, lookups):
            if client is not None:
                await client.open()
                stack.push_async_callback(client.close)
        credential = Credential({name: value for name, value in (own | dict(secrets or {})).items() if value})
        allowed = {box.mj.url, box.newapi.url, box.pixai.url}
        account = MidjourneyAccount(
            lists, lookups, credential, seconds=seconds, write_seconds=seconds, allowed=allowed
        )
        stack.push_async_callback(account.close)
        yield Served(box, account)


Via = Literal["mj-api-secret", "authorization-raw", "bearer", "relay"]
VIAS: tuple[Via, ...] = get_args(Via)


def via(
    box: Sandbox, way: Via, *, seconds: float = 30, secrets: Mapping[str, str] | None = None
) -> AbstractAsyncContextManager[Served]:
    """Through midjourney-proxy, which expects its key in this way, or through new-api's relay."""
    if way == "relay":
        secrets = {"mj_key": box.newapi.relay_key, **(secrets or {})}
        return served(box, auth="bearer", mj_url=box.newapi.url, secrets=secrets, seconds=seconds)
    box.mj.auth = way
    return served(box, secrets=secrets, seconds=seconds)


@dataclass
class Odd:
    """A server that answers every request alike, for what no emulated one does."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    asked: list[web.Request] = field(default_factory=list)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        return web.Response(status=self.status, text=self.body, headers=dict(self.headers))


@asynccontextmanager
async def odd(**given: Any) -> AsyncIterator[Odd]:
    """Fields of Odd; origin is where it is served."""
    server = replace(Odd(), **given)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server._answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
