"""A button under a Midjourney picture."""

import strawberry


@strawberry.type(
    name="TaskAction",
    description="A button under a Midjourney result (U1, V2, 🔄 …). Press it with `performAction`.",
)
class TaskActionType:
    """A view of loaders.records.TaskAction."""

    id: strawberry.ID = strawberry.field(
        description="Midjourney's customId: valid for its own task alone, and no Node id."
    )
    label: str | None = strawberry.field(
        description="The text on the button; null where it has only an emoji."
    )
    emoji: str | None = strawberry.field(
        description="The emoji on the button; null where it has only a text."
    )
    style: int | None = strawberry.field(
        description="Discord's button style: 1 primary, 2 secondary, 3 success, 4 danger; or null."
    )
    type: int | None = strawberry.field(
        description="Discord's component type, 2 for a button; null where unknown."
    )
