"""Whole answers are kept, for as long as everything in them is, and nobody can tell them from new ones."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import orjson
import pytest
from starlette.types import Receive, Scope, Send

import sandbox
from engine.direct import Direct
from loaders import cache
from loaders.cache import Cache
from loaders.observer import Observer
from loaders.records import Provider
from sandbox import Clock, Sandbox
from sandbox.pixai import vendor_examples
from server.access.tokens import Token
from server.answers import Answers
from server.lean import Lean
from tests.conftest import Client, Serve
from tests.server.sent import Sent, answer
from tests.server.wire import POST, wire

MEDIA = '{ media(id: "pixai:459604023097100648") { id width urls { variant url expiresAt } permalink } }'
PIXAI = f'{{ task(id: "pixai:{vendor_examples.BATCH}") {{ id media {{ url width }} seeds {{ value }} }} }}'
MESHY = '{ node(id: "media:meshy:image-to-image:019480a4-5df8-7496-98fb-e0fa5be1701f:0") { id } }'
MIDJOURNEY = '{ task(id: "midjourney:1737282580459466") { id status media { url } seeds { value } } }'
MANY = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id url } }"
DELETE = "mutation ($id: ID!) { deleteTask(id: $id) { deletedId } }"


def token(role: str) -> Token:
    """Its holder has the role's own name."""
    return Token.parse(f"{role}:{role}:{sha256(role.encode()).hexdigest()}")


TOKENS = {"tokens": (token("read"), token("write"))}


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was executed: what is kept is not."""
    found: Counter[str] = Counter()
    execute = Direct.execute

    async def counted(direct: Direct, entry: Any, text: str, context: Any, variables: Any) -> Any:
        found[text] += 1
        return await execute(direct, entry, text, context, variables)

    monkeypatch.setattr(Direct, "execute", counted)
    return found


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """The sandbox, whose time stands still: its URLs are the same for every server."""
    async with sandbox.start(clock=Clock(time.time())) as started:
        yield started


def asked(query: str, headers: dict[str, str] | None = None, **variables: object) -> Sent:
    """One request by POST."""
    return Sent({"query": query, "variables": variables}, headers=headers or {})


@pytest.mark.parametrize("query", [MEDIA, PIXAI, MESHY, MIDJOURNEY, "{ __typename }"])
async def test_what_the_caches_answered_is_kept(
    graph: Client, box: Sandbox, executed: Counter[str], query: str
) -> None:
    """The first request asks the sources, the second the caches, and those after it are not executed."""
    first, second = [await answer(graph, asked(query)) for _ in range(2)]
    upstream = [Counter(one.requests) for one in box.upstreams()]
    later = [await answer(graph, asked(query)) for _ in range(3)]

    assert "errors" not in orjson.loads(first[2])
    assert [first, *later] == [second] * 4
    assert executed == {query: 2}
    assert [one.requests for one in box.upstreams()] == upstream


@pytest.mark.parametrize(("pieces", "calls"), [(1, 2), (2, 5)])
async def test_what_comes_in_one_piece_takes_no_call_of_the_app(
    graph: Client, executed: Counter[str], monkeypatch: pytest.MonkeyPatch, pieces: int, calls: int
) -> None:
    """Where the body follows, the app is called, and does not execute it either."""
    called: list[str] = []
    lean = Lean.__call__

    async def counted(app: Lean, scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["path"])
        await lean(app, scope, receive, send)

    monkeypatch.setattr(Lean, "__call__", counted)
    body = orjson.dumps({"query": MEDIA}).decode()
    found = []
    async with wire(graph) as one:
        for _ in range(5):
            one.send(f"{POST}Content-Length: {len(body)}\r\n\r\n" + (body if pieces == 1 else ""))
            if pieces == 2:
                await asyncio.sleep(0.02)
                one.send(body)
            found.append(await one.answer())

    assert found == found[:1] * 5
    assert (len(called), executed[MEDIA]) == (calls, 2)


NEVER = {
    "an absent medium": '{ media(id: "pixai:1") { id } }',
    "an absent one among others": '{ mediaById(ids: ["pixai:1", "pixai:459604023097100648"]) { id } }',
    "a running task": '{ task(id: "pixai:1900000000000000101") { status } }',
    "a task that waits": '{ task(id: "meshy:image-to-image:0194b000-0000-7000-8000-000000000002") { id } }',
    "an error": '{ media(id: "?") { id } }',
    "an error beside data": f'{{ a: media(id: "?") {{ id }} {MEDIA[1:]}',
    "a list": "{ tasks(first: 1) { nodes { id } missing { code } } }",
    "a list beside a medium": f"{{ tasks(first: 1) {{ totalCount }} {MEDIA[1:]}",
    "the providers": "{ providers { provider isConfigured } }",
    "the schema of the subgraph": "{ _service { sdl } }",
}


@pytest.mark.parametrize("name", NEVER)
async def test_what_may_change_is_not_kept(graph: Client, executed: Counter[str], name: str) -> None:
    """It is executed each time."""
    query = NEVER[name]

    found = [await answer(graph, asked(query)) for _ in range(4)]

    assert found == found[:1] * 4
    assert executed == {query: 4}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept-Encoding": "gzip"},
        {"Accept": "application/graphql-response+json"},
        {"X-Request-Id": "abc-123"},
        {"Cookie": "a=b", "Accept-Encoding": "gzip, br", "Accept": "application/graphql-response+json"},
    ],
)
@pytest.mark.parametrize("settings", [{}, {"cors_origins": ("https://pages.example",)}], ids=["", "cors"])
async def test_nobody_can_tell(
    serve: Serve, executed: Counter[str], headers: dict[str, str], settings: dict[str, Any]
) -> None:
    """The status, headers and bytes of a server that keeps nothing, whether the answer is new or kept."""
    sent = asked(MANY, headers, ids=[f"pixai:{key}" for key in vendor_examples.BATCH_MEDIA])
    async with serve(answers="off", public_url="http://127.0.0.1:1", open=True, **settings) as graph:
        expected = [await answer(graph, sent) for _ in range(4)]
    unkept = executed.pop(MANY)

    async with serve(public_url="http://127.0.0.1:1", open=True, **settings) as graph:
        found = [await answer(graph, sent) for _ in range(4)]

    assert found == expected
    assert (unkept, executed[MANY]) == (4, 2)


async def test_a_client_that_takes_gzip_after_one_that_does_not(
    graph: Client, executed: Counter[str]
) -> None:
    """One answer, in the form that each of them takes."""
    ids = [f"pixai:{key}" for key in vendor_examples.BATCH_MEDIA]
    plain = [await answer(graph, asked(MANY, ids=ids)) for _ in range(3)][-1]
    packed = [await answer(graph, asked(MANY, {"Accept-Encoding": "gzip"}, ids=ids)) for _ in range(2)]
    again = await answer(graph, asked(MANY, ids=ids))

    assert gzip.decompress(packed[0][2]) == plain[2]
    assert (packed[0][1]["content-encoding"], packed[0][1]["content-length"]) == (
        "gzip",
        str(len(packed[0][2])),
    )
    assert (packed[0], plain) == (packed[1], again)
    assert executed[MANY] == 2


async def test_the_key_is_the_body_and_the_role(serve: Serve, executed: Counter[str]) -> None:
    """Callers of one role share answers; another role, or another spelling of the same, has its own."""
    async with serve(**TOKENS) as graph:
        for role in ("read", "read", "read", "write", "write"):
            await answer(graph, asked(MEDIA, {"Authorization": f"Bearer {role}"}))
        assert executed[MEDIA] == 3  # of the reader the first two, of the writer the first

        spaced = Sent(orjson.dumps({"query": MEDIA, "variables": {}}) + b" ")
        for _ in range(3):
            await answer(graph, Sent(spaced.body, headers={"Authorization": "Bearer read"}))
        assert executed[MEDIA] == 5  # twice: what comes once is not kept


async def test_a_change_of_a_task_ends_the_answers_that_show_it(
    graph: Client, executed: Counter[str]
) -> None:
    """Deleted between two reads: it is gone, and the answer of another task is still there."""
    one, untouched = "meshy:image-to-image:019480a4-5df8-7496-98fb-e0fa5be1701f", PIXAI
    query = f'{{ task(id: "{one}") {{ id media {{ id }} }} }}'
    before = [await graph.data(query) for _ in range(3)][-1]
    kept = [await graph.data(untouched) for _ in range(3)][-1]

    deleted = await graph.data(DELETE, id=one)
    after = [await graph.data(query) for _ in range(2)]

    assert before["task"]["id"] == f"task:{one}"
    assert deleted == {"deleteTask": {"deletedId": f"task:{one}"}}
    assert after == [{"task": None}] * 2
    assert await graph.data(untouched) == kept
    assert executed == {query: 4, untouched: 2}


async def test_an_answer_ends_with_the_first_of_its_values(
    serve: Serve, box: Sandbox, executed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute for a URL that does not say when it ends: then the picture is fetched anew."""
    clock = box.clock
    for made in (Cache.__init__, Answers.__init__):
        defaults: Any = made.__kwdefaults__
        monkeypatch.setitem(defaults, "clock", clock)
    async with serve() as graph:
        first = [await graph.data(MEDIA) for _ in range(3)][-1]
        clock.advance(59)
        still = await graph.data(MEDIA)
        clock.advance(2)
        new = [await graph.data(MEDIA) for _ in range(3)][-1]

    assert first == still != new
    assert executed == {MEDIA: 4}
    assert box.pixai.requests == {"POST /graphql": 2}


async def test_what_ends_in_a_moment_is_not_kept(
    graph: Client, executed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less than two seconds of life are not worth an entry."""
    monkeypatch.setattr(cache, "UNREADABLE", 1.5)

    for _ in range(3):
        await answer(graph, asked(MEDIA))

    assert executed == {MEDIA: 3}


async def test_observers_hear_of_values_that_were_shown_again(
    graph: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many hits as if it had been executed: by provider, each key once."""
    heard: list[tuple[Provider, int]] = []
    monkeypatch.setattr(Observer, "cache_hit", lambda _self, *hit: heard.append(hit))
    both = f"{{ {MIDJOURNEY[1:-1]} {MEDIA[1:-1]} m: {MEDIA[1:-1].strip()} }}"

    await graph.data(both)
    heard.clear()
    await graph.data(both)
    executed, heard[:] = Counter(heard), []
    await graph.data(both)

    assert Counter(heard) == executed == {(Provider.MIDJOURNEY, 1): 2, (Provider.PIXAI, 1): 1}


@pytest.mark.parametrize("settings", [{"answers": "off"}, {"passthrough": True}], ids=["off", "passthrough"])
async def test_where_none_is_kept(serve: Serve, box: Sandbox, settings: dict[str, Any]) -> None:
    """Switched off, or callers bring keys of their own: the caches alone answer."""
    headers = {"X-PixAI-Key": box.pixai.key}
    async with serve(**settings) as graph:
        found = [await answer(graph, asked(MEDIA, headers)) for _ in range(3)]
        async with wire(graph) as plain:  # nothing stands in front of the app
            plain.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await plain.answer())[0] == 200

    assert found == found[:1] * 3
    assert box.pixai.requests == {"POST /graphql": 1}
