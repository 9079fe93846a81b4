"""Every setting: an environment variable (or a line of `.env`) named TRIPTYCH_ and the field's name.

A wrong one is told with its key, its value and what was wanted; a secret's value is never told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from server.access import Token

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


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.rstrip("/") or parts.query:
        raise ValueError
    return value.rstrip("/")


def _flag(value: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]


def _words(value: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else ()


def _tokens(value: str) -> tuple[Token, ...]:
    return tuple(Token.parse(word) for word in _words(value))


def _origins(value: str) -> tuple[str, ...]:
    return tuple(_origin(word) for word in _words(value))


def _checked(check: Any) -> BeforeValidator:
    def before(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return check(value)
        except (KeyError, ValueError):
            raise ValueError from None

    return BeforeValidator(before)


Origin = Annotated[str, _checked(_origin)]
Flag = Annotated[bool, _checked(_flag)]
_ORIGIN = "an origin such as http://127.0.0.1:9001, without a path"
_KEY = "a key"
_FLAG = "1 or 0"


def _setting(default: Any, /, about: str, wanted: str, **limits: Any) -> Any:
    return Field(default, description=about, json_schema_extra={"wanted": wanted}, **limits)


class Settings(BaseModel):
    """See each field. Made by `Settings.load`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: str = _setting("127.0.0.1", "address to listen on", "a host name or address", min_length=1)
    port: int = _setting(8000, "port to listen on; 0 takes a free one", "a port, 0 to 65535", ge=0, le=65535)
    public_url: Origin | None = _setting(
        None, "the origin that clients see, for permalinks; default: where it listens", _ORIGIN
    )
    pixai_key: SecretStr | None = _setting(None, "PixAI API key", _KEY, min_length=1)
    pixai_url: Origin = _setting("https://api.pixai.art", "PixAI's origin", _ORIGIN)
    pixai_ws_url: str = _setting(
        "wss://gw.pixai.art/graphql", "PixAI's event gateway", "a ws:// or wss:// URL", pattern="^wss?://"
    )
    pixai_chunk: int = _setting(
        25,
        "ids in one aliased PixAI document; lowered by itself where refused",
        "a number, 1 to 200",
        ge=1,
        le=200,
    )
    meshy_key: SecretStr | None = _setting(None, "Meshy API key", _KEY, min_length=1)
    meshy_url: Origin = _setting("https://api.meshy.ai", "Meshy's origin", _ORIGIN)
    newapi_url: Origin | None = _setting(None, "new-api's origin (Midjourney's lists)", _ORIGIN)
    newapi_token: SecretStr | None = _setting(None, "new-api dashboard access token", _KEY, min_length=1)
    newapi_user: int | None = _setting(None, "the number of that token's user", "a whole number", ge=0)
    mj_url: Origin | None = _setting(
        None, "midjourney-proxy's origin, or new-api's with an sk- key (Midjourney's look-ups)", _ORIGIN
    )
    mj_key: SecretStr | None = _setting(None, "its key; none where it is open", _KEY, min_length=1)
    mj_auth: MjAuth = _setting(
        MjAuth.BEARER, "how it wants the key", "bearer, authorization-raw or mj-api-secret"
    )
    deadline: float = _setting(30.0, "seconds that a request may take", "seconds, above 0", gt=0, le=600)
    scan_pages: int = _setting(
        5, "list calls a source, at most, for one page of tasks", "1 to 100", ge=1, le=100
    )
    sandbox: SandboxMode = _setting(
        SandboxMode.AUTO,
        "auto: stands in where no source is configured; fill: for each that is not; off",
        "auto, fill or off",
    )
    passthrough: Flag = _setting(
        False, "1: sources are asked with the caller's own keys, from headers, only", _FLAG
    )
    tokens: Annotated[tuple[Token, ...], _checked(_tokens)] = _setting(
        (),
        "who may ask: name:role:sha256-of-the-token, separated by spaces; roles read, write, admin",
        "name:role:sha256 entries, role one of read, write, admin, sha256 in 64 hex digits",
    )
    open: Flag = _setting(False, "1: anyone may ask, on any address", _FLAG)
    cors_origins: Annotated[tuple[str, ...], _checked(_origins)] = _setting(
        (), "origins whose pages may ask, separated by spaces", "origins such as https://app.example"
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
        """From the environment, and a file whose lines it overrides. Raises SettingsError."""
        written = {**(dotenv_values(env_file) if env_file is not None else {}), **environ}
        named = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in written.items()
            if key.startswith(PREFIX) and value not in {None, ""}
        }
        unknown = [name for name in named if name not in cls.model_fields]
        if unknown:
            raise SettingsError("\n".join(_unknown(name) for name in unknown))
        try:
            settings = cls.model_validate(named)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            names = dict.fromkeys(str(one["loc"][0]) for one in found)
            raise SettingsError("\n".join(_wrong(name, named[name]) for name in names)) from None
        settings.check_together()
        return settings

    def check_together(self) -> None:
        """What no single setting can tell. Raises SettingsError."""
        newapi = {
            "newapi_url": self.newapi_url,
            "newapi_token": self.newapi_token,
            "newapi_user": self.newapi_user,
        }
        missing = [name for name, value in newapi.items() if value is None]
        if self.newapi_token is not None and missing:
            wanted = " and ".join(_key(name) for name in missing)
            raise SettingsError(f"{_key('newapi_token')} is set, and wants {wanted} beside it")
        loopback = self.host in {"localhost", "::1"} or self.host.startswith("127.")
        if not loopback and not self.tokens and not self.open:
            raise SettingsError(
                f"{_key('host')}={self.host!r} lets others in: wanted {_key('tokens')} to say who, "
                f"or {_key('open')}=1 for anyone"
            )


def _key(name: str) -> str:
    return PREFIX + name.upper()


def _wrong(name: str, value: object) -> str:
    field = Settings.model_fields[name]
    secret = "SecretStr" in str(field.annotation) or name == "tokens"
    extra = field.json_schema_extra
    wanted = extra["wanted"] if isinstance(extra, dict) else ""
    shown = "'***'" if secret else repr(value)
    return f"{_key(name)}={shown}: wanted {wanted}"


def _unknown(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, n=1)
    hint = f"; did you mean {_key(near[0])}?" if near else ""
    return f"{_key(name)} is no setting{hint}"
