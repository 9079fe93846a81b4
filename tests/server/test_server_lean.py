"""Nobody can tell the short way from the general one: the same status, headers and bytes for any request."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from engine.limits import Mode
from engine.planned import Planner
from sandbox import Sandbox
from server.access.tokens import Token
from server.heads import Heads
from server.request_trace import RequestTraces
from tests.conftest import Client, Serve
from tests.server.graphql_requests import WRONG_BODIES
from tests.server.sent import Sent, answer

MEDIA = "media:pixai:459604023097100648"
PAGE = "{ tasks(first: 20, filter: {statuses: [SUCCEEDED]}) { nodes { id prompt media { permalink } } } }"
MANY = f'{{ {" ".join(f"""m{index}: media(id: "pixai:{index}") {{ id }}""" for index in range(60))} }}'
ALIASES = " ".join(f"a{index}: __typename" for index in range(151))
PAGES = " ".join(f"a{index}: tasks(first: 100) {{ nodes {{ id media {{ id }} }} }}" for index in range(60))


def _headers(is_lean: bool, **headers: str) -> Sent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent({"query": PAGE}, is_lean=is_lean, headers=named)


ROWS: dict[str, Sent] = {
    "a page": Sent({"query": PAGE}),
    "variables": Sent(
        {"query": "query ($id: ID!) { media(id: $id) { id url } }", "variables": {"id": MEDIA}}
    ),
    "nothing but nulls": Sent({"query": PAGE, "variables": None, "operationName": None, "extensions": None}),
    "a name": Sent({"query": "query A { providers { provider } }", "operationName": "A"}),
    "the client's name": Sent(
        {"query": PAGE, "extensions": {"clientLibrary": {"name": "x", "version": "1"}}}
    ),
    "a thousand ids": Sent(
        {
            "query": "query ($ids: [ID!]!) { mediaById(ids: $ids) { id provider } }",
            "variables": {"ids": [f"pixai:{index}" for index in range(1_000)]},
        }
    ),
    "integers beyond 64 bits": Sent(
        b'{"query": "query ($first: Int) { tasks(first: $first) { totalCount } }",'
        b' "variables": {"first": 123456789012345678901234567890}}',
        is_lean=False,
    ),
    # answers with errors: of a field, of many, of the root, of the source
    "an id that is none": Sent({"query": '{ media(id: "?") { id } }'}, is_lean=False),
    "an error and data": Sent({"query": '{ media(id: "?") { id } providers { provider } }'}, is_lean=False),
    "many errors": Sent({"query": MANY.replace("pixai:", "?")}, is_lean=False),
    "null at the root": Sent({"query": '{ nodes(ids: ["?"]) { id } }'}, is_lean=False),
    "an error in the newer type": Sent(
        {"query": '{ media(id: "?") { id } }'},
        is_lean=False,
        headers={"Accept": "application/graphql-response+json"},
    ),
    # what the engine leaves to the general way
    "a syntax error": Sent({"query": "{ media("}, is_lean=False),
    "an unknown field": Sent({"query": "{ nothing }"}, is_lean=False),
    "too many aliases": Sent({"query": f"{{ {ALIASES} }}"}, is_lean=False),
    "too many fields": Sent({"query": f"{{ {PAGES} }}"}, is_lean=False),
    "a mutation": Sent({"query": 'mutation { cancelTask(id: "pixai:1") { error { code } } }'}, is_lean=False),
    "introspection": Sent({"query": "{ __schema { queryType { name } } }"}, is_lean=False),
    "a subscription": Sent(
        {"query": 'subscription { taskUpdated(id: "pixai:1") { taskId } }'}, is_lean=False
    ),
    "a wrong variable": Sent({"query": "query ($id: ID!) { media(id: $id) { id } }"}, is_lean=False),
    "an unknown operation": Sent({"query": "query A { __typename }", "operationName": "B"}, is_lean=False),
    "the cost": Sent({"query": PAGE, "extensions": {"cost": True}}, is_lean=False),
    "the plan": Sent({"query": PAGE, "extensions": {"plan": True}}, is_lean=False),
    # headers
    "gzip": _headers(True, Accept_Encoding="gzip, deflate, br"),
    "no gzip": _headers(True, Accept_Encoding="gzip;q=0"),
    "the newer type": _headers(True, Accept="application/graphql-response+json, application/json;q=0.9"),
    "events first": _headers(False, Accept="text/event-stream, application/json"),
    "nothing acceptable": _headers(False, Accept="text/plain"),
    "a type with a charset": _headers(True, Content_Type="application/json; charset=utf-8"),
    "a type in capitals": _headers(False, Content_Type="Application/JSON"),
    "another type": _headers(False, Content_Type="text/plain"),
    "a compressed body": _headers(False, Content_Encoding="gzip"),
    "an id of its own": _headers(True, X_Request_Id="abc-123"),
    "an id that is none of ours": _headers(True, X_Request_Id="a b c"),
    "another host": _headers(False, Host="evil.example"),
    "another origin": _headers(False, Origin="https://evil.example"),
    "an odd origin": _headers(False, Origin="null"),
    "cookies": _headers(True, Cookie="a=b", User_Agent="curl"),
    # the request itself
    "GET": Sent(b"", False, method="GET", query="?query={__typename}"),
    "PUT": Sent({"query": PAGE}, False, method="PUT"),
    "a query string": Sent({"query": PAGE}, False, query="?x=1"),
    "another path": Sent({"query": PAGE}, False, query="/"),
    "in pieces": Sent({"query": PAGE}, False, is_chunked=True),
    "more than it may hold": Sent({"query": PAGE + " " * 1024 * 1024}, is_lean=False),
    "a long document": Sent({"query": "{ providers { provider } }" + " " * 40_000}),
} | {f"wrong body {index}": Sent(body, is_lean=False) for index, (body, *_) in enumerate(WRONG_BODIES)}


@dataclass
class Ways:
    """How many requests passed the middlewares. is_closed: the short way takes none."""

    general: int = 0
    is_closed: bool = False


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Both ways, counted."""
    found = Ways()
    head, traced = Heads.of, RequestTraces.__call__

    async def counted(traces: RequestTraces, scope: Scope, receive: Receive, send: Send) -> None:
        found.general += 1
        await traced(traces, scope, receive, send)

    monkeypatch.setattr(Heads, "of", lambda heads, scope: None if found.is_closed else head(heads, scope))
    monkeypatch.setattr(RequestTraces, "__call__", counted)
    return found


TOKENS = (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)
SETTINGS: dict[str, dict[str, Any]] = {
    "with a token": {"tokens": TOKENS},
    "pages of other origins": {
        "cors_origins": ("https://pages.example",),
        "public_url": "http://127.0.0.1:1",
    },
    "callers' own keys": {"passthrough": True},
    "limits that are only measured": {"limits": Mode.MEASURE, "limit_aliases": 1},
    "no limits": {"limits": Mode.OFF},
}
UNDER_SETTINGS = [
    ("with a token", _headers(True, Authorization="Bearer secret")),
    ("with a token", _headers(True, Authorization="bearer  secret")),
    ("with a token", _headers(False, Authorization="Bearer wrong")),
    ("with a token", _headers(False, Authorization="Basic secret")),
    ("with a token", _headers(False)),
    ("pages of other origins", _headers(True)),
    ("pages of other origins", Sent({"query": '{ media(id: "?") { id } }'}, is_lean=False)),
    ("pages of other origins", _headers(True, Origin="https://pages.example")),
    ("pages of other origins", _headers(True, Origin="https://pages.example", Accept_Encoding="gzip")),
    (
        "pages of other origins",
        Sent(
            {"query": '{ media(id: "?") { id } }'}, is_lean=False, headers={"Origin": "https://pages.example"}
        ),
    ),
    ("pages of other origins", _headers(True, Origin="http://127.0.0.1:1", Host="127.0.0.1:1")),
    ("pages of other origins", _headers(False, Origin="https://evil.example")),
    ("callers' own keys", _headers(False)),
    ("callers' own keys", _headers(False, X_PixAI_Key="of-nobody")),
    ("limits that are only measured", Sent({"query": MANY}, is_lean=False)),
    ("no limits", Sent({"query": MANY})),
]


@pytest.mark.parametrize("name", ROWS)
async def test_both_ways_answer_alike(graph: Client, ways: Ways, name: str) -> None:
    """Byte for byte; and what is usual takes the short one."""
    sent = ROWS[name]

    lean = await answer(graph, sent)
    taken = ways.general
    ways.is_closed = True
    general = await answer(graph, sent)

    assert lean == general
    assert (taken == 0) is sent.is_lean


@pytest.mark.parametrize(("name", "sent"), UNDER_SETTINGS)
async def test_both_ways_answer_alike_under(name: str, sent: Sent, serve: Serve, ways: Ways) -> None:
    """Tokens, origins, keys and limits hold on both."""
    async with serve(**SETTINGS[name]) as graph:
        lean = await answer(graph, sent)
        taken = ways.general
        ways.is_closed = True
        general = await answer(graph, sent)

    assert lean == general
    assert (taken == 0) is sent.is_lean


async def test_a_page_of_our_own_takes_it(graph: Client, ways: Ways) -> None:
    """Browsers send the Origin with every POST."""
    await answer(graph, _headers(True, Origin=graph.origin))

    assert ways.general == 0


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_source_that_fails_is_told_alike(
    graph: Client, box: Sandbox, ways: Ways, is_closed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The error stands on its field, and one line in the log names its code and the time it took."""
    ways.is_closed = is_closed
    box.pixai.fail("*", status=402)

    with caplog.at_level(logging.INFO, "server"):
        status, _, body = await answer(graph, Sent({"query": f'{{ media(id: "{MEDIA}") {{ id }} }}'}))

    (error,) = orjson.loads(body)["errors"]
    assert (status, error["extensions"]) == (
        200,
        {
            "code": "UPSTREAM_OUT_OF_CREDIT",
            "provider": "PIXAI",
            "retryable": False,
            "retryAfter": None,
            "upstreamStatus": 402,
            "requestId": "ID",
        },
    )
    (line,) = [record for record in caplog.records if record.message == "request failed"]
    fields: dict[str, Any] = line.fields  # type: ignore[attr-defined]
    assert {name: fields[name] for name in ("path", "status", "codes")} == {
        "path": "/graphql",
        "status": 200,
        "codes": "UPSTREAM_OUT_OF_CREDIT:1",
    }
    assert fields["ms"] > 0


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_bug_is_told_alike(
    graph: Client,
    ways: Ways,
    is_closed: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Logged once; the client learns that it was one."""
    ways.is_closed = is_closed

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Planner, "execute", broken)
    status, _, body = await answer(graph, Sent({"query": PAGE}))

    assert (status, orjson.loads(body)) == (
        200,
        {
            "errors": [
                {"message": "Internal error", "extensions": {"code": "INTERNAL", "requestId": "ID"}},
            ],
        },
    )
    assert [record.message.splitlines()[0] for record in caplog.records if "bug" in record.message] == [
        "A bug at the operation:"
    ]
