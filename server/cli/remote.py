"""A running server, asked over HTTP with the token of TRIPTYCH_TOKEN."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import typer

from server.cli import runtime
from server.cli.graph import Answer, Failure, Interrupted, JsonObject

ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="Ask a running server instead of the sources; TRIPTYCH_TOKEN holds the token it requires.",
    ),
]
TOKEN = "TRIPTYCH_TOKEN"  # noqa: S105 - the name of a variable
ATTEMPTS = 3
PAUSE = 0.5  # seconds before the second attempt; doubles
SECONDS = 120.0  # of silence; a server's own deadline is shorter
_OVERLOADED = frozenset({429, 502, 503, 504})


class ServerUnavailable(Exception):
    """The server gave no answer of a graph. The message is a sentence.

    was_sent: whether the request may have reached it, and been carried out.
    """

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class RemoteGraph:
    """`async with` opens and closes its connections."""

    is_local = False

    def __init__(self, server: str) -> None:
        import aiohttp

        self._origin, self._endpoint = _addresses(server)
        token = _token()
        self._has_token = token is not None
        self._session = aiohttp.ClientSession(
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_read=SECONDS),
        )

    @property
    def calls(self) -> None:
        """Not told."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, query: str, variables: JsonObject) -> Answer:
        """Tried again where the server cannot be reached or is overloaded. Raises ServerUnavailable."""
        for attempt in range(1, ATTEMPTS):
            answer = await self._once(query, variables, is_last=False)
            if answer is not None:
                return answer
            await asyncio.sleep(PAUSE * 2 ** (attempt - 1))
        answer = await self._once(query, variables, is_last=True)
        assert answer is not None, "the last attempt answers or raises"
        return answer

    async def change(self, mutation: str, variables: JsonObject) -> Answer:
        """Sent once. Raises ServerUnavailable."""
        answer = await self._once(mutation, variables, is_last=True)
        assert answer is not None, "the last attempt answers or raises"
        return answer

    async def _once(self, query: str, variables: JsonObject, *, is_last: bool) -> Answer | None:
        import aiohttp

        body = {"query": query, "variables": variables}
        try:
            # a redirect would take the token along
            async with self._session.post(self._endpoint, json=body, allow_redirects=False) as response:
                if response.status in _OVERLOADED and not is_last:
                    return None
                if response.status == 401:
                    raise ServerUnavailable(self._unauthenticated(), was_sent=False)
                return _read(await response.json(content_type=None), self._origin, response.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if not is_last:
                return None
            said = f"{self._origin} cannot be reached: {_reason(error)}"
            was_sent = not isinstance(error, aiohttp.ClientConnectorError)
            raise ServerUnavailable(said, was_sent=was_sent) from None
        except ValueError:
            raise ServerUnavailable(_no_graph(self._origin, response.status)) from None

    async def subscribe(self, query: str, variables: JsonObject) -> AsyncGenerator[Answer, None]:
        """Over server-sent events. Raises ServerUnavailable; Interrupted where the connection broke."""
        import aiohttp
        import orjson

        from loaders.server_events import events

        body = {"query": query, "variables": variables}
        headers = {"Accept": "text/event-stream"}
        try:
            async with self._session.post(
                self._endpoint, json=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status == 401:
                    raise ServerUnavailable(self._unauthenticated())
                if response.status in _OVERLOADED:
                    raise Interrupted(f"{self._origin} is overloaded (HTTP {response.status})")
                if response.content_type != "text/event-stream":
                    raise ServerUnavailable(_no_graph(self._origin, response.status))
                async for event in events(response.content):
                    if event.name == "complete":
                        return
                    yield _read(orjson.loads(event.data), self._origin, response.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Interrupted(f"{self._origin} cannot be reached: {_reason(error)}") from None
        except ValueError:
            raise ServerUnavailable(_no_graph(self._origin, response.status)) from None
        raise Interrupted(f"{self._origin} ended the connection")

    def _unauthenticated(self) -> str:
        if self._has_token:
            return f"{self._origin} does not accept the token of {TOKEN}"
        return f"{self._origin} requires a token: set {TOKEN}"


def _read(body: object, origin: str, status: int) -> Answer:
    if not isinstance(body, dict) or not ("data" in body or "errors" in body):
        raise ServerUnavailable(_no_graph(origin, status))
    return Answer(body.get("data"), [Failure.read(error) for error in body.get("errors") or ()])


def _no_graph(origin: str, status: int) -> str:
    return f"{origin} answers HTTP {status} without GraphQL: expected the URL of `triptych serve`"


def _reason(error: BaseException) -> str:
    from server.os_errors import reason

    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = getattr(error, "os_error", error)
    return reason(cause) if isinstance(cause, OSError) else "the connection broke"


def _addresses(server: str) -> tuple[str, str]:
    """The server as messages show it, and its endpoint. `http://host:8000/x` -> `…/x/graphql`."""
    try:
        parts = urlsplit(server)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or parts.username is not None or parts.query or parts.fragment:
        shown = "" if "@" in server else f" {server!r}"  # user:password@ is not repeated
        runtime.fail(f"--server{shown}: expected an address such as http://127.0.0.1:8000", code=2)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    return origin, origin + (path if path.endswith("/graphql") else f"{path}/graphql")


def _token() -> str | None:
    """From the environment, else from `.env`; None where neither has one."""
    found = os.environ.get(TOKEN, "").strip()
    file = Path(".env")
    if not found and file.is_file():
        from server import env_file

        try:
            found = env_file.read(file).get(TOKEN, "").strip()
        except ValueError as error:
            runtime.fail(str(error), code=2)
    if found and not re.fullmatch(r"[!-~]+", found):
        runtime.fail(f"{TOKEN}=***: expected printable ASCII without spaces", code=2)
    return found or None
