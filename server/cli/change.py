"""Sending one mutation for a command, and printing what came of it. It is sent once, whatever happens."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from server.cli import runtime
from server.cli.graph import Answer, JsonObject, opened
from server.cli.remote import ServerUnavailable

JsonOption = Annotated[bool, typer.Option("--json", help="Print the whole payload as one line of JSON.")]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        help="Makes a repetition safe: the same key never pays twice. Default: a new one, named where the "
        "outcome is not known.",
    ),
]
TaskArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A task's id: task:pixai:1749…, or pixai:1749…")
]
TASK = "taskId task { id provider status progress operation prompt createdAt }"
ASK_AGAIN = frozenset({"OUTCOME_UNKNOWN", "UPSTREAM_TIMEOUT", "UPSTREAM_THROTTLED"})


def new_key() -> str:
    """Unlike all others."""
    from uuid import uuid4

    return str(uuid4())


def change(
    server: str | None,
    field: str,
    mutation: str,
    variables: JsonObject,
    *,
    as_json: bool,
    key: str | None = None,
) -> None:
    """Print the id that the field's payload has, or the payload; exits with 1 where there is none.

    What is said about it goes to standard error. key: the idempotency key among the variables.
    """
    try:
        answer = runtime.run(_sent(server, mutation, variables))
    except ServerUnavailable as error:
        runtime.fail(
            f"{error}; it may have been carried out{_repeat(key)}" if error.was_sent else str(error), code=1
        )
    payload = (answer.data or {}).get(field)
    if payload is None:
        failure = answer.failures[0]
        runtime.fail(
            f"{failure.message} ({failure.code}){_repeat(key) if failure.code in ASK_AGAIN else ''}", code=1
        )
    _print(payload, as_json=as_json)
    for failure in answer.failures:
        typer.echo(f"{'.'.join(map(str, failure.path))}: {failure.message}", err=True)


async def _sent(server: str | None, mutation: str, variables: JsonObject) -> Answer:
    async with opened(server, shows_urls=False, writes=True) as graph:
        return await graph.change(mutation, variables)


def _print(payload: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(payload, ensure_ascii=False))
        return
    typer.echo(payload.get("taskId") or payload.get("deletedId"))
    if task := payload.get("task"):
        typer.echo(task["status"].lower(), err=True)


def _repeat(key: str | None) -> str:
    return "" if key is None else f"; repeat it with --idempotency-key {key}"
