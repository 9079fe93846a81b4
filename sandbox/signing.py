"""Signed URLs as object stores make them: the expiry is readable, the signature is checked."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

STAMP = "%Y%m%dT%H%M%SZ"


def s3_query(path: str, now: float, lifetime: int, secret: bytes) -> str:
    """The query string of a presigned S3 URL. now: epoch seconds; lifetime: seconds."""
    stamp = datetime.fromtimestamp(now, UTC).strftime(STAMP)
    return (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=SANDBOX%2F{stamp[:8]}%2Fauto%2Fs3%2Faws4_request"
        f"&X-Amz-Date={stamp}&X-Amz-Expires={lifetime}&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature={_signature(path, stamp, lifetime, secret)}"
    )


def s3_error(path: str, query: Mapping[str, str], now: float, secret: bytes) -> tuple[str, str] | None:
    """S3's error code and message for this request; None where the signature is valid."""
    try:
        stamp, lifetime = query["X-Amz-Date"], int(query["X-Amz-Expires"])
        signed = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC).timestamp()
    except (KeyError, ValueError):
        return "AccessDenied", "Access Denied"
    expected = _signature(path, stamp, lifetime, secret)
    if not hmac.compare_digest(expected.encode(), query.get("X-Amz-Signature", "").encode()):
        return (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )
    return ("AccessDenied", "Request has expired") if now >= signed + lifetime else None


def _signature(path: str, stamp: str, lifetime: int, secret: bytes) -> str:
    return hmac.new(secret, f"{path}\n{stamp}\n{lifetime}".encode(), hashlib.sha256).hexdigest()
