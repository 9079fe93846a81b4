"""Why a generation failed."""

import strawberry


@strawberry.type(
    name="TaskFailure",
    description="Why a generation failed. This is data: the provider answered, the picture failed.",
)
class TaskFailureType:
    """A view of loaders.records.TaskFailure."""

    code: str | None = strawberry.field(
        description="The provider's own code or type of failure; null where it gives none."
    )
    message: str = strawberry.field(description="The provider's own words, in the provider's language.")
    retryable: bool | None = strawberry.field(
        description="Whether the same task may succeed if started again; null where unknown."
    )
