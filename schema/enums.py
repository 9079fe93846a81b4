"""The records' enums, described for the graph.

`loaders` knows no Strawberry, so its enums are registered here; types import them from this module.
A value without a description is a KeyError at import.
"""

from enum import StrEnum

import strawberry
from strawberry.types.enum import has_enum_definition

from loaders.errors import ErrorCode
from loaders.records import (
    Capability,
    CostUnit,
    MediaKind,
    MediaVariant,
    Provider,
    SeedOrigin,
    TaskStatus,
)

__all__ = [
    "Capability",
    "CostUnit",
    "ErrorCode",
    "MediaKind",
    "MediaVariant",
    "Provider",
    "SeedOrigin",
    "TaskScope",
    "TaskStatus",
]


class TaskScope(StrEnum):
    """Whose tasks a list holds."""

    MINE = "MINE"
    ALL = "ALL"


def describe(enum: type[StrEnum], description: str, **values: str) -> None:
    """Register an enum with Strawberry, with a description for each of its values."""
    strawberry.enum(enum, description=description)
    if not has_enum_definition(enum):
        raise TypeError(f"Strawberry did not register {enum.__name__}")
    for value in enum.__strawberry_definition__.values:
        value.description = values[value.name]


describe(
    Provider,
    "An image generator behind this graph.",
    PIXAI="PixAI (pixai.art).",
    MESHY="Meshy (meshy.ai): its image-to-image tasks.",
    MIDJOURNEY="Midjourney, reached through new-api and midjourney-proxy.",
)
describe(
    TaskStatus,
    "The state of a generation, in the same words for every provider; `providerStatus` has its own.",
    QUEUED="Accepted, not started.",
    RUNNING="Being generated.",
    ACTION_REQUIRED="Midjourney waits for a confirmation (its MODAL); it goes on with `performAction`.",
    SUCCEEDED="Finished; its results are in `media`.",
    FAILED="Finished without a result, or expired; `failure` says why.",
    CANCELED="Stopped before it finished.",
    UNKNOWN="A status that this server does not know; see `providerStatus` and `isTerminal`.",
)
describe(
    MediaKind,
    "A still or a moving picture.",
    IMAGE="A still picture.",
    VIDEO="A video or an animation.",
)
describe(
    MediaVariant,
    "A size of the same picture, the largest first. A provider without small ones has PUBLIC alone.",
    PUBLIC="The original, in full size.",
    THUMBNAIL="A small one for lists; it may move where the original does.",
    STILL_THUMBNAIL="A small still frame, also of a video.",
)
describe(
    SeedOrigin,
    "Where a seed was read from, the surest first.",
    REPORTED="The provider reported it with the result.",
    PARAMETER="It was requested in the task's parameters.",
    PROMPT="It is in the prompt (`--seed`).",
    IMAGE_SEED="Midjourney reported it on request.",
)
describe(
    CostUnit,
    "What an amount counts.",
    CREDITS="Credits of PixAI or Meshy.",
    QUOTA="Quota units of new-api; 500000 are one US dollar by its default.",
)
describe(
    Capability,
    "Something that a provider can do here with the keys at hand.",
    GET_TASK="Fetch one task by id.",
    GET_TASKS_BATCH="Fetch many tasks in one call.",
    LIST_TASKS="List the caller's tasks.",
    LIST_ALL_TASKS="List every user's tasks (`scope: ALL`); known once that list has answered.",
    GET_MEDIA="Fetch a picture by id.",
    GET_SEED="Report the seed of a result.",
    CREATE="Start a task.",
    CANCEL="Stop a running task.",
    DELETE="Remove a task.",
    RERUN="Start a task again with the same parameters.",
    ACT="Press a button under a result.",
    UPLOAD="Accept an upload of a picture to work from.",
    WATCH="Report a task's progress as it happens.",
)
describe(
    TaskScope,
    "Whose tasks a list holds.",
    MINE="Tasks of the account behind the key.",
    ALL="Tasks of every user, at Midjourney through new-api; requires the admin role here.",
)
describe(
    ErrorCode,
    "What went wrong, named by what can be done next. Also in `errors[].extensions.code`.",
    UPSTREAM_UNREACHABLE="The provider could not be reached. Retry.",
    UPSTREAM_TIMEOUT="The provider did not answer in time. Retry.",
    UPSTREAM_THROTTLED="The provider asks for fewer requests. Retry after `retryAfter` seconds.",
    UPSTREAM_REFUSED="The provider refused the key, or the key may not do this. Use another.",
    UPSTREAM_OUT_OF_CREDIT="The account behind the key has no credit left.",
    UPSTREAM_REJECTED="The provider rejected the request. Change it.",
    UPSTREAM_FAULT="The provider failed inside. Retry.",
    UPSTREAM_MALFORMED="The provider's answer could not be read. Retry.",
    PROVIDER_NOT_CONFIGURED="There is no key for this provider.",
    NOT_SUPPORTED="The provider cannot do this, or not through this server.",
    INVALID_ID="A malformed id, or an id of another type.",
    BAD_USER_INPUT="An argument or a variable has a value that it cannot have.",
    UNAUTHENTICATED="The caller is not known. Send a token.",
    FORBIDDEN="The caller's role does not allow this.",
    LIMIT_EXCEEDED="More than this server answers in one request. Ask for less.",
    OUTCOME_UNKNOWN="It may or may not have happened: look before you try again.",
    IDEMPOTENCY_CONFLICT="The idempotency key was used before, for something else.",
    INTERNAL="An internal error of this server.",
)
