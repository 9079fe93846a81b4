"""Pictures inside a request, before a source gets them."""

from __future__ import annotations

import base64

import pytest

from loaders import images
from loaders.errors import BadInput

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0rest").decode()
WEBP = base64.b64encode(b"RIFF\0\0\0\0WEBPVP8 ").decode()
OTHER = base64.b64encode(b"something").decode()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (f"data:image/png;base64,{PNG}", f"data:image/png;base64,{PNG}"),
        (f"DATA:Image/PNG;Base64,{PNG}", f"data:image/png;base64,{PNG}"),
        (f"data:image/jpg;base64,{JPEG}", f"data:image/jpg;base64,{JPEG}"),
        (f"data:image/webp;base64,{WEBP}", f"data:image/webp;base64,{WEBP}"),
        (f"data:image/png;base64,{OTHER}", f"data:image/png;base64,{OTHER}"),
    ],
)
def test_a_picture_that_passes(given: str, sent: str) -> None:
    """Its head becomes lower case; content that no one knows is the source's affair."""
    assert images.checked(given, "image") == sent


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "expected a data URL like data:image/png;base64,…"),
        ("https://example.com/a.png", "expected a data URL like data:image/png;base64,…"),
        (PNG, "expected a data URL like data:image/png;base64,…"),
        (f"data:image/png,{PNG}", "expected a data URL like data:image/png;base64,…"),
        (f"data:{'a' * 10_000}/png;base64,", "expected a data URL like data:image/png;base64,…"),
        (f"data:text/html;base64,{OTHER}", "expected a picture of the type image/jpeg, image/png"),
        (f"data:image/webp;base64,{WEBP}", "expected a picture of the type image/jpeg, image/png"),
        ("data:image/png;base64,", "expected a picture of the type image/png, not an empty one"),
        (f"data:image/png;base64,{JPEG}", "expected a picture of the type image/png, not one of image/jpeg"),
        (f"data:image/png;base64,{PNG}=", "expected base64 with its padding, without line breaks"),
        ("data:image/png;base64,iVBO Rw0", "expected base64 with its padding, without line breaks"),
        ("data:image/png;base64,iVBORw0KGgo\n", "expected base64 with its padding, without line breaks"),
        ("data:image/png;base64,iVBORw0KGg", "expected base64 with its padding, without line breaks"),
        ("data:image/png;base64,____", "expected base64 with its padding, without line breaks"),
        ("data:image/png;base64,éééé", "expected base64 with its padding, without line breaks"),
    ],
)
def test_a_picture_that_is_refused(given: str, said: str) -> None:
    """The error names the argument, and quotes nothing of the picture."""
    with pytest.raises(BadInput) as refused:
        images.checked(given, "images[3]", {"image/png", "image/jpeg"})

    assert refused.value.message == f"Invalid `images[3]`: {said}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "expected a data URL, or an http or https URL"),
        (PNG, "expected a data URL, or an http or https URL"),
        ("ftp://example.com/a.png", "expected a data URL, or an http or https URL"),
        ("data:text/html;base64,AAAA", "expected a picture of the type image/png"),
        ("http://10.0.0.7/a.png", "expected an http or https URL of a public host"),
    ],
)
def test_a_reference_that_is_refused(given: str, said: str) -> None:
    """Neither of both, or one that may not be."""
    with pytest.raises(BadInput) as refused:
        images.reference(given, "image", {"image/png"})

    assert refused.value.message == f"Invalid `image`: {said}"


@pytest.mark.parametrize(
    "given", [f"data:image/png;base64,{PNG}", "https://example.com/a", "http://127.0.0.1:9001/a.png"]
)
def test_a_reference(given: str) -> None:
    """Either, as it was written."""
    assert images.reference(given, "image", allowed={"http://127.0.0.1:9001"}) == given


def test_a_picture_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused by its length, before it is decoded."""
    monkeypatch.setattr(images, "LARGEST", 2**20)
    largest = base64.b64encode(bytes(2**20)).decode()

    assert images.checked(f"data:image/png;base64,{largest}", "image")
    with pytest.raises(BadInput, match="expected a picture of at most 1 MiB"):
        images.checked(f"data:image/png;base64,{largest}AAAAAAAA", "image")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (PNG, f"data:image/png;base64,{PNG}"),
        (f"data:image/png;base64,{PNG}", f"data:image/png;base64,{PNG}"),
        (JPEG, f"data:image/jpeg;base64,{JPEG}"),
        (WEBP, f"data:image/webp;base64,{WEBP}"),
        (OTHER, f"data:image/png;base64,{OTHER}"),
    ],
)
def test_a_mask(given: str, sent: str) -> None:
    """Bare base64 or a data URL; it is sent as a data URL."""
    assert images.mask(given, "maskBase64") == sent


@pytest.mark.parametrize(
    "given", ["", "data:", "https://example.com/mask.png", "not base64!", "data:text/plain;base64,AAAA"]
)
def test_a_mask_that_is_refused(given: str) -> None:
    """What is neither."""
    with pytest.raises(BadInput, match="Invalid `maskBase64`: expected"):
        images.mask(given, "maskBase64")
