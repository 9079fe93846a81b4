"""Every setting: an environment variable (or a line of `.env`) named TRIPTYCH_ and the field's name.

An error names the setting, its value and what was expected; the value of a secret is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, SecretStr, ValidationError

from engine.cost.calls import Prices
from engine.limits import Mode
from engine.planned import Engine
from loaders import budget, midjourney
from loaders.midjourney.newapi.client import TimeUnit
from server.access import origins
from server.access.tokens import Token
from server.env_file import read
from server.graphql.manifest import DocumentsMode
from server.graphql_settings import GraphQLSettings
from server.limit_settings import LimitSettings
from server.logs import LogForm
from server.setting_text import Checked, file, flag, host, key, origin, origin_list, socket_url, tokens
from server.watch_settings import SECRET, WatchSettings

PREFIX = "TRIPTYCH_"
CLIENT_TOKEN = "TRIPTYCH_TOKEN"  # noqa: S105 - the name of what `--server` sends, which configures no server


class SettingsError(Exception):
    """One sentence per line: which setting, which value, what was expected."""


class SandboxMode(StrEnum):
    """When the sandbox stands in."""

    AUTO = "auto"
    FILL = "fill"
    OFF = "off"


class MjAuth(StrEnum):
    """How midjourney-proxy wants its key."""

    BEARER = "bearer"
    RAW = "authorization-raw"
    SECRET = "mj-api-secret"  # noqa: S105 - the name of a header


Origin = Annotated[str, Checked(origin)]
Flag = Annotated[bool, Checked(flag)]
Host = Annotated[str, Checked(host)]
Origins = Annotated[tuple[str, ...], Checked(origin_list)]
SocketUrl = Annotated[str, Checked(socket_url)]
StateFile = Annotated[Path, Checked(file)]
Tokens = Annotated[tuple[Token, ...], Checked(tokens)]
Key = Annotated[SecretStr, Checked(key)]
_ORIGIN = "an origin such as http://127.0.0.1:9001, without a path"
_KEY = "a key: printable ASCII without spaces"
_FLAG = "1 or 0"
_BYTES = "a number, 1,024 to 1,073,741,824"
_SECONDS = "seconds, above 0 and at most 600"
_TOKENS = "name:role:sha256 entries with role read, write or admin and sha256 in 64 hex digits"


def _setting(default: Any, /, about: str, expected: str, **limits: Any) -> Any:
    return Field(default, description=about, json_schema_extra={"expected": expected}, **limits)


class Settings(LimitSettings, GraphQLSettings, WatchSettings):
    """Every setting with its default; `Settings.load` reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: Host = _setting("127.0.0.1", "address to listen on", "a host name or address")
    port: int = _setting(8000, "port to listen on; 0 takes a free one", "a port, 0 to 65535", ge=0, le=65535)
    workers: int = _setting(
        1, "processes that serve the port, each with caches of its own", "a number, 1 to 64", ge=1, le=64
    )
    public_url: Origin | None = _setting(
        None, "origin that clients use, for permalinks; default: the address it listens on", _ORIGIN
    )
    pixai_key: Key | None = _setting(None, "PixAI API key", _KEY)
    pixai_url: Origin = _setting("https://api.pixai.art", "PixAI's origin", _ORIGIN)
    pixai_ws_url: SocketUrl = _setting(
        "wss://gw.pixai.art/graphql",
        "PixAI's event gateway, for subscriptions",
        "a ws:// or wss:// URL",
    )
    pixai_chunk: int = _setting(
        25,
        "ids per PixAI request; lowered automatically where PixAI refuses",
        "a number, 1 to 200",
        ge=1,
        le=200,
    )
    meshy_key: Key | None = _setting(None, "Meshy API key", _KEY)
    meshy_url: Origin = _setting("https://api.meshy.ai", "Meshy's origin", _ORIGIN)
    newapi_url: Origin | None = _setting(None, "new-api's origin (Midjourney's lists)", _ORIGIN)
    newapi_token: Key | None = _setting(None, "new-api dashboard access token", _KEY)
    newapi_user: int | None = _setting(None, "user id that belongs to the token", "a whole number", ge=0)
    newapi_unit: TimeUnit = _setting("ms", "unit of its time filters: ms or s", "ms or s")
    mj_url: Origin | None = _setting(
        None, "origin of midjourney-proxy, or of new-api with an sk- key (Midjourney's look-ups)", _ORIGIN
    )
    mj_key: Key | None = _setting(None, "its key; unset where it needs none", _KEY)
    mj_auth: MjAuth = _setting(
        MjAuth.BEARER, "how the key is sent", "bearer, authorization-raw or mj-api-secret"
    )
    deadline: float = _setting(30.0, "seconds that a request may take", _SECONDS, gt=0, le=600)
    header_seconds: float = _setting(
        10.0,
        "seconds that a client has to send a request's headers; more would keep connections for nothing",
        _SECONDS,
        gt=0,
        le=600,
    )
    body_seconds: float = _setting(
        20.0,
        "seconds that it has to send the body, and one more for each 8 KiB, so that slow uploads pass",
        _SECONDS,
        gt=0,
        le=600,
    )
    send_seconds: float = _setting(
        20.0,
        "seconds after which an answer that is read slower than 8 KiB/s is dropped from memory",
        _SECONDS,
        gt=0,
        le=600,
    )
    max_connections: int = _setting(
        1000,
        "open connections in all; each costs a file descriptor, of which a process often has 1,024",
        "a number, 1 to 100,000",
        ge=1,
        le=100_000,
    )
    max_connections_per_client: int = _setting(
        200,
        "open connections per client address, so that one cannot take all; 0 for no limit, as behind a proxy",
        "a number, 0 to 100,000",
        ge=0,
        le=100_000,
    )
    write_seconds: float = _setting(
        30.0,
        "seconds that a source has to answer a change; a client's deadline does not cut one off",
        _SECONDS,
        gt=0,
        le=600,
    )
    body_bytes: int = _setting(
        16 * 1024 * 1024,
        "bytes of a JSON request of callers who may write, for pictures in base64; others may send 1 MiB",
        _BYTES,
        ge=1024,
        le=2**30,
    )
    upload_bytes: int = _setting(
        32 * 1024 * 1024,
        "bytes of a form with a file to upload; files are kept on disk until they are sent on",
        _BYTES,
        ge=1024,
        le=2**30,
    )
    state: StateFile | None = _setting(
        None,
        "SQLite file of idempotency keys, for all servers of a machine; default: triptych/state.db in the "
        "platform's state folder, or memory where the sandbox is the only source",
        "the path of a file",
    )
    log: LogForm = _setting(
        LogForm.TEXT,
        "how failing sources and refused or failed requests are logged, on standard error: text, json or off",
        "text, json or off",
    )
    source_deadline: float = _setting(
        8.0,
        "seconds that a source may stay silent once asked, and that a filtered list looks on for a row",
        "seconds, above 0 and at most 600",
        gt=0,
        le=600,
    )
    engine: Engine = _setting(
        Engine.PLAN,
        "what executes queries: plan (compiled once per document) or strawberry",
        "plan or strawberry",
    )
    sandbox: SandboxMode = _setting(
        SandboxMode.AUTO,
        "auto: used if no source is configured; fill: used for each that is not; off: never",
        "auto, fill or off",
    )
    passthrough: Flag = _setting(False, "1: use only the callers' own keys, from request headers", _FLAG)
    tokens: Tokens = _setting(
        (),
        "tokens that callers need: name:role:sha256, separated by spaces; role is read, write or admin",
        _TOKENS,
    )
    open: Flag = _setting(False, "1: serve anyone, on any address, without tokens", _FLAG)
    cors_origins: Origins = _setting(
        (),
        "origins whose pages may use the graph, separated by spaces",
        "origins such as https://app.example",
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
        """From the environment, which overrides the lines of a file; "" means unset. Raises SettingsError."""
        try:
            written = {**(read(env_file) if env_file is not None else {}), **environ}
        except ValueError as error:
            raise SettingsError(str(error)) from None
        named = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in written.items()
            if name.startswith(PREFIX) and name != CLIENT_TOKEN and value.strip()
        }
        wrong = [_unknown(name) for name in named if name not in cls.model_fields]
        try:
            settings = cls.model_validate({name: named[name] for name in named if name in cls.model_fields})
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            names = dict.fromkeys(str(one["loc"][0]) for one in found)
            wrong += [_wrong(name, named[name]) for name in names]
            raise SettingsError("\n".join(wrong)) from None
        wrong += settings.contradictions()
        if wrong:
            raise SettingsError("\n".join(wrong))
        return settings

    def budget_limits(self) -> budget.Limits:
        """What one operation may spend while it runs; where limits are not enforced, only silence ends it."""
        silence = min(self.source_deadline, self.deadline)
        if self.limits is not Mode.ENFORCE:
            return budget.Limits(calls=budget.UNLIMITED, rows=budget.UNLIMITED, silence=silence)
        return budget.Limits(calls=self.limit_calls, silence=silence)

    def prices(self) -> Prices:
        """How upstream calls are counted beforehand: new-api alone looks Midjourney's tasks up one by one."""
        is_batched = self.mj_url is not None or self.newapi_url is None
        return Prices(pixai_chunk=self.pixai_chunk, midjourney_chunk=midjourney.CHUNK if is_batched else 1)

    def contradictions(self) -> list[str]:
        """Settings that do not fit together: one sentence for each problem."""
        found = []
        newapi = ("newapi_url", "newapi_token", "newapi_user")
        missing = [name for name in newapi if getattr(self, name) is None]
        is_callers = self.passthrough and missing == ["newapi_token", "newapi_user"]  # they bring both
        if missing and len(missing) < len(newapi) and not is_callers:
            given = " and ".join(_key(name) for name in newapi if name not in missing)
            needed = " and ".join(_key(name) for name in missing)
            found.append(f"{given} also {'needs' if len(missing) == 2 else 'need'} {needed}")
        if self.mj_key is not None and self.mj_url is None:
            found.append(f"{_key('mj_key')} also needs {_key('mj_url')}")
        if self.documents_mode is DocumentsMode.ONLY and self.documents is None:
            found.append(f"{_key('documents_mode')}=only also needs {_key('documents')}")
        if not origins.is_loopback(self.host) and not self.tokens and not self.open:
            found.append(
                f"{_key('host')}={self.host!r} is reachable from other machines: set {_key('tokens')}, "
                f"or {_key('open')}=1 to serve anyone"
            )
        return found

    def unused(self) -> list[str]:
        """Settings without effect: one sentence for each. With passthrough, an address needs no key."""
        if self.passthrough:
            return []
        beside = (("pixai_url", "pixai_key"), ("meshy_url", "meshy_key"))
        return [
            f"{_key(url)} has no effect without {_key(key)}"
            for url, key in beside
            if url in self.model_fields_set and getattr(self, key) is None
        ]


def _key(name: str) -> str:
    return PREFIX + name.upper()


def _wrong(name: str, value: str) -> str:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    expected = extra["expected"] if isinstance(extra, dict) else ""
    # whatever was meant to be a URL may contain user:password@
    is_secret = expected in {_KEY, _TOKENS, SECRET} or "@" in value
    return f"{_key(name)}={'***' if is_secret else repr(value)}: expected {expected}"


def _unknown(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, n=1)
    hint = f"; did you mean {_key(near[0])}?" if near else ""
    return f"{_key(name)} is not a setting{hint}"
