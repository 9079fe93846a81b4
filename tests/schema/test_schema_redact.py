"""A bug's trace may be read by people who may not have the keys."""

import pytest

from schema.redact import redacted


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no such column", "no such column"),
        ("task 1749902216266450789 is gone", "task 1749902216266450789 is gone"),
        ("GET https://user:pw@cdn.example.org/a.png?Signature=abc: 403", "GET https:… 403"),
        ("('wss://gw.example.org/graphql?token=abc',)", "('wss:…',)"),
        ("Authorization: abc", "Authorization: …"),
        ("{'token': 'abc'}", "{'token': '…"),
        ("Bearer sk-1 is wrong", "Bearer … is wrong"),
        ("api_key=abc", "api_key=…"),
        ("msy_0123456789abcdefghijklmn", "…"),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIiOiIxMjM0NTY3ODkwIiwi.SflKxwRJSMeKKF2QT4fwpMeJf36P", "….….…"),
    ],
)
def test_a_message_is_redacted(message: str, shown: str) -> None:
    """Credentials and URLs go; what tells people what happened stays."""
    assert redacted(RuntimeError(message)) == f"RuntimeError: {shown}"


def test_the_trace_stays_whole() -> None:
    """Files, functions and causes are what a trace is for."""

    def fail() -> None:
        try:
            raise KeyError("x")
        except KeyError as cause:
            raise RuntimeError("y") from cause

    with pytest.raises(RuntimeError) as caught:
        fail()

    text = redacted(caught.value)
    assert f'File "{__file__}"' in text
    assert "KeyError: 'x'" in text
    assert "The above exception was the direct cause" in text
    assert text.endswith("RuntimeError: y")
