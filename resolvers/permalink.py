"""Links of this server that last: `/media/{id}[?variant=][&sig=]`, made without looking anything up."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote

from loaders.records import MediaRecord, MediaVariant


@dataclass(frozen=True, slots=True)
class Permalinks:
    """origin: of this server, as clients see it. secret: signs links where callers need tokens; else None.

    An `<img>` sends no header, so that the link itself has to show that it was given to somebody.
    """

    origin: str
    secret: bytes | None = field(default=None, repr=False)

    def link(self, record: MediaRecord, variant: MediaVariant) -> str:
        """The absolute link to a picture."""
        query = [] if variant is MediaVariant.PUBLIC else [f"variant={variant.value}"]
        if self.secret is not None:
            query.append(f"sig={self._signature(record.id, variant)}")
        path = f"{self.origin}/media/{quote(record.id, safe=':')}"
        return f"{path}?{'&'.join(query)}" if query else path

    def is_valid(self, id: str, variant: MediaVariant, signature: str) -> bool:
        """Whether this server made the link; always, where it signs none."""
        return self.secret is None or hmac.compare_digest(
            self._signature(id, variant).encode(), signature.encode()
        )

    def _signature(self, id: str, variant: MediaVariant) -> str:
        assert self.secret is not None, "only asked for where links are signed"
        return hmac.new(self.secret, f"{id}\0{variant.value}".encode(), sha256).hexdigest()[:32]
