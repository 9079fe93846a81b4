"""What every command starts with: settings, or one clear sentence and exit code 2."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer

from server.settings import PREFIX, Settings, SettingsError

if sys.platform == "win32":
    _LOOP = None
else:
    import uvloop

    _LOOP = uvloop.new_event_loop

T = TypeVar("T")


def settings(**options: object) -> Settings:
    """From the environment and `.env`; options of the command line, where given, win."""
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in options.items() if value is not None}
    env_file = Path(".env")
    try:
        return Settings.load({**os.environ, **given}, env_file if env_file.is_file() else None)
    except SettingsError as error:
        fail(str(error), code=2)


def fail(sentence: str, *, code: int) -> NoReturn:
    """Say it on standard error, one line for each of its lines, and end."""
    for line in sentence.splitlines():
        typer.echo(f"triptych: {line}", err=True)
    raise typer.Exit(code)


def reason(error: OSError) -> str:
    """The system's own words, without what asyncio adds to them."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)


def run(program: Coroutine[Any, Any, T]) -> T:
    """Run it on the fastest loop there is here."""
    with asyncio.Runner(loop_factory=_LOOP) as runner:
        return runner.run(program)
