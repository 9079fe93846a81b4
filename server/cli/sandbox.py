"""`triptych sandbox`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Literal

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
Flavour = Literal["csharp", "java", "reseller"]
Auth = Literal["bearer", "authorization-raw", "mj-api-secret"]
# setting -> attribute of the upstream; each upstream has those that it needs
ATTRIBUTES = {"url": "url", "key": "key", "token": "key", "user": "user", "auth": "auth"}


def sandbox(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    pixai_port: Annotated[
        int, typer.Option(metavar="PORT", callback=runtime.port, help="PixAI's port; 0 takes a free one.")
    ] = 9001,
    meshy_port: Annotated[
        int, typer.Option(metavar="PORT", callback=runtime.port, help="Meshy's port.")
    ] = 9002,
    newapi_port: Annotated[
        int, typer.Option(metavar="PORT", callback=runtime.port, help="new-api's port.")
    ] = 9003,
    mj_port: Annotated[
        int, typer.Option(metavar="PORT", callback=runtime.port, help="midjourney-proxy's port.")
    ] = 9004,
    mj_flavour: Annotated[
        Flavour, typer.Option(help="Whose midjourney-proxy: the C# or Java server, or a reseller's.")
    ] = "csharp",
    mj_auth: Annotated[Auth, typer.Option(help="How midjourney-proxy expects its key.")] = "mj-api-secret",
    fault: Annotated[list[str] | None, typer.Option(metavar="TEXT", help=FAULT_HELP)] = None,
) -> None:
    """Serve only the emulated upstreams, for any client.

    Prints the settings that point Triptych at each of them, and every other key that they accept. A task
    that a client creates takes ten seconds; POST /_sandbox/clock {"advance": 10} to any of them skips that.
    """
    from server.sources import SandboxUnavailable, load_sandbox

    try:
        start = load_sandbox()
    except SandboxUnavailable as error:
        runtime.fail(f"the sandbox cannot start: {error}", code=1)
    served = start(
        host,
        pixai_port=pixai_port,
        meshy_port=meshy_port,
        newapi_port=newapi_port,
        mj_port=mj_port,
        mj_flavour=mj_flavour,
        mj_auth=mj_auth,
    )
    try:
        runtime.run(_serve(served, fault or []))
    except OSError as error:
        runtime.fail(f"cannot listen on {host}: {reason(error)}; other ports may be free", code=1)


async def _serve(served: AbstractAsyncContextManager[Sandbox], faults: list[str]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with served as sandbox:
        for text in faults:
            try:
                sandbox.arm(text)
            except ValueError as error:
                runtime.fail(f"--fault {error}", code=2)
        typer.echo("The sandbox is running. Settings that point Triptych at it:")
        for line in _settings(sandbox):
            typer.echo(f"  {line}")
        typer.echo("It also accepts:")
        for line in _other_keys(sandbox):
            typer.echo(f"  {line}")
        await stopped.wait()


def _settings(sandbox: Sandbox) -> list[str]:
    """One line per upstream: its address and credentials, as Triptych's settings."""
    from server.settings import PREFIX, Settings

    lines = []
    for upstream in sandbox.upstreams():
        values = {
            f"{upstream.name}_{setting}": getattr(upstream, attribute)
            for setting, attribute in ATTRIBUTES.items()
            if f"{upstream.name}_{setting}" in Settings.model_fields and hasattr(upstream, attribute)
        }
        lines.append(" ".join(f"{PREFIX}{name.upper()}={value}" for name, value in values.items()))
    return lines


def _other_keys(sandbox: Sandbox) -> list[str]:
    """new-api's other users, its relay in place of midjourney-proxy, and PixAI's WebSocket."""
    from server.settings import PREFIX

    newapi, pixai = sandbox.newapi, sandbox.pixai
    users = {
        "its administrator": (newapi.admin_key, newapi.admin_user),
        "another user": (newapi.other_key, newapi.other_user),
        "a banned user": (newapi.banned_key, newapi.banned_user),
    }
    relay = f"{PREFIX}MJ_URL={newapi.url} {PREFIX}MJ_AUTH=bearer {PREFIX}MJ_KEY="
    return [
        *(
            f"{PREFIX}NEWAPI_TOKEN={key} {PREFIX}NEWAPI_USER={user}  # new-api: {who}"
            for who, (key, user) in users.items()
        ),
        f"{relay}{newapi.relay_key}  # new-api's relay",
        f"{relay}{newapi.other_relay_key}  # new-api's relay: another user",
        f"{PREFIX}PIXAI_WS_URL={pixai.url.replace('http', 'ws', 1)}/graphql  # PixAI's events, the same key",
    ]
