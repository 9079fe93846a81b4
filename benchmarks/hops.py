"""How many of our functions one page of `tasks` goes through, in how many files, and how often it calls them.

    python -m benchmarks.hops           the functions in the order of their first call, and the table
    python -m benchmarks.hops --write   writes the table into docs/architecture.md

The request enters at the ASGI app, which is where a server hands over what it read from the socket; the
sources are the sandbox's, over loopback. The process knows nothing yet: no cache helps.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

from loaders.sources import Sources
from sandbox import start
from server.app import application
from server.settings import Settings
from server.source_config import source_settings

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
TABLE = re.compile(r"(<!-- hops -->\n).*?(<!-- /hops -->)", re.DOTALL)
ROWS = 20
FINISHED = "filter: { statuses: [SUCCEEDED] }"  # the newest are still waiting: neither pictures nor seeds
QUERY = f"{{ tasks(first: {ROWS}, {FINISHED}) {{ nodes {{ media {{ url }} seeds {{ value }} }} }} }}"
LAYERS = ("server", "engine", "schema", "resolvers", "loaders")
# what turns an answer into records: called for every field of every row, so that it is counted by itself
READING = re.compile(r"loaders/(.*/)?(normalise|coerce|exact_json|expiry|ids|media|records)\.py")


@dataclass(frozen=True, slots=True)
class Function:
    """One of ours. path: from the root of the repository."""

    path: str
    name: str

    @property
    def layer(self) -> str:
        """Where it counts."""
        return "loaders, reading answers" if READING.fullmatch(self.path) else self.path.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Hops:
    """What one page took. calls: by function, in the order of the first call. upstream: calls by source."""

    calls: Mapping[Function, int]
    upstream: Mapping[str, int]

    @property
    def files(self) -> int:
        """How many files the page went through."""
        return len({function.path for function in self.calls})

    def table(self) -> str:
        """In Markdown: a line a layer, and the total."""
        lines = ["| layer | functions | files | calls |", "|---|---:|---:|---:|"]
        for layer in sorted({function.layer for function in self.calls}, key=_depth):
            within = {function: calls for function, calls in self.calls.items() if function.layer == layer}
            lines.append(_line(layer, within))
        asked = ", ".join(f"{name} {calls}" for name, calls in self.upstream.items())
        return "\n".join([*lines, _line("**together**", self.calls), "", f"Upstream calls: {asked}."])


class Profile:
    """Counts the calls of our functions; a coroutine that goes on is not called again."""

    def __init__(self) -> None:
        self._functions: dict[CodeType, Function | None] = {}
        self._seen: set[FrameType] = set()  # held, so that no other frame takes the place of one that ended
        self.calls: dict[Function, int] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """What sys.setprofile calls."""
        if event != "call":
            return
        code = frame.f_code
        if code not in self._functions:
            self._functions[code] = self._of(code)
        function = self._functions[code]
        if function is not None and frame not in self._seen:
            self._seen.add(frame)
            self.calls[function] = self.calls.get(function, 0) + 1

    def _of(self, code: CodeType) -> Function | None:
        path = code.co_filename.removeprefix(f"{ROOT}/")
        is_ours = path != code.co_filename and path.partition("/")[0] in LAYERS
        # a comprehension is a function of its own in Python 3.11 only
        is_part = code.co_name.startswith("<") and code.co_name != "<lambda>"
        return Function(path, code.co_qualname) if is_ours and not is_part else None


async def measure() -> Hops:
    """One first page, asked of a server that has just started."""
    settings = Settings()
    async with start() as box, Sources(source_settings(settings, box)) as sources:
        app = application(settings, sources, "http://127.0.0.1:8000")
        profile = Profile()
        sys.setprofile(profile)
        try:
            answer = await _ask(app)
        finally:
            sys.setprofile(None)
        upstream = {one.name: sum(one.requests.values()) for one in box.upstreams()}
    if "errors" in answer or len(answer["data"]["tasks"]["nodes"]) != ROWS:
        raise RuntimeError("The page is not whole: nothing to count")
    return Hops(profile.calls, upstream)


async def _ask(app: ASGIApp) -> Any:
    body = orjson.dumps({"query": QUERY})
    sent: list[Message] = []

    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:8000"), (b"content-type", b"application/json")]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, incoming.get, send)  # after its request, the client stays
    return orjson.loads(b"".join(message.get("body", b"") for message in sent))


def _depth(layer: str) -> tuple[int, str]:
    return LAYERS.index(layer.partition(",")[0]), layer


def _line(name: str, calls: Mapping[Function, int]) -> str:
    files = len({function.path for function in calls})
    return f"| {name} | {len(calls)} | {files} | {sum(calls.values()):,} |"


def main() -> None:
    """Print, or write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="the table into docs/architecture.md")
    given = parser.parse_args()
    hops = asyncio.run(measure())
    if given.write:
        text = ARCHITECTURE.read_text(encoding="utf-8")
        ARCHITECTURE.write_text(TABLE.sub(rf"\g<1>{hops.table()}\n\g<2>", text), encoding="utf-8")
        return
    for function, calls in hops.calls.items():
        print(f"{calls:>6}  {function.path}  {function.name}")
    print(f"\n{hops.table()}")


if __name__ == "__main__":
    main()
