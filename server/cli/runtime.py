"""What every command starts with: settings, or one clear sentence and exit code 2."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer

from loaders.records import Provider
from loaders.sources import Sources
from server.cli.os_errors import reason
from server.run import SandboxDown, open_sources
from server.settings import PREFIX, Settings, SettingsError

if sys.platform == "win32":
    _LOOP = None
else:
    import uvloop

    _LOOP = uvloop.new_event_loop

T = TypeVar("T")


def settings(**options: object) -> Settings:
    """From the environment and `.env`; options of the command line, where given, win.

    What is set and not used is told on standard error.
    """
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in options.items() if value is not None}
    env_file = Path(".env")
    try:
        found = Settings.load({**os.environ, **given}, env_file if env_file.is_file() else None)
    except SettingsError as error:
        fail(str(error), code=2)
    for sentence in found.unused():
        typer.echo(sentence, err=True)
    return found


@asynccontextmanager
async def sources(settings: Settings) -> AsyncIterator[Sources]:
    """Open; where the sandbox answers for any of them, standard error says so first."""
    async with open_sources(settings) as opened:
        names = [provider.label for provider in Provider if provider in opened.settings.sandboxed]
        if names:
            typer.echo(f"answers come from the sandbox: {', '.join(names)}", err=True)
        yield opened


def fail(sentence: str, *, code: int) -> NoReturn:
    """Say it on standard error, one line for each of its lines, and end."""
    for line in sentence.splitlines():
        typer.echo(f"triptych: {line}", err=True)
    raise typer.Exit(code)


def run(program: Coroutine[Any, Any, T]) -> T:
    """Run it on the fastest loop there is here. Without a sandbox that it wants it ends."""
    try:
        with asyncio.Runner(loop_factory=_LOOP) as runner:
            return runner.run(program)
    except SandboxDown as error:
        fail(f"the sandbox cannot start: {reason(error.cause)}", code=1)
