"""Writes. No source takes any yet, and this says so in the contract's words."""

from __future__ import annotations

from typing import NoReturn

from loaders.errors import NotConfigured, NotSupported, SourceError
from loaders.records import Provider
from resolvers.context import RequestContext


async def refuse(context: RequestContext, provider: Provider, operation: str) -> NoReturn:
    """Raise the refusal."""
    raise refusal(context, provider, operation)


def refusal(context: RequestContext, provider: Provider, operation: str) -> SourceError:
    """NotConfigured where the caller has no key for the provider, NotSupported otherwise."""
    try:
        context.account(provider)
    except NotConfigured as error:
        return error
    return NotSupported(f"{operation} is not supported for {provider.label}", provider=provider)
