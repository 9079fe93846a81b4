"""Sending one mutation for a command, and printing what came of it. It is sent once, whatever happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli import runtime
from server.cli.graph import Answer, Graph, JsonObject, opened
from server.cli.remote import ServerUnavailable

if TYPE_CHECKING:
    from server.cli.watch import Outcome

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
WatchOption = Annotated[
    bool,
    typer.Option("--watch", help="Show the task as it moves, until it has ended; exit codes as `watch` has."),
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
    watch: bool = False,
) -> None:
    """Print the id that the field's payload has, or the payload; exits with 1 where there is none.

    What is said about it goes to standard error. key: the idempotency key among the variables. watch: whether
    the task is followed until it has ended, whose outcome is then the exit code.
    """
    try:
        answer, outcome = runtime.run(_sent(server, field, mutation, variables, as_json=as_json, watch=watch))
    except ServerUnavailable as error:
        runtime.fail(
            f"{error}; it may have been carried out{_repeat(key)}" if error.was_sent else str(error), code=1
        )
    if (answer.data or {}).get(field) is None:
        failure = answer.failures[0]
        runtime.fail(
            f"{failure.message} ({failure.code}){_repeat(key) if failure.code in ASK_AGAIN else ''}", code=1
        )
    for failure in answer.failures:
        typer.echo(f"{'.'.join(map(str, failure.path))}: {failure.message}", err=True)
    if outcome is not None:
        raise typer.Exit(outcome.code)


async def _sent(
    server: str | None, field: str, mutation: str, variables: JsonObject, *, as_json: bool, watch: bool
) -> tuple[Answer, Outcome | None]:
    async with opened(server, shows_urls=False, writes=True) as graph:
        answer = await graph.change(mutation, variables)
        payload = (answer.data or {}).get(field)
        if payload is None:
            return answer, None
        _print(payload, as_json=as_json)
        if not watch:
            return answer, None
        return answer, await _outcome(graph, payload["taskId"], as_json=as_json)


async def _outcome(graph: Graph, task: str, *, as_json: bool) -> Outcome:
    """How the task ended; LOST where the server does not tell, which is said then."""
    from server.cli.watch import Outcome, until_ended

    found = Outcome.LOST
    try:
        found = (await until_ended(graph, [task], as_json=as_json))[task]
    except* ServerUnavailable as errors:
        typer.echo(f"triptych: {errors.exceptions[0]}", err=True)
    return found


def _print(payload: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(payload, ensure_ascii=False))
        return
    typer.echo(payload.get("taskId") or payload.get("deletedId"))
    if task := payload.get("task"):
        typer.echo(task["status"].lower(), err=True)


def _repeat(key: str | None) -> str:
    return "" if key is None else f"; repeat it with --idempotency-key {key}"
