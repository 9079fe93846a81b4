"""The loader contract's table: every source, what it loads, and what that may cost; and how one is opened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeAlias

from loaders.account import Account, Reader
from loaders.budget import Budget, Limits
from loaders.credentials import Credential
from loaders.dataloaders import KeyedLoader, MediaByKey, SeedAnswerByTask, TaskByKey
from loaders.errors import TriptychError
from loaders.meshy.client import MeshyClient
from loaders.midjourney.newapi.client import NewapiClient
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.pixai.client import PixaiClient
from loaders.records import MediaRecord, Provider, SeedAnswer, SeedRecord, TaskRecord
from loaders.sources import Sources
from sandbox import Sandbox, Upstream
from sandbox.faults import FaultFields
from sandbox.meshy.edge_cases import TASKS as ODD_MESHY
from sandbox.meshy.world import World as Meshy
from sandbox.midjourney.edge_cases import TASKS as ODD_MJ
from sandbox.midjourney.fixed import fixed
from sandbox.midjourney.records import USER
from sandbox.pixai.edge_cases import TASKS as ODD_PIXAI
from sandbox.pixai.world import World as Pixai
from server.settings import Settings
from server.source_config import source_settings
from tests import factories

Kind: TypeAlias = Literal["tasks", "media", "seeds"]
Record: TypeAlias = TaskRecord | MediaRecord | tuple[SeedRecord, ...]
Outcome: TypeAlias = Record | BaseException | None

GRAPHQL = "POST /graphql"
MESHY = "GET /openapi/v1/image-to-image/{id}"
ROW = "GET /api/mj/self"
BATCH = "POST /mj/task/list-by-condition"
SEED = "GET /mj/task/{id}/image-seed"

# route -> whose route it is, and the client's method that asks it
ROUTES: Mapping[str, tuple[str, type, str]] = {
    GRAPHQL: ("pixai", PixaiClient, "execute"),
    MESHY: ("meshy", MeshyClient, "get_task"),
    ROW: ("newapi", NewapiClient, "list"),
    BATCH: ("mj", MjProxyClient, "tasks"),
    SEED: ("mj", MjProxyClient, "image_seed"),
}

# source -> which of the sandbox's places it has to do without
WITHOUT: Mapping[str, tuple[str, ...]] = {
    "pixai": (),
    "meshy": (),
    "midjourney": (),
    "new-api alone": ("mj_url",),
    "mj-proxy alone": ("newapi_url",),
}

# Finished ones with pictures, of which nothing is odd; seeds of Midjourney's are still to be asked for.
PIXAI = {
    task.id: task.cover
    for task in Pixai(0).listed(0)
    if task.status == "completed"
    and task.cover
    and task.schedule is None
    and task.id not in ODD_PIXAI.values()
}
MESHY_TASKS = [
    task.id
    for task in Meshy(0).listed("image-to-image", 0)
    if task.status == "SUCCEEDED" and task.schedule is None and task.id not in ODD_MESHY.values()
]
MJ_TASKS = [
    task.id
    for task in fixed()
    if (task.status, task.action, task.user, task.listed, task.proxied) == ("SUCCESS", "IMAGINE", USER, 1, 1)
    and task.seeding in {"text", "number"}
    and not (task.seed_known or "--seed" in task.final_prompt or task.id in ODD_MJ.values())
]


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of thing at one source, and what the contract promises of it.

    ids: of things that are there. key: how an id becomes the loader's key. route: where they are asked for.
    chunk: keys a call. at_once: calls in flight of one large request; where keys share calls, one more than
    the limit, because what is left over after the last whole chunk goes with the small requests' keys.
    spoils: how many keys fail when one of them makes its call, or its alias, fail. beside: a route that is
    asked on the way and is not counted. then: where the keys that the route does not know are asked for
    next, one a call.
    """

    source: str
    kind: Kind
    ids: Sequence[str]
    key: str
    route: str
    chunk: int
    at_once: int
    spoils: int
    beside: str = ""
    then: str = ""

    def __str__(self) -> str:
        return f"{self.source} {self.kind}"

    @property
    def provider(self) -> Provider:
        """Whose keys they are."""
        return Provider(self.source.upper()) if self.source in {"pixai", "meshy"} else Provider.MIDJOURNEY

    def keys(self, count: int) -> list[str]:
        """The first of those that are there."""
        return [self.key.format(one) for one in self.ids[:count]]

    def unknown(self, count: int) -> list[str]:
        """Keys as good as any, of things that are nowhere."""
        return [self.key.format(9_000_000_000_000_000_000 + index) for index in range(count)]

    def calls(self, count: int, unknown: int = 0) -> dict[str, int]:
        """What so many keys cost, of which so many are nowhere."""
        again = {self.then: unknown} if self.then and unknown else {}
        return {self.route: -(-count // self.chunk)} | again

    def spoilt_by(self, id: str) -> FaultFields:
        """A fault of the one alias, or of the one call, that asks for this id."""
        if self.route == GRAPHQL:
            return {"partial_errors": 1.0, "match": id}
        return {"status": 500, "match": id}


_IMAGE, _PICTURE = "image-to-image:{}", "image-to-image:{}:0"

CASES = (
    # source, kind, ids, key, route, chunk, at once, spoils
    Case("pixai", "tasks", [*PIXAI], "{}", GRAPHQL, 25, 17, 1),
    Case("pixai", "media", [*PIXAI.values()], "{}", GRAPHQL, 25, 17, 1),
    Case("meshy", "tasks", MESHY_TASKS, _IMAGE, MESHY, 1, 8, 1),
    Case("meshy", "media", MESHY_TASKS, _PICTURE, MESHY, 1, 8, 1),
    Case("midjourney", "tasks", MJ_TASKS, "{}", BATCH, 50, 9, 50, then=ROW),
    Case("midjourney", "media", MJ_TASKS, "{}:0", BATCH, 50, 9, 50, then=ROW),
    Case("midjourney", "seeds", MJ_TASKS, "{}", SEED, 1, 4, 1, BATCH, then=ROW),
    Case("new-api alone", "tasks", MJ_TASKS, "{}", ROW, 1, 8, 1),
    Case("new-api alone", "media", MJ_TASKS, "{}:0", ROW, 1, 8, 1),
    Case("mj-proxy alone", "tasks", MJ_TASKS, "{}", BATCH, 50, 9, 50),
    Case("mj-proxy alone", "media", MJ_TASKS, "{}:0", BATCH, 50, 9, 50),
    Case("mj-proxy alone", "seeds", MJ_TASKS, "{}", SEED, 1, 4, 1, BATCH),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A case's source over the sandbox, asked as requests of the graph ask it."""

    case: Case
    box: Sandbox
    sources: Sources

    @property
    def server(self) -> Upstream:
        """The emulator that has the case's route."""
        name = ROUTES[self.case.route][0]
        return next(one for one in self.box.upstreams() if one.name == name)

    @property
    def own(self) -> Account:
        """The account of the server's own keys."""
        return self.sources.own()[self.case.provider]

    def stranger(self) -> Account:
        """The account of keys that no emulator knows."""
        secrets = dict.fromkeys(("key", "newapi_token", "newapi_user", "mj_key"), "1234")
        provider = self.case.provider
        return self.sources.of_caller({provider: Credential(secrets)})[provider]

    def loader(
        self, account: Account | None = None, seconds: float = 30, silence: float = 30
    ) -> KeyedLoader[Any]:
        """Of one request. account: None: the server's own. seconds: until its deadline."""
        reads = (account or self.own).reads
        budget = Budget.starting_now(seconds, Limits(silence=silence))
        match self.case.kind:
            case "tasks":
                return TaskByKey(reads.tasks, budget)
            case "media":
                return MediaByKey(reads.media, budget)
            case "seeds":
                assert reads.seeds is not None
                return SeedAnswerByTask(reads.seeds, budget)

    async def load(
        self, keys: Iterable[str], account: Account | None = None, seconds: float = 30, silence: float = 30
    ) -> list[Outcome]:
        """What one request gets for each key, in their order: a record, None or what is raised."""
        loader = self.loader(account, seconds, silence)
        load: Callable[[str], Awaitable[Any]] = loader.load
        if self.case.kind == "seeds":
            tasks = TaskByKey((account or self.own).reads.tasks, Budget.starting_now(seconds))
            load = partial(_seeds, tasks, loader)
        found: list[Outcome] = await asyncio.gather(*map(load, keys), return_exceptions=True)
        return found

    async def get(self, keys: Iterable[str]) -> list[str]:
        """Below the dataloaders: the keys for which the batcher found a record that says it is theirs."""
        reader: Reader[Any] = getattr(self.own.reads, self.case.kind)
        found = await reader.get(keys, Budget.starting_now(30))
        if self.case.kind == "seeds":
            return [
                key
                for key, answer in found.items()
                if not isinstance(answer, TriptychError) and shown(answer.seeds(factories.task(key))) == key
            ]
        return [key for key, value in found.items() if shown(value) == key]

    def calls(self) -> Counter[str]:
        """How often each route of every emulator was asked, but the one beside the case's."""
        asked: Counter[str] = sum((one.requests for one in self.box.upstreams()), Counter())
        return Counter({route: count for route, count in asked.items() if route != self.case.beside})

    async def asked(self) -> None:
        """Until a call of the case's route has arrived."""
        async with asyncio.timeout(10):
            while not self.calls():  # noqa: ASYNC110  # the emulator counts, and tells nobody
                await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(case: Case, box: Sandbox) -> AsyncIterator[Opened]:
    """As the server opens it, with its defaults."""
    box.newapi.auth = "new"  # refuses a wrong token with a code
    places: dict[str, Any] = dict.fromkeys(WITHOUT[case.source])
    async with Sources(replace(source_settings(Settings(), box), **places)) as sources:
        yield Opened(case, box, sources)


async def _seeds(tasks: TaskByKey, answers: KeyedLoader[Any], key: str) -> tuple[SeedRecord, ...] | None:
    """As the graph finds them: the task, then what its source tells of its seeds."""
    task = await tasks.load(key)
    answer: SeedAnswer | None = None if task is None else await answers.load(key)
    return None if task is None or answer is None else answer.seeds(task)


def shown(outcome: Outcome) -> str | None:
    """A record as its key, an error as its class's name, absence as None."""
    if isinstance(outcome, BaseException):
        return type(outcome).__name__
    if isinstance(outcome, tuple):
        return outcome[0].task_key if outcome else "no seed"
    return None if outcome is None else outcome.key
