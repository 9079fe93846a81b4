"""`triptych watch`: tasks as they move, until all of them have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from enum import IntEnum
from typing import Annotated

import typer

from server.cli import runtime
from server.cli.graph import Graph, Interrupted, JsonObject, opened
from server.cli.remote import ServerOption, ServerUnavailable

QUERY = """subscription Watch($ids: [ID!]!) {
  tasksUpdated(ids: $ids) {
    taskId isDeleted error { code message retryable }
    task { id provider status progress isTerminal failure { message } media { id } }
  }
}"""
ATTEMPTS = 5  # to go on after a broken connection; what comes in between begins the count anew
FIRST_ATTEMPTS = 2  # more, where the server has never answered
BATCH = 100  # ids of one subscription; a server takes no more than it says
PAUSE = 0.5  # seconds before the first of them; doubles


class Outcome(IntEnum):
    """How a task ended, the worst last; `code` is the command's exit code where it is the worst of all."""

    SUCCEEDED = 0
    CANCELED = 1
    FAILED = 2
    LOST = 3  # not there, deleted, or it cannot be read

    @property
    def code(self) -> int:
        """0, 3, 4 or 1."""
        return {Outcome.SUCCEEDED: 0, Outcome.CANCELED: 3, Outcome.FAILED: 4, Outcome.LOST: 1}[self]


def watch(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids of tasks, as `triptych tasks` prints them.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print every update as a line of JSON.")] = False,
    server: ServerOption = None,
) -> None:
    """Show tasks as they move, until all of them have ended.

    Bars on a terminal, a line per change elsewhere. The worst outcome is the exit code:
    0: all succeeded; 3: one was canceled; 4: one failed; 1: one is not there or cannot
    be read, or the server is unavailable; 2: wrong usage.
    """
    try:
        outcomes = runtime.run(_watch(server, list(dict.fromkeys(ids)), as_json=json))
    except* ServerUnavailable as errors:
        runtime.fail(str(errors.exceptions[0]), code=1)
    worst = max(outcomes.values(), default=Outcome.SUCCEEDED)
    raise typer.Exit(worst.code)


async def _watch(server: str | None, ids: Sequence[str], *, as_json: bool) -> dict[str, Outcome]:
    async with opened(server, shows_urls=False) as graph:
        return await until_ended(graph, ids, as_json=as_json)


async def until_ended(graph: Graph, ids: Sequence[str], *, as_json: bool) -> dict[str, Outcome]:
    """Show the tasks until all have ended; how each did. Raises ServerUnavailable in a group."""
    from server.cli.bars import Lines, TaskBars

    if as_json:
        return await follow(graph, ids, Lines.json)
    with TaskBars(ids) as bars:
        return await follow(graph, ids, bars.show)


async def follow(graph: Graph, ids: Sequence[str], show: Callable[[JsonObject], None]) -> dict[str, Outcome]:
    """How each task ended. show: called with every update, as the graph answers it.

    A broken connection is made again, for the tasks that have not ended. Raises ServerUnavailable.
    """
    batches = [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_follow(graph, batch, show)) for batch in batches]
    return {id_: outcome for task in running for id_, outcome in task.result().items()}


async def _follow(graph: Graph, ids: Sequence[str], show: Callable[[JsonObject], None]) -> dict[str, Outcome]:
    ended: dict[str, Outcome] = {}
    attempt, has_answered = 0, False
    while len(ended) < len(ids):
        left = [id_ for id_ in ids if id_ not in ended]
        reason = "the subscription ended early"
        try:
            async with aclosing(graph.subscribe(QUERY, {"ids": left})) as answers:
                async for answer in answers:
                    if answer.data is None:
                        raise ServerUnavailable("; ".join(one.message for one in answer.failures))
                    update = answer.data["tasksUpdated"]
                    if _is_to_be_continued(update):
                        reason = update["error"]["message"]
                        continue
                    attempt, has_answered = 0, True
                    show(update)
                    outcome = outcome_of(update)
                    if outcome is not None:
                        ended[update["taskId"]] = outcome
        except Interrupted as error:
            reason = str(error)
        if len(ended) < len(ids):
            attempt += 1
            if attempt > (ATTEMPTS if has_answered else FIRST_ATTEMPTS):
                raise ServerUnavailable(reason)
            await asyncio.sleep(PAUSE * 2 ** (attempt - 1))
    return ended


def outcome_of(update: JsonObject) -> Outcome | None:
    """How the task ended; None while it has not."""
    task = update["task"]
    if task is None:
        return Outcome.LOST
    match task["status"]:
        case "SUCCEEDED":
            return Outcome.SUCCEEDED
        case "CANCELED":
            return Outcome.CANCELED
        case "FAILED":
            return Outcome.FAILED
        case "UNKNOWN" if task["isTerminal"]:
            return Outcome.LOST
    return None


def _is_to_be_continued(update: JsonObject) -> bool:
    """Whether the server, not the task, has come to an end: subscriptions last only so long."""
    return update["error"] is not None and update["error"]["code"] == "LIMIT_EXCEEDED"
