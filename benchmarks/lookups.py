"""1,000 media ids to URLs, from the same sandbox: through the graph, and as a client would without it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import aiohttp
import orjson

import sandbox
from benchmarks.measuring import Measured, median
from loaders.credentials import Credential
from loaders.records import Provider
from loaders.sources import Sources, SourceSettings
from resolvers.context import RequestContext
from sandbox import Sandbox
from sandbox.pixai.world import World
from schema import schema

Ask = Callable[[Sandbox, aiohttp.ClientSession, str], Awaitable[None]]

AWAY = 0.02  # seconds that every answer of the upstream takes to arrive
WHAT = f"1,000 PixAI media ids to URLs, the upstream {AWAY * 1000:.0f} ms away"
AT_ONCE = 8
RUNS = 3
IDS = list(itertools.islice((key for task in World(0.0).listed(0.0) for key in task.media_ids()), 1000))
QUERY = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id url } }"
ONE = "query ($id: String!) { media(id: $id) { id urls { variant url } } }"


async def measure() -> list[Measured]:
    """The graph's aliased batches; one GraphQL call an id; one REST call an id."""
    async with sandbox.start() as box:
        return [
            Measured(WHAT, "the graph: aliased documents, 25 ids each", *await _graph(box)),
            Measured(WHAT, f"one GraphQL call an id, {AT_ONCE} at a time", *await _one_by_one(box, _graphql)),
            Measured(WHAT, f"one REST call an id, {AT_ONCE} at a time", *await _one_by_one(box, _rest)),
        ]


async def _graph(box: Sandbox) -> tuple[float, str]:
    async def run() -> None:
        # a process that knows nothing yet: no cache helps
        credentials = {Provider.PIXAI: Credential({"key": box.pixai.key})}
        async with Sources(SourceSettings(credentials=credentials, pixai_url=box.pixai.url)) as sources:
            ids = [f"pixai:{key}" for key in IDS]
            result = await schema.execute(
                QUERY, variable_values={"ids": ids}, context_value=RequestContext(sources.own())
            )
            orjson.dumps(result.data)

    return await _counted(box, run)


async def _graphql(box: Sandbox, session: aiohttp.ClientSession, key: str) -> None:
    body = {"query": ONE, "variables": {"id": key}}
    async with session.post(f"{box.pixai.url}/graphql", json=body) as response:
        await response.json()


async def _rest(box: Sandbox, session: aiohttp.ClientSession, key: str) -> None:
    async with session.get(f"{box.pixai.url}/v1/media/{key}") as response:
        await response.json()


async def _one_by_one(box: Sandbox, ask: Ask) -> tuple[float, str]:
    async def run() -> None:
        left = iter(IDS)

        async def worker() -> None:
            for key in left:
                await ask(box, session, key)

        headers = {"Authorization": f"Bearer {box.pixai.key}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    return await _counted(box, run)


async def _counted(box: Sandbox, run: Callable[[], Awaitable[None]]) -> tuple[float, str]:
    box.pixai.reset()
    box.pixai.fail("*", latency=AWAY)
    seconds = await median(run, RUNS)
    calls = sum(box.pixai.requests.values()) // (RUNS + 1)
    return seconds, f"{calls} upstream calls"
