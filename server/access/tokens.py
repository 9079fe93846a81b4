"""The tokens of `TRIPTYCH_TOKENS`. The server knows their digests only."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from resolvers.context import Caller, Role


@dataclass(frozen=True, slots=True)
class Token:
    """One caller's token. digest: its sha256, in hex."""

    name: str
    role: Role
    digest: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Token:
        """`name:role:sha256`. Raises ValueError."""
        name, role, digest = text.split(":")
        if not name or len(digest) != 64 or len(bytes.fromhex(digest)) != sha256().digest_size:
            raise ValueError(text)
        try:
            return cls(name, Role[role.upper()], digest.lower())
        except KeyError:
            raise ValueError(role) from None


class Tokens:
    """All tokens. Without any, every caller is an admin without a name."""

    def __init__(self, known: Iterable[Token]) -> None:
        self._known = tuple(known)

    def __bool__(self) -> bool:
        return bool(self._known)

    def caller(self, authorization: str) -> Caller | None:
        """Who sends this `Bearer …` header; None where it is not valid."""
        if not self._known:
            return Caller(Role.ADMIN)
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        digest = sha256(token.strip().encode()).hexdigest()
        # every digest is compared, so that the time reveals nothing
        found = [known for known in self._known if hmac.compare_digest(known.digest, digest)]
        return Caller(found[0].role, found[0].name) if found else None

    def secret(self) -> bytes | None:
        """The key that signs permalinks; None without tokens.

        The same on every replica and after a restart; it changes when the tokens change.
        """
        if not self._known:
            return None
        written = " ".join(sorted(token.digest for token in self._known))
        return hmac.new(written.encode(), b"triptych permalinks", sha256).digest()
