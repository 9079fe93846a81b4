"""Headers are read once where they come again to the byte, and never where they carry a secret."""

from __future__ import annotations

from hashlib import sha256

import pytest
from starlette.types import Scope

from resolvers.context import Caller, Role
from server.access.guard import Rules
from server.access.tokens import Token, Tokens
from server.heads import KNOWN, LONGEST, Head, Heads

ANNA = Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}")


def heads(*tokens: Token) -> Heads:
    """Of a server on loopback."""
    rules = Rules(names={"localhost"}, addresses=False, origins=(), tokens=Tokens(tokens))
    return Heads(rules, pages=())


def post(*more: tuple[bytes, bytes]) -> Scope:
    """A usual request with more headers."""
    usual = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"2")]
    return {
        "type": "http",
        "path": "/graphql",
        "method": "POST",
        "query_string": b"",
        "headers": [*usual, *more],
    }


def test_what_comes_again_is_the_same() -> None:
    """However often."""
    one = heads()
    packed = post((b"accept-encoding", b"gzip"))

    found = [one.of(packed), one.of(post()), one.of(packed)]

    plain = Head(Caller(Role.ADMIN), "application/json", takes_gzip=False)
    assert found == [plain._replace(takes_gzip=True), plain, plain._replace(takes_gzip=True)]


def test_the_oldest_of_many_is_forgotten() -> None:
    """Endlessly distinct headers take as much memory as a few hundred; long ones none."""
    one = heads()

    for number in range(1_000):
        assert one.of(post((b"cookie", b"%d" % number))) is not None
    assert one.known == KNOWN

    again = heads()
    assert again.of(post((b"cookie", b"x" * LONGEST))) is not None
    assert again.known == 0


@pytest.mark.parametrize(
    ("authorization", "caller"), [(b"Bearer secret", Caller(Role.READ, "anna")), (b"Bearer wrong", None)]
)
def test_a_token_is_checked_each_time(authorization: bytes, caller: Caller | None) -> None:
    """And is nowhere in memory afterwards; nor is the id of a request, which never comes again."""
    one = heads(ANNA)

    for _ in range(2):
        found = one.of(post((b"authorization", authorization), (b"x-request-id", b"a")))
        assert (None if found is None else found.caller) == caller
    named = heads()
    assert named.of(post((b"x-request-id", b"a"))) is not None

    assert (one.known, named.known) == (0, 0)
    assert one.of(post()) is None
