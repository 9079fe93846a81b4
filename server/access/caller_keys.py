"""Callers' own keys, as headers or a WebSocket's `connection_init` carry them."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.credentials import Credential, Credentials
from loaders.records import Provider

# header -> provider, and the name that its client gives the secret
_HEADERS = {
    "x-pixai-key": (Provider.PIXAI, "key"),
    "x-meshy-key": (Provider.MESHY, "key"),
    "x-newapi-token": (Provider.MIDJOURNEY, "newapi_token"),
    "x-newapi-user": (Provider.MIDJOURNEY, "newapi_user"),
    "x-mj-key": (Provider.MIDJOURNEY, "mj_key"),
}


def credentials(headers: Mapping[str, str]) -> Credentials:
    """By provider, from headers with names in lower case. A provider without its key is left out."""
    secrets: dict[Provider, dict[str, str]] = {}
    for header, (provider, name) in _HEADERS.items():
        if value := headers.get(header, "").strip():
            secrets.setdefault(provider, {})[name] = value
    return {provider: Credential(found) for provider, found in secrets.items()}
