"""How each generator stands with this caller; told without asking any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.errors import SourceError
from loaders.records import Capability, Provider
from resolvers.context import RequestContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """One generator. retry_after: seconds until it is asked again; None while it is available."""

    provider: Provider
    is_configured: bool
    is_sandbox: bool
    capabilities: tuple[Capability, ...]
    is_available: bool
    last_error: SourceError | None
    retry_after: float | None


def every(context: RequestContext) -> Sequence[ProviderRecord]:
    """All generators, in the order of the enum."""
    return [_record(context, provider) for provider in Provider]


def _record(context: RequestContext, provider: Provider) -> ProviderRecord:
    account = context.accounts.get(provider)
    return ProviderRecord(
        provider=provider,
        is_configured=account is not None,
        is_sandbox=provider in context.sandboxed,
        capabilities=() if account is None else tuple(c for c in Capability if c in account.capabilities),
        is_available=account is not None and account.breaker.retry_after is None,
        last_error=None if account is None else account.breaker.last_error,
        retry_after=None if account is None else account.breaker.retry_after,
    )
