"""When a signed URL ends, read from the URL itself.

`?Expires=<epoch s>` (CloudFront, Meshy), `?ex=<hex epoch s>` (Discord),
`?X-Amz-Date=20240522T061657Z&X-Amz-Expires=<s>` (S3). Every URL that is fetched comes through here, so it
is searched, not parsed: less than half of the time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from loaders import coerce

_EPOCH = re.compile(r"[?&]Expires=(\d{1,12})(?![^&#])")
_HEX = re.compile(r"[?&]ex=([0-9a-fA-F]{1,9})(?![^&#])")
_SIGNED = re.compile(r"[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?![^&#])")
_LASTS = re.compile(r"[?&]X-Amz-Expires=(\d{1,9})(?![^&#])")


def of_url(url: str) -> datetime | None:
    """The moment this URL stops working; None where it does not say."""
    if "?" not in url:
        return None
    if found := _EPOCH.search(url):
        return coerce.time(int(found[1]))
    if found := _HEX.search(url):
        return coerce.time(int(found[1], 16))
    if (signed := _SIGNED.search(url)) and (lasts := _LASTS.search(url)):
        year, month, day, hour, minute, second = map(int, signed.groups())
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return moment + timedelta(seconds=int(lasts[1]))
        except (OverflowError, ValueError):
            return None
    return None
