"""What a provider does not take, or a caller may not do, is refused in the contract's words."""

import pytest
from strawberry.types.execution import ExecutionResult

from resolvers.context import RequestContext, Role
from schema import schema
from tests.canned import Canned, canned_context


def configured() -> RequestContext:
    """A source with a key and without writes; the others have no key."""
    return canned_context(Canned(), role=Role.WRITE)


MUTATIONS = {
    "createTask": 'createTask(input: { pixai: { prompt: "a" } }) { taskId }',
    "rerunTask": 'rerunTask(id: "task:pixai:1") { taskId }',
    "performAction": 'performAction(taskId: "pixai:1", actionId: "U1") { taskId }',
    "cancelTask": 'cancelTask(id: "pixai:1") { taskId }',
    "deleteTask": 'deleteTask(id: "pixai:1") { deletedId }',
    "uploadMedia": "uploadMedia(file: $file) { mediaId }",
}
CREATIONS = {
    'pixai: { prompt: "a" }': "PIXAI",
    'meshyImageToImage: { aiModel: "m", prompt: "a", referenceImageUrls: [] }': "MESHY",
    'midjourneyImagine: { prompt: "a" }': "MIDJOURNEY",
    "midjourneyBlend: { images: [] }": "MIDJOURNEY",
    'midjourneyDescribe: { image: "a" }': "MIDJOURNEY",
}


async def codes(context: RequestContext, field: str) -> list[tuple[object, object, object]]:
    """Path, code and provider of each error of a mutation."""
    variables = "($file: Upload!)" if "$file" in field else ""
    result = await schema.execute(
        f"mutation {variables} {{ {field} }}", variable_values={"file": object()}, context_value=context
    )
    return [
        (error.path, (error.extensions or {})["code"], (error.extensions or {}).get("provider"))
        for error in result.errors or ()
    ]


@pytest.mark.parametrize(("name", "field"), MUTATIONS.items(), ids=MUTATIONS)
async def test_a_mutation_is_refused(name: str, field: str) -> None:
    """NOT_SUPPORTED where there is a key, PROVIDER_NOT_CONFIGURED where there is none."""
    assert await codes(configured(), field) == [([name], "NOT_SUPPORTED", "PIXAI")]
    assert await codes(canned_context(role=Role.WRITE), field) == [
        ([name], "PROVIDER_NOT_CONFIGURED", "PIXAI")
    ]


@pytest.mark.parametrize(("name", "field"), MUTATIONS.items(), ids=MUTATIONS)
async def test_who_may_only_read_changes_nothing(name: str, field: str) -> None:
    """Whatever the source takes."""
    assert await codes(canned_context(Canned(), role=Role.READ), field) == [([name], "FORBIDDEN", None)]


@pytest.mark.parametrize(("input_", "provider"), CREATIONS.items(), ids=CREATIONS.values())
async def test_a_creation_belongs_to_the_provider_of_its_input(input_: str, provider: str) -> None:
    """The one input that is set says whose task it would be."""
    refused = await codes(canned_context(role=Role.WRITE), f"createTask(input: {{ {input_} }}) {{ taskId }}")

    assert refused == [(["createTask"], "PROVIDER_NOT_CONFIGURED", provider)]


async def test_a_mutation_of_no_task_is_the_clients_fault() -> None:
    """An id of another type is none of a task."""
    assert await codes(configured(), 'cancelTask(id: "media:pixai:1") { taskId }') == [
        (["cancelTask"], "INVALID_ID", None)
    ]


async def test_each_watched_task_ends_at_once_and_the_stream_goes_on() -> None:
    """A malformed id ends that id alone; one that repeats counts once."""
    stream = await schema.stream(
        """
        subscription ($ids: [ID!]!) {
          tasksUpdated(ids: $ids) { taskId task { id } isDeleted error { code provider retryable } }
        }
        """,
        variable_values={"ids": ["task:pixai:1", "?", "task:meshy:a", "task:pixai:1"]},
        context_value=configured(),
    )

    updates = [result.data async for result in stream if isinstance(result, ExecutionResult)]

    assert updates == [
        {
            "tasksUpdated": {
                "taskId": task_id,
                "task": None,
                "isDeleted": False,
                "error": {"code": code, "provider": provider, "retryable": False},
            }
        }
        for task_id, code, provider in (
            ("task:pixai:1", "NOT_SUPPORTED", "PIXAI"),
            ("?", "INVALID_ID", None),
            ("task:meshy:a", "PROVIDER_NOT_CONFIGURED", "MESHY"),
        )
    ]
