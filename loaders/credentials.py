"""Whose credentials a source sees: the server's own, or those of a caller with keys of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from loaders.records import Provider


@dataclass(frozen=True, slots=True)
class Credential:
    """What a source wants to see, by name ({"key": …}, {"token": …, "user": …}). Never shown."""

    secrets: Mapping[str, str] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Identifies the credential without revealing it; every cache and batch is kept under it."""
        written = "\0".join(f"{name}={self.secrets[name]}" for name in sorted(self.secrets))
        return sha256(written.encode()).hexdigest()[:32]


Credentials: TypeAlias = Mapping[Provider, Credential]
