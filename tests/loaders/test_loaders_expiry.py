"""When a signed URL ends, by the URL itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loaders import expiry

MOMENT = datetime(2024, 11, 4, 8, 17, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://a.example/x.png?Expires=1730708255&Signature=s", MOMENT),
        ("https://cdn.example/x.png?ex=6728831f&is=6727319f&hm=f6d7&", MOMENT),
        ("https://s3.example/x?X-Amz-Date=20241104T071735Z&X-Amz-Expires=3600&X-Amz-Signature=s", MOMENT),
        ("https://a.example/x.png", None),
        ("https://a.example/x.png?Expires=***", None),
        ("https://a.example/x.png?Expires=99999999999999999999999", None),
        ("https://a.example/x.png?ex=zz", None),
        ("https://a.example/x?X-Amz-Date=today&X-Amz-Expires=3600", None),
        ("https://a.example/x?X-Amz-Date=20241104T071735Z&X-Amz-Expires=9999999999999999", None),
        ("https://a.example/x?X-Amz-Date=20241344T071735Z&X-Amz-Expires=3600", None),
        ("https://a.example/x?X-Amz-Date=99991231T235959Z&X-Amz-Expires=3600", None),
        ("https://a.example/x?NotExpires=1730708255", None),
        ("https://a.example/Expires=1730708255", None),
        ("", None),
    ],
)
def test_the_end_is_read_or_unknown(url: str, moment: datetime | None) -> None:
    """CloudFront's, Discord's and S3's forms; anything else tells nothing."""
    assert expiry.of_url(url) == moment
