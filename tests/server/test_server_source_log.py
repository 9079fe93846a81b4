"""A source that fails has a line in the log, and one when it answers again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from loaders.errors import Fault, Refused, Rejected, SourceError, Throttled
from loaders.observer import Observer
from loaders.records import Provider
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS as MIDJOURNEY
from sandbox.pixai.world import World
from server.source_log import SourceLog
from tests.server.process import Running, Triptych

PROMPT = "a-secret-prompt"
TASKS = [task.id for task in World(0.0).listed(0.0)][-40:]


class Served:
    """A server, and what it has written to standard error so far."""

    def __init__(self, running: Running, session: aiohttp.ClientSession) -> None:
        self._running = running
        self._session = session
        self.text = ""

    async def ask(self, query: str, key: str = "", **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        url, headers = f"{self._running.origin}/graphql", {"X-PixAI-Key": key} if key else {}
        async with self._session.post(url, json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def stop(self) -> list[str]:
        """All log lines about sources. The text leaves out what the start found."""
        await self._running.stop()
        assert self._running.process.stderr is not None
        printed = (await self._running.process.stderr.read()).decode().splitlines()
        self.text = "\n".join(line for line in printed if not line.endswith("fail until that changes"))
        return [line for line in self.text.splitlines() if "source" in line]


@asynccontextmanager
async def serving(triptych: Triptych, box: Sandbox, **settings: str) -> AsyncIterator[Served]:
    given = {
        **{"pixai_url": box.pixai.url, "pixai_key": box.pixai.key},
        **{"meshy_url": box.meshy.url, "meshy_key": box.meshy.key},
        **{"newapi_url": box.newapi.url, "newapi_token": box.newapi.key, "newapi_user": f"{box.newapi.user}"},
        **{"mj_url": box.mj.url, "mj_key": box.mj.key, "mj_auth": box.mj.auth},
    }
    async with (
        triptych.running("serve", lines=5, port="0", **(given | settings)) as running,
        aiohttp.ClientSession() as session,
    ):
        yield Served(running, session)


TASK = "query ($id: ID!) { task(id: $id) { status } }"


async def test_a_source_that_resets_every_call_is_told_once_and_its_return_once(
    triptych: Triptych, box: Sandbox
) -> None:
    """The server says so in text; the look-ups that fail have lines of their own."""
    async with serving(triptych, box) as server:
        await server.ask(TASK, id=f"pixai:{TASKS[0]}")
        box.pixai.fail("*", reset=True)
        failed = [await server.ask(TASK, id=f"pixai:{key}") for key in TASKS[1:3]]
        box.pixai.heal()
        answered = [await server.ask(TASK, id=f"pixai:{key}") for key in TASKS[3:6]]
        lines = await server.stop()

    assert [one["data"]["task"] for one in failed] == [None, None]
    assert all(one["data"]["task"]["status"] for one in answered)
    first, second = lines
    assert re.fullmatch(
        r"\S+Z WARNING source fails server=pixai provider=PIXAI code=UPSTREAM_UNREACHABLE", first
    )
    assert re.fullmatch(r"\S+Z INFO source answers again server=pixai provider=PIXAI seconds=\d+\.\d", second)


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ({"status": 503}, "UPSTREAM_FAULT", 503),
        ({"status": 401}, "UPSTREAM_REFUSED", 401),
        ({"html": True}, "UPSTREAM_MALFORMED", None),
        ({"truncated": True}, "UPSTREAM_MALFORMED", None),
        ({"latency": 60}, "UPSTREAM_TIMEOUT", None),
    ],
    ids=["503", "401", "HTML", "truncated", "hanging"],
)
async def test_each_way_to_fail_is_named(
    triptych: Triptych, box: Sandbox, fault: dict[str, Any], code: str, status: int | None
) -> None:
    """As JSON. The prompt that was searched for, keys and addresses are in no line."""
    box.meshy.fail("*", **fault)
    async with serving(triptych, box, log="json", source_deadline="0.3") as server:
        query = "query ($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }"
        for _ in range(3):
            await server.ask(query, f={"providers": ["MESHY"]})
            await server.ask(query, f={"providers": ["MESHY"], "providerIds": [PROMPT]})
        (line,) = await server.stop()

    told = json.loads(line)
    del told["time"]
    expected = {"server": "meshy", "provider": "MESHY", "code": code}
    expected |= {} if status is None else {"status": status}  # type: ignore[dict-item]
    assert told == {"level": "WARNING", "event": "source fails", **expected}
    secrets = [box.meshy.key, box.pixai.key, box.newapi.key, box.mj.key, box.meshy.url, PROMPT, "tasks("]
    assert [secret for secret in secrets if secret in server.text] == []


async def test_midjourneys_servers_fail_by_themselves(triptych: Triptych, box: Sandbox) -> None:
    """The list's server fails; the look-ups' answers do not say that it is back."""
    box.newapi.fail("*", status=500)
    async with serving(triptych, box) as server:
        for key in list(MIDJOURNEY.values())[:4]:
            await server.ask("{ tasks(filter: { providers: [MIDJOURNEY] }) { nodes { id } } }")
            await server.ask(TASK, id=f"midjourney:{key}")
        lines = await server.stop()

    (line,) = lines
    assert line.partition(" ")[2] == (
        "WARNING source fails server=newapi provider=MIDJOURNEY code=UPSTREAM_FAULT status=500"
    )


async def test_callers_keys_say_nothing_about_the_source(triptych: Triptych, box: Sandbox) -> None:
    """Where they bring their own, one that is refused is theirs to mend."""
    async with serving(triptych, box, passthrough="1") as server:
        answer = await server.ask(TASK, "sk-wrong", id=f"pixai:{TASKS[0]}")
        lines = await server.stop()

    assert answer["errors"][0]["extensions"]["code"] == "UPSTREAM_REFUSED"
    assert lines == []
    assert "sk-wrong" not in server.text


async def test_off_is_silence(triptych: Triptych, box: Sandbox) -> None:
    """Whatever fails, nothing is logged."""
    box.pixai.fail("*", reset=True)
    async with serving(triptych, box, log="off") as server:
        await server.ask(TASK, id=f"pixai:{TASKS[0]}")
        await server.stop()

    assert server.text == ""


def error(kind: type[SourceError]) -> SourceError:
    return kind("no", provider=Provider.PIXAI)


def events(caplog: pytest.LogCaptureFixture, outcomes: Iterable[bool], seconds: float = 1.0) -> list[str]:
    """What is written where reads come in such an order, seconds apart; True: answered."""
    now = 0.0
    observer: Observer = SourceLog(clock=lambda: now).of_server("pixai")
    for is_answered in outcomes:
        now += seconds
        observer.read_ended(Provider.PIXAI, None if is_answered else error(Fault))
    return [record.getMessage() for record in caplog.records]


def test_a_source_that_fails_every_other_time_has_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Three, not a thousand: after a relapse one answer does not prove that it is back."""
    caplog.set_level("INFO")

    told = events(caplog, [False, True] * 500)

    assert told == ["source fails", "source answers again", "source fails"]


def test_relapses_are_told_less_and_less(caplog: pytest.LogCaptureFixture) -> None:
    """Ten good answers between them: so many are enough after three relapses, not after four."""
    caplog.set_level("INFO")

    told = events(caplog, ([False] + [True] * 10) * 100)

    assert told == ["source fails", "source answers again"] * 4 + ["source fails"]


def test_outages_hours_apart_are_each_told(caplog: pytest.LogCaptureFixture) -> None:
    """And one answer ends each."""
    caplog.set_level("INFO")

    told = events(caplog, [False, True] * 20, seconds=3600)

    assert told == ["source fails", "source answers again"] * 20


@pytest.mark.parametrize(
    ("own_keys", "kind", "is_told"),
    [
        (True, Refused, True),
        (True, Throttled, True),
        (True, Rejected, False),
        (False, Refused, False),
        (False, Throttled, False),
        (False, Fault, True),
    ],
)
def test_whose_fault_it_is(
    caplog: pytest.LogCaptureFixture, own_keys: bool, kind: type[SourceError], is_told: bool
) -> None:
    """A rejected request is the request's; a refused key is that of whoever brought it."""
    SourceLog(own_keys=own_keys).of_server("pixai").read_ended(Provider.PIXAI, error(kind))

    assert [record.getMessage() for record in caplog.records] == ["source fails"] * is_told


async def test_concurrent_failures_are_one_beginning(triptych: Triptych, box: Sandbox) -> None:
    """Forty look-ups at once, in more than one document."""
    box.pixai.fail("*", status=500)
    async with serving(triptych, box) as server:
        await asyncio.gather(*(server.ask(TASK, id=f"pixai:{key}") for key in TASKS))
        lines = await server.stop()

    assert len(lines) == 1
    assert box.pixai.requests["POST /graphql"] > 1
