"""Providers: what can be asked here. A view of ProviderRecord."""

import strawberry

from resolvers.provider import ProviderRecord
from schema.enums import Capability, Provider
from schema.errors import SourceErrorType, to_graphql
from schema.field import call_field


def _last_error(root: strawberry.Parent[ProviderRecord]) -> SourceErrorType | None:
    return None if root.last_error is None else to_graphql(root.last_error)


@strawberry.type(description="What a provider can do here, and whether it works. Calls no provider.")
class ProviderInfo:
    """A view of ProviderRecord."""

    provider: Provider = strawberry.field(description="The provider.")
    is_configured: bool = strawberry.field(
        description="Whether there is a key for it, the server's or the caller's own."
    )
    is_sandbox: bool = strawberry.field(
        description="Whether the built-in emulator stands in for it: nothing is spent, pictures are made up."
    )
    capabilities: list[Capability] = strawberry.field(
        description="What it can do with the keys at hand; empty where it is not configured."
    )
    is_available: bool = strawberry.field(
        description="Whether it can be called now: false without a key, and for a while after failures."
    )
    last_error: SourceErrorType | None = call_field(
        _last_error, description="Its latest failure; null where there was none since the start."
    )
    retry_after: float | None = strawberry.field(
        description="Seconds until it is called again; null where it can be called now."
    )
