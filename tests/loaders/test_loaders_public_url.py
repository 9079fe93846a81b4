"""URLs that users give, before a source gets them."""

from __future__ import annotations

import pytest

from loaders import public_url
from loaders.errors import BadInput
from loaders.records import JSON

PUBLIC = [
    "https://pictures.example.com/a%20b.png?Expires=1&Signature=x~#top",
    "HTTP://Pictures.Example.COM:8080",
    "https://bücher.example/ü",
    "https://8.8.8.8/a",
    "https://8.8.8.8:443",
    "https://[2606:4700:4700::1111]/a",
    "https://xn--bcher-kva.example",
    "https://example.com.",
    "https://localhost.example.com/",
    "https://10.example.com/",
]
LOOPBACK = [
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0X7F.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://00000177.1/",
    "http://%31%32%37.0.0.1/",
    "http://１２７.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::FFFF:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2001:0:7f00:1::]/",
    "http://localhost/",
    "http://LOCALHOST:80",
    "http://localhost./",
    "http://%6cocalhost/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://local\u00adhost/",
    "http://loc\u200balhost/",
    "http://a.localhost/",
    "http://localhost.localdomain/",
]
NOT_PUBLIC = [
    "http://0/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://10.0.0.7/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[::ffff:10.0.0.7]/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://METADATA.Google.Internal./",
    "http://router.home.arpa/",
    "http://nas.lan/",
    "http://redis:6379/",
    "http://./",
    "http://example..com/",
]
NO_HTTP = [
    "",
    "pictures.example.com/a.png",
    "//pictures.example.com/a.png",
    "/a.png",
    "ftp://example.com/a.png",
    "file:///etc/passwd",
    "gopher://example.com/",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "http:example.com",
    "http:/example.com",
    "http:///example.com",
    "http:\\\\example.com",
    "https://example.com\\@10.0.0.7/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com@10.0.0.7/",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://exa mple.com/",
    "https://example.com/a b",
    "https://exam\tple.com/",
    "https://example.com/\n",
    " https://example.com/",
    "https://example.com\0.10.0.0.7/",
    "https://example.com%00/",
    "https://%zz/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://",
    "https://" + "a" * 8192 + ".com/",
]
AMBIGUOUS = [
    "http://0x08080808/",
    "http://8.8.2056/",
    "http://010.8.8.8/",
    "http://0127.0.0.1/",
    "http://８.8.8.8/",
]


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_url_passes(url: str) -> None:
    """It is handed on as it was written: a signature may cover it."""
    assert public_url.checked(url, "notifyHook") == url


@pytest.mark.parametrize("url", [*LOOPBACK, *NOT_PUBLIC, *NO_HTTP, *AMBIGUOUS])
def test_a_url_that_is_refused(url: str) -> None:
    """Private hosts in every spelling, other schemes, user info, and what readers may read differently."""
    with pytest.raises(BadInput) as refused:
        public_url.checked(url, "images[0]")

    assert refused.value.message in {
        "Invalid `images[0]`: expected an http or https URL of a public host",
        "Invalid `images[0]`: expected a URL of at most 8192 characters",
    }


def test_an_allowed_origin_passes() -> None:
    """The sandbox's own, with its port and no other; not its port at another private host."""
    allowed = {public_url.origin("HTTP://127.0.0.1:9001/ignored")}

    assert allowed == {"http://127.0.0.1:9001"}
    assert public_url.checked("http://127.0.0.1:9001/a.png", "images[0]", allowed)
    for url in ("http://127.0.0.1:9002/", "https://127.0.0.1:9001/", "http://10.0.0.7:9001/"):
        with pytest.raises(BadInput):
            public_url.checked(url, "images[0]", allowed)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"inputs": ["https://a.com/", {"mediaUrl": "http://10.0.0.7/"}]}, "inputs[1].mediaUrl"),
        ({"a": {"b": {"c": "http://localhost/"}}}, "a.b.c"),
        ({"callback": "  http://2130706433/ "}, "callback"),
        ({"callback": "file:///etc/passwd"}, "callback"),
        ({"callback": "http:127.0.0.1"}, "callback"),
        ({"callback": "ht\ntp://127.0.0.1"}, "callback"),
        ({"callback": "https://user@example.com/"}, "callback"),
    ],
)
def test_a_url_inside_parameters_is_found(value: JSON, place: str) -> None:
    """The error names where it stands."""
    with pytest.raises(BadInput) as refused:
        public_url.check_inside(value, "parameters")

    assert refused.value.message == (
        f"Invalid `parameters.{place}`: expected an http or https URL of a public host"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a cat, see http://127.0.0.1:6379/x",
        "http://a.com/1.png http://[::1]/2.png a cat",
        "a cat --sref http://0/",
    ],
)
def test_a_url_inside_a_text_is_found(text: str) -> None:
    """Midjourney's prompts begin with addresses of pictures, and name others in options."""
    said = r"Invalid `prompt`: expected an http or https URL of a public host inside the text"
    with pytest.raises(BadInput, match=said):
        public_url.check_text(text, "prompt")
    with pytest.raises(BadInput, match=said):
        public_url.check_inside(text, "prompt")


def test_half_a_character() -> None:
    """JSON could not carry it to a source."""
    with pytest.raises(BadInput, match=r"Invalid `parameters\.a`"):
        public_url.check_inside({"a": "\ud800"}, "parameters")


def test_what_parameters_may_contain() -> None:
    """Public URLs, texts with colons and slashes, data URLs, numbers, and text that is no URL."""
    public_url.check_inside(
        {
            "mediaUrl": "https://pictures.example.com/a.png",
            "prompts": "portrait: a cat/dog, see https://example.com/style. Ratio 3:2, and/or: 1/2",
            "image": "data:image/png;base64,iVBORw0KGgo=",
            "lora": {"1648918127446573124": 0.7},
            "flags": [True, None, 1, 2.5, "", "http", "://", "C:/x"],
        },
        "parameters",
    )


def test_the_walk_through_parameters_is_bounded() -> None:
    """Too many values or levels are refused, not walked; wherever the error's place would be, it is short."""
    deep: JSON = "x"
    for _ in range(50_000):
        deep = [deep]
    for value in ([0] * 10_001, {"a": [[0] * 6_000, [0] * 6_000]}, deep):
        with pytest.raises(BadInput, match="at most 10000 values, 32 levels deep"):
            public_url.check_inside(value, "parameters")


def test_a_refusal_quotes_nothing() -> None:
    """A URL may carry a key."""
    for call in (public_url.checked, public_url.check_text, public_url.check_inside):
        with pytest.raises(BadInput) as refused:
            call("http://10.0.0.7/?key=s3cr3t", "url")
        assert "s3cr3t" not in str(refused.value)
        assert refused.value.__cause__ is None
