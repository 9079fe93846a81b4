"""What each fault does to a real HTTP client, and what the counters say afterwards."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientConnectionError, ClientPayloadError, ClientSession, ClientTimeout

from sandbox import Sandbox
from tests.sandbox.requests import PixAI

ONE = '{ media(id: "459604023097100648") { id } }'
IDS = [f"45960402309710064{digit}" for digit in (8, 9)] + ["459604023097100650", "459604023097100651"]
FOUR = "{" + " ".join(f'm{index}: media(id: "{key}") {{ id }}' for index, key in enumerate(IDS)) + "}"
INTERNAL = {"code": "INTERNAL_SERVER_ERROR"}


async def test_a_status_comes_in_the_upstreams_shape_with_retry_after_and_ends(pixai: PixAI) -> None:
    """Two requests are throttled, the third is answered; all three are counted."""
    pixai.upstream.fail("POST /graphql", status=429, retry_after=2, times=2)

    async with pixai.session.post("/graphql", json={"query": ONE}) as first:
        body, wait = await first.json(), first.headers["Retry-After"]
    second, _ = await pixai.post(ONE)
    third, _ = await pixai.post(ONE)

    assert (body, wait) == ({"message": "Too Many Requests", "code": "TOO_MANY_REQUESTS"}, "2")
    assert (first.status, second, third) == (429, 429, 200)
    assert pixai.upstream.requests == {"POST /graphql": 3}


async def test_faults_queue_up(pixai: PixAI) -> None:
    """Of several faults that answer, the oldest goes first and each is spent by its own request."""
    for status in (500, 503, 402):
        pixai.upstream.fail("*", status=status, times=1)

    assert [(await pixai.post(ONE))[0] for _ in range(4)] == [500, 503, 402, 200]


async def test_reset(pixai: PixAI) -> None:
    """The connection ends before any byte of an answer."""
    pixai.upstream.fail("POST /graphql", reset=True)

    with pytest.raises(ClientConnectionError):
        await pixai.post(ONE)


async def test_truncated(pixai: PixAI) -> None:
    """The real answer is cut while Content-Length promises all of it."""
    pixai.upstream.fail("POST /graphql", truncated=True, times=1)

    with pytest.raises(ClientPayloadError):
        await pixai.post(ONE)

    assert await pixai.data(ONE) == {"media": {"id": "459604023097100648"}}


@pytest.mark.parametrize(("status", "seen"), [(None, 200), (502, 502)])
async def test_html(pixai: PixAI, status: int | None, seen: int) -> None:
    """A page instead of JSON, with any status."""
    pixai.upstream.fail("POST /graphql", html=True, status=status)

    async with pixai.session.post("/graphql", json={"query": ONE}) as answer:
        text = await answer.text()

    assert (answer.status, answer.content_type) == (seen, "text/html")
    assert text.startswith("<!doctype html>")


async def test_not_json(pixai: PixAI) -> None:
    """The content type says JSON, the body is none."""
    pixai.upstream.fail("POST /graphql", not_json=True)

    async with pixai.session.post("/graphql", json={"query": ONE}) as answer:
        text = await answer.text()

    assert (answer.status, answer.content_type) == (200, "application/json")
    assert text == "upstream connect error or disconnect/reset before headers"


async def test_latency_delays_the_real_answer(pixai: PixAI) -> None:
    """A client that waits less sees a timeout; one that waits gets the real answer."""
    pixai.upstream.fail("POST /graphql", latency=0.1, times=2)

    with pytest.raises(asyncio.TimeoutError):
        await pixai.session.post("/graphql", json={"query": ONE}, timeout=ClientTimeout(0.02))

    assert await pixai.data(ONE) == {"media": {"id": "459604023097100648"}}


async def test_match_looks_into_path_and_body(pixai: PixAI) -> None:
    """Only requests that contain the text are hit."""
    pixai.upstream.fail("*", status=500, match="459604023097100649")

    statuses = [
        (await pixai.get("/v1/media/459604023097100648"))[0],
        (await pixai.get("/v1/media/459604023097100649"))[0],
        (await pixai.post(ONE))[0],
        (await pixai.post(FOUR))[0],
    ]

    assert statuses == [200, 500, 200, 500]


async def test_partial_errors_of_a_fraction(pixai: PixAI) -> None:
    """Half of the aliases answer null with an entry each; the others are whole."""
    pixai.upstream.fail("POST /graphql", partial_errors=0.5)

    status, body = await pixai.post(FOUR)

    assert status == 200
    assert body["data"] == {"m0": {"id": IDS[0]}, "m1": None, "m2": {"id": IDS[2]}, "m3": None}
    assert [(one["path"], one["extensions"]) for one in body["errors"]] == [
        (["m1"], INTERNAL),
        (["m3"], INTERNAL),
    ]


async def test_partial_errors_of_one_id(pixai: PixAI) -> None:
    """With a match, exactly the aliases of those ids fail, with the code that was asked for."""
    pixai.upstream.fail("POST /graphql", partial_errors=1, match=IDS[2], code="FORBIDDEN", message="No")

    _, body = await pixai.post(FOUR)

    assert body == {
        "errors": [
            {
                "message": "No",
                "locations": [{"line": 1, "column": FOUR.index("m2") + 1}],
                "path": ["m2"],
                "extensions": {"code": "FORBIDDEN"},
            }
        ],
        "data": {"m0": {"id": IDS[0]}, "m1": {"id": IDS[1]}, "m2": None, "m3": {"id": IDS[3]}},
    }


@pytest.mark.parametrize(("status", "seen"), [(None, 200), (400, 400)])
async def test_a_poisoned_id_fails_the_whole_document(pixai: PixAI, status: int | None, seen: int) -> None:
    """Errors and no data, wherever the id is among the variables; other documents are whole."""
    pixai.upstream.fail("POST /graphql", document_error=True, match=IDS[1], status=status)
    query = "query($a: String!, $b: String!) { a: media(id: $a) { id } b: media(id: $b) { id } }"

    poisoned = await pixai.post(query, a=IDS[0], b=IDS[1])
    whole = await pixai.data(query, a=IDS[0], b=IDS[2])

    assert poisoned == (seen, {"errors": [{"message": "Internal server error", "extensions": INTERNAL}]})
    assert whole == {"a": {"id": IDS[0]}, "b": {"id": IDS[2]}}


async def test_too_many_aliases_refuse_the_whole_document(pixai: PixAI) -> None:
    """Four aliases are refused where three are allowed; the refusals that count are those that happened."""
    pixai.upstream.fail("POST /graphql", max_aliases=3, times=1)

    one, _ = await pixai.post(ONE)
    four = await pixai.post(FOUR)
    again, _ = await pixai.post(FOUR)

    message = "Aliases limit of 3 exceeded, found 4."
    assert four == (
        400,
        {"errors": [{"message": message, "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]},
    )
    assert (one, again) == (200, 200)


async def test_lists_can_be_refused(pixai: PixAI) -> None:
    """A key that may not list still reads single objects."""
    pixai.upstream.fail("POST /graphql", no_lists=True)

    status, body = await pixai.post(
        '{ me { tasks(last: 1) { edges { cursor } } } media(id: "459604023097100648") { id } }'
    )

    assert status == 200
    assert body["data"] == {"me": {"tasks": None}, "media": {"id": "459604023097100648"}}
    assert [(one["path"], one["extensions"]) for one in body["errors"]] == [
        (["me", "tasks"], {"code": "FORBIDDEN"})
    ]


async def test_heal_and_reset(pixai: PixAI) -> None:
    """`heal` forgets the faults, `reset` the counts too."""
    pixai.upstream.fail("*", status=500)
    failed, _ = await pixai.post(ONE)

    pixai.upstream.heal()
    healed, _ = await pixai.post(ONE)

    assert (failed, healed, pixai.upstream.requests) == (500, 200, {"POST /graphql": 2})
    pixai.upstream.reset()
    assert pixai.upstream.requests == {}


def test_a_route_that_does_not_exist_is_refused(box: Sandbox) -> None:
    """A fault that could never hit is a mistake, and the message lists the routes."""
    with pytest.raises(
        ValueError,
        match=r"pixai has no route 'POST /grapql'; it has \*, GET /graphql, GET /images/orig/\{name\}",
    ):
        box.pixai.fail("POST /grapql", status=500)


async def test_any_client_can_set_faults_and_read_counters(box: Sandbox) -> None:
    """The control routes need no key, are not counted, and no fault hits them."""
    async with ClientSession(box.pixai.url) as anyone:
        fault = {"route": "*", "status": 503, "retry_after": 1, "times": 5}
        async with anyone.post("/_sandbox/faults", json=fault) as answer:
            added = (answer.status, await answer.json())
        async with anyone.get("/v1/media/1") as answer:
            hit = answer.status
        async with anyone.get("/_sandbox/faults") as answer:
            left = await answer.json()
        async with anyone.delete("/_sandbox/faults") as answer:
            healed = answer.status
        async with anyone.get("/v1/media/1") as answer:
            after = answer.status
        async with anyone.get("/_sandbox/requests") as answer:
            counts = await answer.json()
        await anyone.delete("/_sandbox/requests")

    text = "*: status=503 retry-after=1.0 times=5"
    assert added == (201, [{"fault": text, "left": 5}])
    assert left == [{"fault": text, "left": 4}]
    assert (hit, healed, after) == (503, 204, 403)
    assert counts == {"GET /v1/media/{id}": 2}
    assert box.pixai.requests == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", 'expected a JSON object like {"route": "*", "status": 500}'),
        (b'{"status": true}', "status=True: expected a whole number"),
        (b'{"route": 5, "status": 500}', "route=5: expected text"),
        (b'{"route": "GET /", "status": 500}', "pixai has no route 'GET /'"),
        (b"{", "EOF while parsing"),
    ],
)
async def test_a_bad_fault_is_a_400_that_explains_itself(box: Sandbox, body: bytes, message: str) -> None:
    """Nothing is put in force."""
    async with ClientSession(box.pixai.url) as anyone, anyone.post("/_sandbox/faults", data=body) as answer:
        said = await answer.json()

    assert answer.status == 400
    assert message in said["message"]
    assert not box.pixai.faults


async def test_a_shutdown_does_not_wait_for_slow_answers(pixai: PixAI, box: Sandbox) -> None:
    """A client that has left takes its waiting handler along."""
    box.pixai.fail("*", latency=600)

    with pytest.raises(asyncio.TimeoutError):
        await pixai.session.get("/v1/media/1", timeout=ClientTimeout(0.02))

    assert box.pixai.requests == {"GET /v1/media/{id}": 1}
