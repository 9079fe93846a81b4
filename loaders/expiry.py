"""When a signed URL ends, read from the URL itself.

`?Expires=<epoch s>` (CloudFront, Meshy), `?ex=<hex epoch s>` (Discord),
`?X-Amz-Date=20240522T061657Z&X-Amz-Expires=<s>` (S3).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from loaders import values


def of_url(url: str) -> datetime | None:
    """The moment this URL stops working; None where it does not tell."""
    if "?" not in url:
        return None
    try:
        query = {name: found[0] for name, found in parse_qs(urlsplit(url).query).items()}
        if "Expires" in query:
            return values.time(int(query["Expires"]))
        if "ex" in query:
            return values.time(int(query["ex"], 16))
        if "X-Amz-Date" in query and "X-Amz-Expires" in query:
            signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return signed + timedelta(seconds=int(query["X-Amz-Expires"]))
    except (ValueError, OverflowError):
        return None
    return None
