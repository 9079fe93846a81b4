"""Answers as a transport writes them, over canned sources."""

from typing import Any

from strawberry.types.execution import ExecutionResult

from loaders.account import Account
from loaders.records import Provider, TaskRecord, TaskStatus
from schema import schema
from tests.canned import Canned, canned_context

TASK = TaskRecord(
    id="task:pixai:1",
    provider=Provider.PIXAI,
    provider_id="1",
    key="1",
    status=TaskStatus.RUNNING,
    provider_status="running",
    is_terminal=False,
)


SECRET = "sk-1234567890abcdefghijklmnopqrstuv"


URL = f"https://cdn.example.org/a.png?Signature={SECRET}"


async def ask(document: str, *accounts: Account, **variables: object) -> dict[str, Any]:
    """The answer as a transport would write it."""
    result = await schema.execute(
        document, variable_values=variables, context_value=canned_context(*accounts)
    )
    return written(result)


async def ask_stream(document: str) -> list[dict[str, Any]]:
    """The same, of each result of a stream."""
    stream = await schema.stream(document, context_value=canned_context())
    return [written(result) async for result in stream if isinstance(result, ExecutionResult)]


def written(result: ExecutionResult) -> dict[str, Any]:
    """`data`, and `errors` in the protocol's form."""
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


def holding(outcome: TaskRecord | Exception) -> Canned:
    """PixAI, with this behind the task 1."""
    return Canned(tasks={"1": outcome})
