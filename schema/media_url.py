"""One address of a picture."""

from datetime import datetime

import strawberry

from schema.enums import MediaVariant
from schema.scalars import URL


@strawberry.type(name="MediaUrl", description="One address of a picture.")
class MediaUrlType:
    """A view of loaders.records.MediaUrl."""

    variant: MediaVariant = strawberry.field(description="The size that is found there.")
    url: URL = strawberry.field(description="Where the file is. Signed by the provider: use it unchanged.")
    expires_at: datetime | None = strawberry.field(
        description="When the address stops working, read from its signature; null where it does not say."
    )
