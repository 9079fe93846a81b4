"""Every setting: an environment variable (or a line of `.env`) named TRIPTYCH_ and the field's name.

A wrong one is told with its key, its value and what was wanted; a secret's value is never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from loaders.midjourney.newapi.client import TimeUnit
from server.access import origins
from server.access.tokens import Token
from server.env_file import read
from server.setting_text import Checked, flag, host, key, origin, origin_list, socket_url, tokens

PREFIX = "TRIPTYCH_"


class SettingsError(Exception):
    """One sentence a line: which key, which value, what was wanted."""


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
Tokens = Annotated[tuple[Token, ...], Checked(tokens)]
Key = Annotated[SecretStr, Checked(key)]
_ORIGIN = "an origin such as http://127.0.0.1:9001, without a path"
_KEY = "a key, of printable ASCII without spaces"
_FLAG = "1 or 0"
_TOKENS = "name:role:sha256 entries, role one of read, write, admin, sha256 in 64 hex digits"


def _setting(default: Any, /, about: str, wanted: str, **limits: Any) -> Any:
    return Field(default, description=about, json_schema_extra={"wanted": wanted}, **limits)


class Settings(BaseModel):
    """See each field. Made by `Settings.load`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: Host = _setting("127.0.0.1", "address to listen on", "a host name or address")
    port: int = _setting(8000, "port to listen on; 0 takes a free one", "a port, 0 to 65535", ge=0, le=65535)
    public_url: Origin | None = _setting(
        None, "the origin that clients see, for permalinks; default: where it listens", _ORIGIN
    )
    pixai_key: Key | None = _setting(None, "PixAI API key", _KEY)
    pixai_url: Origin = _setting("https://api.pixai.art", "PixAI's origin", _ORIGIN)
    pixai_ws_url: SocketUrl = _setting(
        "wss://gw.pixai.art/graphql",
        "PixAI's event gateway, for subscriptions; nothing asks it yet",
        "a ws:// or wss:// URL",
    )
    pixai_chunk: int = _setting(
        25,
        "ids in one aliased PixAI document; lowered by itself where refused",
        "a number, 1 to 200",
        ge=1,
        le=200,
    )
    meshy_key: Key | None = _setting(None, "Meshy API key", _KEY)
    meshy_url: Origin = _setting("https://api.meshy.ai", "Meshy's origin", _ORIGIN)
    newapi_url: Origin | None = _setting(None, "new-api's origin (Midjourney's lists)", _ORIGIN)
    newapi_token: Key | None = _setting(None, "new-api dashboard access token", _KEY)
    newapi_user: int | None = _setting(None, "the number of that token's user", "a whole number", ge=0)
    newapi_unit: TimeUnit = _setting("ms", "what its time filters count in: ms, or s", "ms or s")
    mj_url: Origin | None = _setting(
        None, "midjourney-proxy's origin, or new-api's with an sk- key (Midjourney's look-ups)", _ORIGIN
    )
    mj_key: Key | None = _setting(None, "its key; none where it is open", _KEY)
    mj_auth: MjAuth = _setting(
        MjAuth.BEARER, "how it wants the key", "bearer, authorization-raw or mj-api-secret"
    )
    deadline: float = _setting(
        30.0, "seconds that a request may take", "seconds, above 0 and at most 600", gt=0, le=600
    )
    source_deadline: float = _setting(
        8.0,
        "seconds that a source may stay silent once asked, and that a filtered list looks on for a row",
        "seconds, above 0 and at most 600",
        gt=0,
        le=600,
    )
    sandbox: SandboxMode = _setting(
        SandboxMode.AUTO,
        "auto: stands in where no source is configured; fill: for each that is not; off",
        "auto, fill or off",
    )
    passthrough: Flag = _setting(
        False, "1: sources are asked with the caller's own keys, from headers, only", _FLAG
    )
    tokens: Tokens = _setting(
        (),
        "who may ask: name:role:sha256-of-the-token, separated by spaces; roles read, write, admin",
        _TOKENS,
    )
    open: Flag = _setting(False, "1: anyone may ask, on any address", _FLAG)
    cors_origins: Origins = _setting(
        (), "origins whose pages may ask, separated by spaces", "origins such as https://app.example"
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
        """From the environment, and a file whose lines it overrides; "" is unset. Raises SettingsError."""
        try:
            written = {**(read(env_file) if env_file is not None else {}), **environ}
        except ValueError as error:
            raise SettingsError(str(error)) from None
        named = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in written.items()
            if name.startswith(PREFIX) and value.strip()
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

    def contradictions(self) -> list[str]:
        """What no single setting can tell: a sentence each."""
        found = []
        newapi = ("newapi_url", "newapi_token", "newapi_user")
        missing = [name for name in newapi if getattr(self, name) is None]
        if missing and len(missing) < len(newapi):
            given = " and ".join(_key(name) for name in newapi if name not in missing)
            wanted = " and ".join(_key(name) for name in missing)
            found.append(f"{given} {'is' if len(missing) == 2 else 'are'} set: wanted {wanted} beside it")
        if self.mj_key is not None and self.mj_url is None:
            found.append(f"{_key('mj_key')} is set: wanted {_key('mj_url')} beside it")
        if not origins.is_loopback(self.host) and not self.tokens and not self.open:
            found.append(
                f"{_key('host')}={self.host!r} lets others in: wanted {_key('tokens')} to say who, "
                f"or {_key('open')}=1 for anyone"
            )
        return found

    def unused(self) -> list[str]:
        """What was set to no effect: a sentence each. Where callers bring keys, an address needs none."""
        if self.passthrough:
            return []
        beside = (("pixai_url", "pixai_key"), ("meshy_url", "meshy_key"))
        return [
            f"{_key(url)} is set without {_key(key)}: it is not used"
            for url, key in beside
            if url in self.model_fields_set and getattr(self, key) is None
        ]


def _key(name: str) -> str:
    return PREFIX + name.upper()


def _wrong(name: str, value: str) -> str:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    wanted = extra["wanted"] if isinstance(extra, dict) else ""
    # user:password@ may stand in whatever was meant to be a URL
    is_secret = wanted in {_KEY, _TOKENS} or "@" in value
    return f"{_key(name)}={'***' if is_secret else repr(value)}: wanted {wanted}"


def _unknown(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, n=1)
    hint = f"; the nearest is {_key(near[0])}" if near else ""
    return f"{_key(name)} is no setting{hint}"
