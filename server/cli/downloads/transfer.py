"""One file over HTTP, whole, and of a kind that a picture can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import ErrorCode
from server.os_errors import reason

if TYPE_CHECKING:
    import aiohttp

ATTEMPTS = 3
PAUSE = 0.5  # seconds before the second attempt; doubles
LONGEST_PAUSE = 30.0  # of a Retry-After that is waited for
CHUNK = 256 * 1024
LARGEST = 4 * 1024**3  # bytes; an endless answer does not fill the disk

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
}
_UNNAMED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_STALE = frozenset({401, 403, 404, 410})  # what stores answer to an address whose time is over


class NotReceived(Exception):
    """Why a file did not come. code: as the graph names such errors; is_stale: another address may work."""

    def __init__(
        self, code: ErrorCode, message: str, *, is_stale: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.is_stale = is_stale
        self.retry_after = retry_after

    @property
    def is_retryable(self) -> bool:
        """Whether the same address may work later."""
        return self.code in {
            ErrorCode.UPSTREAM_UNREACHABLE,
            ErrorCode.UPSTREAM_TIMEOUT,
            ErrorCode.UPSTREAM_FAULT,
            ErrorCode.UPSTREAM_THROTTLED,
        }


class LocalFault(Exception):
    """The file cannot be written here. The message is the system's."""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file."""

    content_type: str
    bytes: int

    @property
    def extension(self) -> str:
        """`png`; `bin` for a kind without a usual one."""
        return EXTENSIONS.get(self.content_type, "bin")


async def receive(
    session: aiohttp.ClientSession, url: str, part: Path, received: Callable[[int], None]
) -> Received:
    """Write the file aside, trying again where that may help. received: called with each number of bytes.

    Raises NotReceived, LocalFault.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await _once(session, url, part, received)
        except NotReceived as error:
            pause = error.retry_after or PAUSE * 2 ** (attempt - 1)
            if attempt == ATTEMPTS or not error.is_retryable or pause > LONGEST_PAUSE:
                raise
        await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


async def _once(
    session: aiohttp.ClientSession, url: str, part: Path, received: Callable[[int], None]
) -> Received:
    import aiohttp

    try:
        async with session.get(url, headers={"Accept-Encoding": "identity"}) as response:
            _check_status(response)
            return await _write(response, part, received)
    except aiohttp.InvalidURL:
        raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, "its address is no URL") from None
    except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError) as error:
        is_cut = isinstance(error, aiohttp.ClientPayloadError)
        said = "the file was cut short" if is_cut else "the file server cannot be reached"
        raise NotReceived(ErrorCode.UPSTREAM_UNREACHABLE, said) from None
    except TimeoutError:
        raise NotReceived(ErrorCode.UPSTREAM_TIMEOUT, "the file server stopped sending") from None
    except aiohttp.ClientError:
        raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, "the file server cannot be understood") from None


def _check_status(response: aiohttp.ClientResponse) -> None:
    from loaders.http import retry_after

    status = response.status
    if status == 200:
        return
    said = f"the file server answered HTTP {status}"
    if status == 429:
        raise NotReceived(ErrorCode.UPSTREAM_THROTTLED, said, retry_after=retry_after(response.headers))
    if status >= 500:
        raise NotReceived(ErrorCode.UPSTREAM_FAULT, said, retry_after=retry_after(response.headers))
    raise NotReceived(ErrorCode.UPSTREAM_REJECTED, said, is_stale=status in _STALE)


async def _write(response: aiohttp.ClientResponse, part: Path, received: Callable[[int], None]) -> Received:
    kind = response.content_type.lower() if "Content-Type" in response.headers else ""
    if kind not in _UNNAMED and not kind.startswith(("image/", "video/")):
        raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, f"the file server sent {kind[:60]}, not a picture")
    count = 0
    with _local():
        file = part.open("wb")
    with file:
        async for chunk in response.content.iter_chunked(CHUNK):
            if count == 0 and kind in _UNNAMED:
                kind = _recognised(chunk)
            count += len(chunk)
            if count > LARGEST:
                raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, "the file does not end")
            with _local():
                file.write(chunk)
            received(len(chunk))
        with _local():
            file.flush()
    if count == 0:
        raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, "the file is empty")
    return Received(kind, count)


@contextmanager
def _local() -> Iterator[None]:
    # a full disk is no fault of the network, whose errors are OSErrors, too
    try:
        yield
    except OSError as error:
        raise LocalFault(reason(error)) from None


def _recognised(start: bytes) -> str:
    """The kind of a file that comes without one. Raises NotReceived."""
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        return "image/avif" if start[8:12] == b"avif" else "video/mp4"
    raise NotReceived(ErrorCode.UPSTREAM_MALFORMED, "the file server sent something other than a picture")
