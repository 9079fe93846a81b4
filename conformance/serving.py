"""The sandbox and the server over it, as people start them: two processes, on free ports of loopback."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

TRIPTYCH = str(Path(sys.executable).with_name("triptych"))
ADDRESS = re.compile(r"https?://\S+/graphql")
SERVED = {"TRIPTYCH_LIMIT_BATCH": "10"}  # what a client needs and a server does not allow by itself
STARTING = 60  # seconds until a process has printed what is waited for
LOG = Path(__file__).parent / "server.log"


@asynccontextmanager
async def everything() -> AsyncIterator[dict[str, str]]:
    """The environment of a check: GRAPH and ORIGIN of the server, and what points at each upstream."""
    ports = ("--pixai-port", "--meshy-port", "--newapi-port", "--mj-port")
    sandbox = [argument for port in ports for argument in (port, "0")]
    LOG.unlink(missing_ok=True)
    async with _running("sandbox", *sandbox) as upstreams:
        settings = await _settings(upstreams)
        async with _running("serve", "--port", "0", **settings, **SERVED) as server:
            graph = await _address(server)
            yield {
                **os.environ,
                **settings,
                "GRAPH": graph,
                "ORIGIN": graph.removesuffix("/graphql"),
                "TRIPTYCH": TRIPTYCH,
            }


@asynccontextmanager
async def _running(*arguments: str, **settings: str) -> AsyncIterator[Process]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("TRIPTYCH_")}
    with LOG.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            TRIPTYCH, *arguments, env=inherited | settings, cwd=LOG.parent, stdout=PIPE, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _settings(sandbox: Process) -> dict[str, str]:
    """The settings that `triptych sandbox` prints, one line per upstream, and PixAI's event gateway."""
    found: dict[str, str] = {}
    async with asyncio.timeout(STARTING):
        while (line := await _line(sandbox)) is not None:
            text = line.partition("#")[0].split()
            pairs = dict(word.split("=", 1) for word in text if word.startswith("TRIPTYCH_"))
            # further keys of the same upstream follow: the first ones count
            found |= {name: value for name, value in pairs.items() if name not in found}
            if "TRIPTYCH_PIXAI_WS_URL" in found:
                return found
    raise RuntimeError(f"the sandbox has ended: see {LOG}")


async def _address(server: Process) -> str:
    async with asyncio.timeout(STARTING):
        while (line := await _line(server)) is not None:
            if address := ADDRESS.search(line):
                return address[0]
    raise RuntimeError(f"the server has ended: see {LOG}")


async def _line(process: Process) -> str | None:
    assert process.stdout is not None
    line = await process.stdout.readline()
    return line.decode() if line else None
