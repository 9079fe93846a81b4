"""The server under test: a process of its own, whose memory and descriptors can be read (Linux)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox import Sandbox

COMMAND = Path(sys.executable).with_name("triptych")
SOURCE_DEADLINE = 3.0  # seconds; a busy machine that keeps a source waiting for less is not blamed on it
DEADLINE = 10.0


@dataclass(frozen=True, slots=True)
class Gauges:
    """memory: resident, in MiB."""

    memory: float
    descriptors: int


class Server:
    """A running `triptych serve`."""

    def __init__(self, process: Process, origin: str, log: IO[bytes]) -> None:
        self.origin = origin
        self._process = process
        self._log = log

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.returncode is None

    def gauges(self) -> Gauges:
        """What it holds now. Raises OSError where there is no /proc."""
        place = Path(f"/proc/{self._process.pid}")
        resident = re.search(r"VmRSS:\s+(\d+) kB", (place / "status").read_text())
        return Gauges(int(resident[1]) / 1024 if resident else 0.0, len(list((place / "fd").iterdir())))

    def logged(self) -> list[dict[str, object]]:
        """Every line that it has written."""
        self._log.seek(0)
        return [_parsed(line.decode("utf-8", "replace")) for line in self._log.read().splitlines()]


def _parsed(line: str) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(line)
    except ValueError:  # what the interpreter itself writes
        return {"level": "ERROR", "event": line}
    return found


@asynccontextmanager
async def serving(box: Sandbox) -> AsyncIterator[Server]:
    """It asks the box; asked to end, it does so within its deadline."""
    settings = {
        **{"PIXAI_URL": box.pixai.url, "PIXAI_KEY": box.pixai.key},
        **{"MESHY_URL": box.meshy.url, "MESHY_KEY": box.meshy.key},
        **{"NEWAPI_URL": box.newapi.url, "NEWAPI_TOKEN": box.newapi.key, "NEWAPI_USER": str(box.newapi.user)},
        **{"MJ_URL": box.mj.url, "MJ_KEY": box.mj.key, "MJ_AUTH": box.mj.auth},
        **{"SOURCE_DEADLINE": str(SOURCE_DEADLINE), "DEADLINE": str(DEADLINE), "LOG": "json", "PORT": "0"},
        "STATE": "state.db",
    }
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("TRIPTYCH_")}
    environ = inherited | {f"TRIPTYCH_{name}": text for name, text in settings.items()}
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            COMMAND, "serve", cwd=empty, env=environ, stdout=PIPE, stderr=log
        )
        assert process.stdout is not None
        try:
            banner = [(await process.stdout.readline()).decode() for _ in range(5)]
            (origin,) = re.findall(r"(http://\S+)/graphql", banner[0])
            yield Server(process, origin, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()
