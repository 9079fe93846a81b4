"""What stays in memory under endlessly distinct documents.

    python -m benchmarks.memory --documents 1000000

One server, over the stub. Every document is another one: by an id alone, an alias, a name, or wrong. The
table shows what the process takes above its start. No id is a new one that exists, so that what is
remembered of pictures, which has a bound of its own, stays out of it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import orjson

from benchmarks.measuring import free_port, stub, wait_for
from benchmarks.processes import Process, cores
from benchmarks.systems import OURS

CONNECTIONS = 8
LOOKS = 10
WARM = 1_000  # documents before the start is taken: what is imported and compiled once is not counted


def documents(start: int = 0) -> Iterator[str]:
    """All different."""
    number = start
    while True:
        number += 1
        yield f'{{ m: media(id: "?{number}") {{ id width }} providers {{ provider }} }}'
        yield f'{{ m{number}: media(id: "pixai:4590") {{ id width height urls {{ variant url }} }} }}'
        yield f'query Q{number}($id: ID!) {{ media(id: $id) {{ id }} task(id: "?{number}") {{ id }} }}'
        yield f"{{ nothing{number} }}"


def main() -> None:
    """Print a line now and then."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    words.add_argument("--documents", type=int, default=100_000)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder, stub(Path(folder)) as (origin, _):
        port = free_port()
        command, environ, place = OURS.started(port, origin, Path(folder))
        server = Process(command, environ | {"TRIPTYCH_LOG": "off"}, place, Path(folder) / "log", cores()[0])
        try:
            url = f"http://127.0.0.1:{port}{OURS.path}"
            wait_for(url, server)
            asyncio.run(_measure(url, server, given.documents))
        finally:
            server.stop()


async def _measure(url: str, server: Process, count: int) -> None:
    texts = documents()
    async with aiohttp.ClientSession() as session:
        await _send(session, url, texts, WARM)
        start = server.memory()
        print(f"{'documents':>12} {'MiB above the start':>20}", flush=True)
        for look in range(1, LOOKS + 1):
            await _send(session, url, texts, count // LOOKS)
            print(f"{count // LOOKS * look:>12,} {(server.memory() - start) / 2**20:>20.1f}", flush=True)


async def _send(session: aiohttp.ClientSession, url: str, texts: Iterator[str], count: int) -> None:
    left = iter(range(count))

    async def connection() -> None:
        for _ in left:
            body = orjson.dumps({"query": next(texts), "variables": {"id": "pixai:4590"}})
            async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
                await response.read()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    main()
