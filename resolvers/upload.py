"""Uploads: a file that came with the request goes to a source, once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from loaders import ids, images
from loaders.creations import FileUpload
from loaders.errors import BadInput
from loaders.records import Capability, Provider
from resolvers.context import RequestContext
from resolvers.need import Need
from resolvers.tasks.write import begin, permitted, running
from resolvers.writes import Write

CALLS = 3  # an address to send it to, the file, its registration
SLOWEST = 64 * 1024  # bytes a second


@dataclass(frozen=True, slots=True)
class MediaUploaded:
    """What a source has confirmed. key: of the picture, at the provider."""

    provider: Provider
    key: str

    @property
    def media_id(self) -> str:
        """Its global id."""
        return ids.media_id(self.provider, self.key)

    def media(self) -> Need:
        """It as it stands now."""
        return Need("media", self.provider, self.key)


async def upload(context: RequestContext, provider: Provider, file: object) -> MediaUploaded:
    """Send a picture. file: of a multipart request, spooled to disk. Raises BadInput."""
    account, port = permitted(context, provider, "uploadMedia", Capability.UPLOAD)
    picture = _picture(file)
    writes = running(context, provider, CALLS)

    def forget(key: str | None) -> None:
        if key is not None:
            account.reads.media.invalidate(key)

    write = Write(
        field="uploadMedia",
        provider=provider,
        send=partial(port.upload, picture),
        after=forget,
        seconds=CALLS * writes.seconds + picture.size / SLOWEST,
    )
    return MediaUploaded(provider, await writes.run(write, partial(begin, context)))


def _picture(file: object) -> FileUpload:
    content, size = getattr(file, "file", None), getattr(file, "size", None)
    if content is None or size is None:
        raise BadInput("Invalid `file`: expected a file of a multipart request")
    content.seek(0)
    content_type = images.type_of(content.read(16))
    content.seek(0)
    if content_type is None:
        raise BadInput("Invalid `file`: expected a picture: PNG, JPEG, WebP or GIF")
    return FileUpload(content=content, size=size, content_type=content_type)
