"""`triptych sandbox`."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from sandbox import Fault, start
from server.cli import configured

FAULT_HELP = (
    'A fault from the start on, e.g. "POST /graphql: status=429 retry-after=2 times=3". May be repeated. '
    "While it runs: POST, DELETE /_sandbox/faults."
)


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    pixai_port: Annotated[int, typer.Option(help="PixAI's port; 0 takes a free one.")] = 9001,
    fault: Annotated[list[str] | None, typer.Option(help=FAULT_HELP)] = None,
) -> None:
    """Serve the emulated upstreams alone, for any client. They need no key but the ones shown."""
    try:
        faults = [Fault.parse(text) for text in fault or ()]
    except ValueError as error:
        configured.fail(f"--fault {error}", code=2)
    try:
        configured.run(_serve(host, pixai_port, faults))
    except OSError as error:
        configured.fail(
            f"cannot listen on {host}: {error.strerror or error}; other ports may be free", code=1
        )


async def _serve(host: str, pixai_port: int, faults: list[Fault]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with start(host=host, pixai_port=pixai_port) as box:
        for one in faults:
            try:
                box.pixai.arm(one)
            except ValueError as error:
                configured.fail(f"--fault {error}", code=2)
        for upstream in box.upstreams():
            typer.echo(f"{upstream.name}: {upstream.url}  key {upstream.key}")
        await stopped.wait()
