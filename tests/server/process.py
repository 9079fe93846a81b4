"""The `triptych` command as people run it: a process of its own, in an empty directory."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("triptych"))


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Triptych:
    """Starts it. The environment holds what the test gives, and nothing of the caller's settings.

    command: what to start; that of warm.py is spared its imports. A test that sets PYTHONPATH has something
    to say of imports and starts the cold one.
    """

    directory: Path
    command: tuple[str, ...] = (COMMAND,)

    async def start(self, *arguments: str, **settings: str) -> Process:
        """TRIPTYCH_ names without the prefix, in lower case."""
        return await self._process(*self._command(), *arguments, **settings)

    def _command(self) -> tuple[str, ...]:
        return (COMMAND,) if "PYTHONPATH" in os.environ else self.command

    async def _process(self, *program: str, **settings: str) -> Process:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("TRIPTYCH_")}
        named = {f"TRIPTYCH_{name.upper()}": text for name, text in settings.items()}
        own = {"XDG_STATE_HOME": str(self.directory / "state")}
        return await asyncio.create_subprocess_exec(
            *program, cwd=self.directory, env=inherited | named | own, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )

    async def run(self, *arguments: str, **settings: str) -> Ended:
        """Until it ends."""
        return await _ended(await self.start(*arguments, **settings))

    async def shell(self, text: str, **settings: str) -> Ended:
        """With redirections; the command is `triptych`, and the cold one: no file needs to be open."""
        function = f'triptych() {{ {shlex.quote(COMMAND)} "$@"; }}\n'
        return await _ended(await self._process("/bin/sh", "-c", function + text, **settings))

    @asynccontextmanager
    async def running(self, *arguments: str, lines: int, **settings: str) -> AsyncIterator[Running]:
        """Once it has printed that many lines; killed at the end, if it has not ended by then."""
        process = await self.start(*arguments, **settings)
        try:
            assert process.stdout is not None
            banner = [(await process.stdout.readline()).decode().rstrip("\n") for _ in range(lines)]
            yield Running(process, banner)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def _ended(process: Process) -> Ended:
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@dataclass
class Running:
    """A server and the first lines that it printed."""

    process: Process
    banner: list[str]

    @property
    def origin(self) -> str:
        """Where it says that it serves."""
        return next(word for word in self.banner[0].split() if word.startswith("http")).removesuffix(
            "/graphql"
        )

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return await self.process.wait()
