"""What is checked: one command each, whose last line of output says what it has seen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

HERE = Path(__file__).parent
SECONDS = 180  # for one check


class State(StrEnum):
    """How a check ended."""

    OK = "OK"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"  # what it needs is not on this machine


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended. told: its last line, or what it needs. output: everything that it printed."""

    state: State
    told: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A command. name: what is checked, and after a colon how.

    absent: what it needs and is not there. moves_clock: of the sandbox, which one check at a time may do.
    """

    name: str
    command: tuple[str, ...]
    absent: str | None = None
    moves_clock: bool = False

    async def run(self, environ: dict[str, str]) -> Outcome:
        """Until it ends, or its time does."""
        if self.absent is not None:
            return Outcome(State.SKIPPED, self.absent)
        process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=HERE,
            env=environ,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(SECONDS):
                printed, _ = await process.communicate()
        except TimeoutError:
            return Outcome(State.FAILED, f"no end after {SECONDS} s")
        finally:
            if process.returncode is None:  # with what it has started
                os.killpg(process.pid, signal.SIGKILL)
                await process.communicate()
        text = printed.decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
        return Outcome(State.FAILED if process.returncode else State.OK, lines[-1], text)


def node(
    name: str, script: str, *arguments: str, absent: str | None = None, moves_clock: bool = False
) -> Check:
    """A check that is a program for Node."""
    return Check(name, ("node", script, *arguments), absent, moves_clock)


def python(name: str, script: str, *, moves_clock: bool = False) -> Check:
    """A check that is a program for the Python of the clients."""
    return Check(name, (str(HERE / ".venv" / "bin" / "python"), script), moves_clock=moves_clock)


def test(name: str, path: str, **environ: str) -> Check:
    """A check that is one of the project's own tests, made larger by its environment."""
    values = (f"{key}={value}" for key, value in environ.items())
    pytest = (sys.executable, "-m", "pytest", "-q", "-n0", "--no-header", f"{HERE.parent}/tests/{path}")
    return Check(name, ("env", *values, *pytest))


BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
HAS_BROWSER = "CHROMIUM" in os.environ or any(map(os.path.exists, BROWSERS))

COMPOSITIONS = [
    node(f"composition: {composer}, {beside}", "composition/compose.mjs", composer, beside)
    for composer in ("apollo", "guild")
    for beside in ("alone", "plain", "relay")
]
CHECKS = [
    node("http: audit", "transports/audit.mjs"),
    node("http: persisted documents, Apollo Client", "http/apollo-persisted.mjs"),
    node("http: persisted documents, urql", "http/urql-persisted.mjs"),
    node("http: persisted documents, graphql-ws", "http/ws-persisted.mjs"),
    node("http: batches, Apollo Client", "http/apollo-batch.mjs"),
    node(
        "http: GraphiQL in a browser",
        "http/graphiql.mjs",
        absent=None if HAS_BROWSER else "no Chromium: set CHROMIUM to one",
    ),
    *COMPOSITIONS,
    node("gateway: Hive", "composition/gateway.mjs"),
    node("transport: graphql-ws", "transports/ws.mjs", moves_clock=True),
    node("transport: graphql-sse", "transports/sse.mjs", moves_clock=True),
    node("client: urql with graphcache", "clients/urql.mjs", moves_clock=True),
    node("client: Apollo", "clients/apollo.mjs"),
    node("client: Relay", "clients/relay.mjs"),
    node("types: gql.tada", "types/check.mjs", "tada"),
    node("types: graphql-codegen", "types/check.mjs", "codegen"),
    node("lint: graphql-eslint, schema", "lint/schema.mjs"),
    node("lint: graphql-inspector", "lint/inspector.mjs"),
    python("python: ariadne-codegen", "python/ariadne.py"),
    python("python: sgqlc", "python/sgqlc_client.py"),
    node("vendor: @pixai-art/client", "vendors/pixai.mjs", moves_clock=True),
    node("vendor: Meshy's MCP server", "vendors/meshy.mjs", moves_clock=True),
    python("vendor: pixai-openapi", "vendors/pixai_rest.py", moves_clock=True),
    python("vendor: pixaipy", "vendors/pixai_third.py", moves_clock=True),
    python("vendor: mesh-toolkit", "vendors/meshy_toolkit.py", moves_clock=True),
    python("vendor: newapi-python", "vendors/newapi_dashboard.py"),
    test(
        "command: 500 downloads, stopped twice",
        "server/test_server_command_download.py::test_an_interrupted_download_goes_on",
        PICTURES="500",
    ),
]
