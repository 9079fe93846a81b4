"""Callers with keys of their own: which headers carry them (or, on a WebSocket, `connection_init`)."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.credentials import Credential, Credentials
from loaders.records import Provider

# header -> whose it is, and what the provider's client calls it
_HEADERS = {
    "x-pixai-key": (Provider.PIXAI, "key"),
    "x-meshy-key": (Provider.MESHY, "key"),
    "x-newapi-token": (Provider.MIDJOURNEY, "newapi_token"),
    "x-newapi-user": (Provider.MIDJOURNEY, "newapi_user"),
    "x-mj-key": (Provider.MIDJOURNEY, "mj_key"),
}


def credentials(headers: Mapping[str, str]) -> Credentials:
    """By provider, from headers with names in lower case. One without its key is not there."""
    secrets: dict[Provider, dict[str, str]] = {}
    for header, (provider, name) in _HEADERS.items():
        if value := headers.get(header, "").strip():
            secrets.setdefault(provider, {})[name] = value
    return {provider: Credential(found) for provider, found in secrets.items()}
