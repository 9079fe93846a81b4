"""The documents' moving parts, made from the program itself: README's answers, the table of settings, the
files that docs/clients.md shows, and the answers of docs/http.md.

`make readme` writes them anew; a test compares.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import orjson

import sandbox
from engine.planned import Engine
from sandbox import Clock
from server.graphql_settings import GraphQLSettings
from server.settings import PREFIX, Settings
from server.watch_settings import WatchSettings
from tests.conftest import Client, serving
from tests.sandbox.requests import START
from tests.watch.watching import until

ROOT = Path(__file__).parents[1]
FILE = ROOT / "README.md"
CLIENTS = ROOT / "docs" / "clients.md"
HTTP = ROOT / "docs" / "http.md"
SETTINGS = ROOT / "docs" / "settings.md"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()  # the sandbox's, or ids of new tasks would change
PUBLIC = "http://127.0.0.1:8000"  # what `make run` serves
_QUERY = re.compile(r"```graphql\n((?:(?!```).)*)```\n\n```json\n.*?```", re.DOTALL)
_SUBSCRIPTION = re.compile(r"```graphql\n(subscription(?:(?!```).)*)```\n\n```text\n.*?```", re.DOTALL)
_SHOWN = re.compile(r"(<!-- file: (\S+) -->\n```js\n).*?(?=```)", re.DOTALL)
_EXCHANGE = re.compile(
    r"(<!-- exchange -->\n```json\n(.*?)```\n\n```json\n).*?(```\n<!-- /exchange -->)", re.DOTALL
)
_SETTINGS = re.compile(r"(<!-- settings -->\n).*(<!-- /settings -->)", re.DOTALL)


async def rewritten(text: str) -> str:
    """The same README with every answer as it is now."""
    async with sandbox.start(clock=Clock(NOW)) as box, serving(Settings(public_url=PUBLIC), box) as graph:
        answers = {query: await _answer(graph, query) for query in _QUERY.findall(text)}
    events = {query: await _events(query) for query in _SUBSCRIPTION.findall(text)}
    text = _SUBSCRIPTION.sub(
        lambda found: f"```graphql\n{found[1]}```\n\n```text\n{events[found[1]]}```", text
    )
    return _QUERY.sub(lambda found: f"```graphql\n{found[1]}```\n\n```json\n{answers[found[1]]}\n```", text)


async def with_exchanges(text: str) -> str:
    """The same document with the answer to each request that it shows as it is now."""
    async with sandbox.start() as box, serving(Settings(engine=Engine.PLAN), box) as graph:
        answers = {request: await _exchanged(graph, request) for _, request, _ in _EXCHANGE.findall(text)}
    return _EXCHANGE.sub(lambda found: f"{found[1]}{answers[found[2]]}\n{found[3]}", text)


def with_settings(text: str) -> str:
    """The same document with the table of settings as it is now."""
    return _SETTINGS.sub(lambda found: f"{found[1]}{_table()}\n{found[2]}", text)


def with_files(text: str) -> str:
    """The same document with every file that it shows as the file is now."""
    return _SHOWN.sub(lambda found: found[1] + (ROOT / found[2]).read_text(encoding="utf-8"), text)


def shown_files(text: str) -> list[Path]:
    """The files that a document shows."""
    return [ROOT / name for _, name in _SHOWN.findall(text)]


async def _answer(graph: Client, query: str) -> str:
    return _written(await graph.ask(query))


async def _exchanged(graph: Client, request: str) -> str:
    async with graph.session.post(f"{graph.origin}/graphql", json=orjson.loads(request)) as response:
        return _written(await response.json())


async def _events(query: str) -> str:
    """What a subscription to one of the sandbox's tasks sends while it waits, runs and ends."""
    accept = {"Accept": "text/event-stream"}
    async with sandbox.start(clock=Clock(START)) as box, serving(Settings(), box) as graph:
        address = f"{graph.origin}/graphql"
        async with graph.session.post(address, json={"query": query}, headers=accept) as response:
            found = (await response.content.readuntil(b"\n\n")).decode()
            await until(lambda: len(box.pixai.changes) > 1)
            for seconds in (5, 1000):
                box.clock.advance(seconds)
                found += (await response.content.readuntil(b"\n\n")).decode()
            return (found + (await response.text())).rstrip("\n ") + "\n"


def _written(value: Any, depth: int = 0) -> str:
    """JSON with short objects and lists on one line, as people write it."""
    plain = orjson.dumps(value).decode().replace('":', '": ').replace(',"', ', "')
    if not isinstance(value, dict | list) or len(plain) + depth < 100:
        return plain if "\\" not in plain else orjson.dumps(value).decode()
    indent = " " * (depth + 2)
    if isinstance(value, dict):
        names = ((orjson.dumps(key).decode(), item) for key, item in value.items())
        inner = [f"{indent}{name}: {_written(item, depth + 2)}" for name, item in names]
        return "{\n" + ",\n".join(inner) + "\n" + " " * depth + "}"
    return "[\n" + ",\n".join(indent + _written(item, depth + 2) for item in value) + "\n" + " " * depth + "]"


def _table() -> str:
    rows = [
        f"| `{PREFIX}{name.upper()}` | {field.description} | {_default(field.default)} |"
        for name, field in sorted(Settings.model_fields.items(), key=lambda item: _group(item[0]))
    ]
    return "\n".join(["| variable | what | default |", "|---|---|---|", *rows])


def _group(name: str) -> tuple[bool, bool]:
    is_limit = name.startswith("limit")
    return is_limit, name in GraphQLSettings.model_fields or name in WatchSettings.model_fields


def _default(value: object) -> str:
    if value in (None, ()):
        return ""
    if isinstance(value, bool):
        return f"`{int(value)}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


if __name__ == "__main__":
    FILE.write_text(asyncio.run(rewritten(FILE.read_text(encoding="utf-8"))), encoding="utf-8")
    CLIENTS.write_text(with_files(CLIENTS.read_text(encoding="utf-8")), encoding="utf-8")
    HTTP.write_text(asyncio.run(with_exchanges(HTTP.read_text(encoding="utf-8"))), encoding="utf-8")
    SETTINGS.write_text(with_settings(SETTINGS.read_text(encoding="utf-8")), encoding="utf-8")
