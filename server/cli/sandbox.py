"""`triptych sandbox`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli import runtime
from server.os_errors import reason

if TYPE_CHECKING:
    from sandbox import Sandbox

FAULT_HELP = (
    'A fault from the start, such as "POST /graphql: status=429 retry-after=2 times=3"; an upstream\'s name '
    'in front ("pixai *: reset") limits it to that one. May be repeated. While the sandbox runs: POST and '
    "DELETE /_sandbox/faults."
)
# end of the setting's name -> the attribute of an upstream that holds it
TOLD = {"url": "url", "key": "key", "token": "key", "user": "user", "auth": "auth"}


def sandbox(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    pixai_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="PixAI's port; 0 takes a free one.")
    ] = 9001,
    meshy_port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="Meshy's port.")] = 9002,
    newapi_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="new-api's port.")
    ] = 9003,
    mj_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="midjourney-proxy's port.")
    ] = 9004,
    fault: Annotated[list[str] | None, typer.Option(metavar="TEXT", help=FAULT_HELP)] = None,
) -> None:
    """Serve only the emulated upstreams, for any client.

    Prints the settings that point Triptych at each of them.
    """
    from server.sources import SandboxUnavailable, load_sandbox

    try:
        start = load_sandbox()
    except SandboxUnavailable as error:
        runtime.fail(f"the sandbox cannot start: {error}", code=1)
    served = start(
        host, pixai_port=pixai_port, meshy_port=meshy_port, newapi_port=newapi_port, mj_port=mj_port
    )
    try:
        runtime.run(_serve(served, fault or []))
    except OSError as error:
        runtime.fail(f"cannot listen on {host}: {reason(error)}; other ports may be free", code=1)


async def _serve(served: AbstractAsyncContextManager[Sandbox], faults: list[str]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with served as box:
        for text in faults:
            try:
                box.arm(text)
            except ValueError as error:
                runtime.fail(f"--fault {error}", code=2)
        typer.echo("The sandbox is running. Settings that point Triptych at it:")
        for line in _settings(box):
            typer.echo(f"  {line}")
        await stopped.wait()


def _settings(box: Sandbox) -> list[str]:
    """One line per upstream: its address and credentials, as Triptych's settings."""
    from server.settings import PREFIX, Settings

    lines = []
    for upstream in box.upstreams():
        told = {
            f"{upstream.name}_{setting}": getattr(upstream, attribute)
            for setting, attribute in TOLD.items()
            if f"{upstream.name}_{setting}" in Settings.model_fields and hasattr(upstream, attribute)
        }
        lines.append(" ".join(f"{PREFIX}{name.upper()}={value}" for name, value in told.items()))
    return lines
