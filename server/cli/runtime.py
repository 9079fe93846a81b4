"""What every command starts with: settings, or one clear sentence and exit code 2.

Imported by every command's help: whatever is heavy is imported where it is used.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from loaders.records import Provider

if TYPE_CHECKING:
    from loaders.sources import Sources
    from resolvers.context import RequestContext
    from resolvers.writes import Writes
    from server.settings import Settings

T = TypeVar("T")

CUT = "cells are cut to fit the terminal; --format csv or jsonl, or a pipe, shows them whole"
ENDING = "the sandbox's URLs end with this command; --server URL asks one that `triptych serve` keeps"
INTERRUPTED = 130  # the exit code that shells give a command ended by Ctrl-C


def settings(**options: object) -> Settings:
    """From the environment and `.env`; options of the command line override both.

    A setting that has no effect is named on standard error.
    """
    from server.settings import PREFIX, Settings, SettingsError

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
async def sources(settings: Settings, *, shows_urls: bool = False) -> AsyncIterator[Sources]:
    """Open them; where the sandbox answers for any of them, say so first, on standard error.

    shows_urls: whether the command prints addresses; those of its own sandbox end with it.
    """
    from server.sources import open_sources

    async with open_sources(settings) as opened:
        names = [provider.label for provider in Provider if provider in opened.settings.sandboxed]
        if names:
            typer.echo(f"answers come from the sandbox: {', '.join(names)}", err=True)
        if names and shows_urls:
            typer.echo(ENDING, err=True)
        yield opened


def context(settings: Settings, sources: Sources, writes: Writes | None = None) -> RequestContext:
    """Of one operation with the sources' own keys, which begins now. writes: None where it only reads."""
    from resolvers.context import Caller, RequestContext, Role

    caller = Caller(Role.READ if writes is None else Role.ADMIN)
    limits = settings.budget_limits()
    return RequestContext(sources.own(), settings.deadline, caller, limits=limits, writes=writes)


def port(number: int | None) -> int | None:
    """An option's value. Exits with 2 where it is no port; 0 takes a free one."""
    if number is not None and not 0 <= number <= 65535:
        raise typer.BadParameter(f"{number} is not a port: expected 0 to 65535")
    return number


def calls(count: int | None) -> str:
    """The end of a summary line. count: None where a server does not tell."""
    return "" if count is None else f", {count} upstream calls"


def fail(sentence: str, *, code: int) -> NoReturn:
    """Print it on standard error, each of its lines on one, and exit."""
    for line in sentence.splitlines():
        typer.echo(f"triptych: {line}", err=True)
    raise typer.Exit(code)


def run(program: Coroutine[Any, Any, T]) -> T:
    """Run it on the fastest event loop of the platform.

    Exits where the sandbox is needed and unavailable, or the state cannot be opened; with 130 after Ctrl-C,
    once everything is closed.
    """
    from server import event_loop
    from server.sources import SandboxUnavailable
    from server.state import StateNotOpened

    try:
        with _interruptible(), asyncio.Runner(loop_factory=event_loop.factory()) as runner:
            return runner.run(program)
    except SandboxUnavailable as error:
        fail(f"the sandbox cannot start: {error}", code=1)
    except StateNotOpened as error:
        fail(str(error), code=1)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C cancels the program, instead of ending the process at once as before and after it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
