"""Tokens: who may ask, as `TRIPTYCH_TOKENS` names them. The server knows their digests only."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from resolvers.context import Role


@dataclass(frozen=True, slots=True)
class Token:
    """One caller. digest: sha256 of the token, in hex."""

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
    """The tokens in force. None at all: whoever gets here may do everything."""

    def __init__(self, known: Iterable[Token]) -> None:
        self._known = tuple(known)

    def __bool__(self) -> bool:
        return bool(self._known)

    def role(self, authorization: str) -> Role | None:
        """What `Bearer …` may do; None where it may not come in."""
        if not self._known:
            return Role.ADMIN
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        digest = sha256(token.strip().encode()).hexdigest()
        # every one is compared, so that the time tells nothing
        roles = [known.role for known in self._known if hmac.compare_digest(known.digest, digest)]
        return roles[0] if roles else None

    def secret(self) -> bytes | None:
        """Signs permalinks; None where there are no tokens.

        The same on every replica and after every restart, another when the tokens change.
        """
        if not self._known:
            return None
        written = " ".join(sorted(token.digest for token in self._known))
        return hmac.new(written.encode(), b"triptych permalinks", sha256).digest()
