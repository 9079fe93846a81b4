"""Settings: read from the environment and `.env`, and told clearly when they are wrong."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from engine.limits import Mode
from engine.planned import Engine
from resolvers.context import Role
from sandbox import Sandbox
from server.access.tokens import Token
from server.logs import LogForm
from server.settings import MjAuth, SandboxMode, Settings, SettingsError
from server.source_config import source_settings, wants_sandbox
from tests.server.process import Triptych

DIGEST = sha256(b"a token").hexdigest()

EVERY = {
    "TRIPTYCH_HOST": "[::1]",
    "TRIPTYCH_PORT": " 9000 ",
    "TRIPTYCH_PUBLIC_URL": "HTTPS://Pictures.Example:443/",
    "TRIPTYCH_PIXAI_KEY": "sk-pixai",
    "TRIPTYCH_PIXAI_URL": "http://127.0.0.1:9001",
    "TRIPTYCH_PIXAI_WS_URL": "ws://127.0.0.1:9001/graphql",
    "TRIPTYCH_PIXAI_CHUNK": "50",
    "TRIPTYCH_MESHY_KEY": "msy_key",
    "TRIPTYCH_MESHY_URL": "http://127.0.0.1:9002",
    "TRIPTYCH_NEWAPI_URL": "http://127.0.0.1:9003",
    "TRIPTYCH_NEWAPI_TOKEN": "newapi-token",
    "TRIPTYCH_NEWAPI_USER": "7",
    "TRIPTYCH_NEWAPI_UNIT": "s",
    "TRIPTYCH_MJ_URL": "http://127.0.0.1:9004",
    "TRIPTYCH_MJ_KEY": "mj-key",
    "TRIPTYCH_MJ_AUTH": "mj-api-secret",
    "TRIPTYCH_DEADLINE": "2.5",
    "TRIPTYCH_HEADER_SECONDS": "3",
    "TRIPTYCH_BODY_SECONDS": "4",
    "TRIPTYCH_SEND_SECONDS": "5.5",
    "TRIPTYCH_MAX_CONNECTIONS": "500",
    "TRIPTYCH_MAX_CONNECTIONS_PER_CLIENT": "0",
    "TRIPTYCH_LOG": "json",
    "TRIPTYCH_SOURCE_DEADLINE": "9",
    "TRIPTYCH_ENGINE": "strawberry",
    "TRIPTYCH_LIMITS": "measure",
    "TRIPTYCH_LIMIT_DOCUMENT": "1",
    "TRIPTYCH_LIMIT_TOKENS": "2",
    "TRIPTYCH_LIMIT_NAME": "3",
    "TRIPTYCH_LIMIT_NESTING": "4",
    "TRIPTYCH_LIMIT_DEPTH": "5",
    "TRIPTYCH_LIMIT_ALIASES": "6",
    "TRIPTYCH_LIMIT_ROOT_FIELDS": "7",
    "TRIPTYCH_LIMIT_DIRECTIVES": "8",
    "TRIPTYCH_LIMIT_OPERATIONS": "9",
    "TRIPTYCH_LIMIT_OVERLAPS": "10",
    "TRIPTYCH_LIMIT_INTROSPECTION": "11",
    "TRIPTYCH_LIMIT_FIELDS": "12",
    "TRIPTYCH_LIMIT_CALLS": "13",
    "TRIPTYCH_LIMIT_BYTES": "14",
    "TRIPTYCH_SANDBOX": "fill",
    "TRIPTYCH_PASSTHROUGH": "yes",
    "TRIPTYCH_TOKENS": f"anna:admin:{DIGEST}, ben:READ:{DIGEST.upper()}",
    "TRIPTYCH_OPEN": "0",
    "TRIPTYCH_CORS_ORIGINS": "https://app.example, HTTP://Localhost:3000",
}


def test_every_setting_is_read() -> None:
    """All of them at once, in the spellings people use."""
    shown = dict(Settings.load(EVERY))
    secrets = {
        name: shown.pop(name).get_secret_value()
        for name in ("pixai_key", "meshy_key", "newapi_token", "mj_key")
    }

    assert {f"TRIPTYCH_{name.upper()}" for name in Settings.model_fields} == set(EVERY)
    assert secrets == {
        "pixai_key": "sk-pixai",
        "meshy_key": "msy_key",
        "newapi_token": "newapi-token",
        "mj_key": "mj-key",
    }
    assert shown == {
        "host": "::1",
        "port": 9000,
        "public_url": "https://pictures.example",
        "pixai_url": "http://127.0.0.1:9001",
        "pixai_ws_url": "ws://127.0.0.1:9001/graphql",
        "pixai_chunk": 50,
        "meshy_url": "http://127.0.0.1:9002",
        "newapi_url": "http://127.0.0.1:9003",
        "newapi_user": 7,
        "newapi_unit": "s",
        "mj_url": "http://127.0.0.1:9004",
        "mj_auth": MjAuth.SECRET,
        "deadline": 2.5,
        "header_seconds": 3.0,
        "body_seconds": 4.0,
        "send_seconds": 5.5,
        "log": LogForm.JSON,
        "max_connections": 500,
        "max_connections_per_client": 0,
        "source_deadline": 9.0,
        "engine": Engine.STRAWBERRY,
        "limits": Mode.MEASURE,
        "limit_document": 1,
        "limit_tokens": 2,
        "limit_name": 3,
        "limit_nesting": 4,
        "limit_depth": 5,
        "limit_aliases": 6,
        "limit_root_fields": 7,
        "limit_directives": 8,
        "limit_operations": 9,
        "limit_overlaps": 10,
        "limit_introspection": 11,
        "limit_fields": 12,
        "limit_calls": 13,
        "limit_bytes": 14,
        "sandbox": SandboxMode.FILL,
        "passthrough": True,
        "tokens": (Token("anna", Role.ADMIN, DIGEST), Token("ben", Role.READ, DIGEST)),
        "open": False,
        "cors_origins": ("https://app.example", "http://localhost:3000"),
    }


def test_no_secret_is_shown() -> None:
    """Neither a key nor a token's digest is in the settings' repr."""
    shown = repr(Settings.load(EVERY))

    assert [text for text in ("sk-pixai", "msy_key", "newapi-token", "mj-key", DIGEST) if text in shown] == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "http", "TRIPTYCH_PORT='http': expected a port, 0 to 65535"),
        ("PORT", "65536", "TRIPTYCH_PORT='65536': expected a port, 0 to 65535"),
        ("HOST", "127.0.0.1:80", "TRIPTYCH_HOST='127.0.0.1:80': expected a host name or address"),
        (
            "PUBLIC_URL",
            "triptych.example",
            "TRIPTYCH_PUBLIC_URL='triptych.example': "
            "expected an origin such as http://127.0.0.1:9001, without a path",
        ),
        (
            "PIXAI_URL",
            "http://127.0.0.1:9001/graphql",
            "TRIPTYCH_PIXAI_URL='http://127.0.0.1:9001/graphql': "
            "expected an origin such as http://127.0.0.1:9001, without a path",
        ),
        (
            "MESHY_URL",
            "http://me:secret@[::1",
            "TRIPTYCH_MESHY_URL=***: expected an origin such as http://127.0.0.1:9001, without a path",
        ),
        (
            "PIXAI_WS_URL",
            "https://gw.pixai.art",
            "TRIPTYCH_PIXAI_WS_URL='https://gw.pixai.art': expected a ws:// or wss:// URL",
        ),
        ("PIXAI_KEY", "“sk-1”", "TRIPTYCH_PIXAI_KEY=***: expected a key: printable ASCII without spaces"),
        ("MJ_KEY", "two words", "TRIPTYCH_MJ_KEY=***: expected a key: printable ASCII without spaces"),
        ("PIXAI_CHUNK", "0", "TRIPTYCH_PIXAI_CHUNK='0': expected a number, 1 to 200"),
        ("NEWAPI_USER", "anna", "TRIPTYCH_NEWAPI_USER='anna': expected a whole number"),
        (
            "MJ_AUTH",
            "header",
            "TRIPTYCH_MJ_AUTH='header': expected bearer, authorization-raw or mj-api-secret",
        ),
        ("DEADLINE", "0", "TRIPTYCH_DEADLINE='0': expected seconds, above 0 and at most 600"),
        ("DEADLINE", "nan", "TRIPTYCH_DEADLINE='nan': expected seconds, above 0 and at most 600"),
        (
            "SOURCE_DEADLINE",
            "0",
            "TRIPTYCH_SOURCE_DEADLINE='0': expected seconds, above 0 and at most 600",
        ),
        ("SANDBOX", "maybe", "TRIPTYCH_SANDBOX='maybe': expected auto, fill or off"),
        ("PASSTHROUGH", "2", "TRIPTYCH_PASSTHROUGH='2': expected 1 or 0"),
        (
            "TOKENS",
            "anna:admin:abc",
            "TRIPTYCH_TOKENS=***: expected name:role:sha256 entries with role read, write or admin and "
            "sha256 in 64 hex digits",
        ),
        (
            "CORS_ORIGINS",
            "*",
            "TRIPTYCH_CORS_ORIGINS='*': expected origins such as https://app.example",
        ),
        ("PIXAI_KEYS", "sk-1", "TRIPTYCH_PIXAI_KEYS is not a setting; did you mean TRIPTYCH_PIXAI_KEY?"),
        ("ZZZ", "1", "TRIPTYCH_ZZZ is not a setting"),
        (
            "NEWAPI_TOKEN",
            "t",
            "TRIPTYCH_NEWAPI_TOKEN also needs TRIPTYCH_NEWAPI_URL and TRIPTYCH_NEWAPI_USER",
        ),
        (
            "HOST",
            "0.0.0.0",
            "TRIPTYCH_HOST='0.0.0.0' is reachable from other machines: set TRIPTYCH_TOKENS, "
            "or TRIPTYCH_OPEN=1 to serve anyone",
        ),
        (
            "HOST",
            "127.evil.example",
            "TRIPTYCH_HOST='127.evil.example' is reachable from other machines: set TRIPTYCH_TOKENS, "
            "or TRIPTYCH_OPEN=1 to serve anyone",
        ),
    ],
)
def test_an_error_names_the_setting_its_value_and_what_was_expected(
    name: str, value: str, sentence: str
) -> None:
    """One sentence; a secret's value is not in it."""
    environ = {f"TRIPTYCH_{name}": value}
    if name == "MJ_KEY":
        environ["TRIPTYCH_MJ_URL"] = "http://127.0.0.1:9004"

    with pytest.raises(SettingsError) as raised:
        Settings.load(environ)

    assert str(raised.value) == sentence


@pytest.mark.parametrize("beside", [{"TRIPTYCH_OPEN": "1"}, {"TRIPTYCH_TOKENS": f"anna:read:{DIGEST}"}])
def test_others_are_let_in_where_someone_said_so(beside: dict[str, str]) -> None:
    """Tokens, or the word that it is open."""
    assert Settings.load({"TRIPTYCH_HOST": "0.0.0.0", **beside}).host == "0.0.0.0"


def test_the_environment_wins_over_the_file_and_empty_is_unset(tmp_path: Path) -> None:
    """A `.env` with a BOM, quotes, a dollar sign and comments; an empty variable takes a line back."""
    file = tmp_path / ".env"
    file.write_bytes(
        "\ufeffTRIPTYCH_PORT=9000 # the port\nexport TRIPTYCH_PIXAI_KEY='a${HOME}$b'\n\n"
        "TRIPTYCH_DEADLINE=5\nTRIPTYCH_SOURCE_DEADLINE=9\nOTHER=x\n".encode()
    )

    settings = Settings.load({"TRIPTYCH_PORT": "9001", "TRIPTYCH_SOURCE_DEADLINE": ""}, file)

    assert settings.pixai_key is not None
    assert (
        settings.port,
        settings.deadline,
        settings.source_deadline,
        settings.pixai_key.get_secret_value(),
    ) == (
        9001,
        5.0,
        8.0,
        "a${HOME}$b",
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"TRIPTYCH_PORT=1\n!! what\n", "{file}, line 2: expected NAME=value"),
        (b"\xff\xfe\x00", "cannot read {file}: it is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_no_silence(tmp_path: Path, content: bytes, sentence: str) -> None:
    """The file and the line are named."""
    file = tmp_path / ".env"
    file.write_bytes(content)

    with pytest.raises(SettingsError) as raised:
        Settings.load({}, file)

    assert str(raised.value) == sentence.format(file=file)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, True),
        ({"TRIPTYCH_PIXAI_KEY": "k"}, False),
        ({"TRIPTYCH_MESHY_KEY": "k"}, False),
        ({"TRIPTYCH_MJ_URL": "http://127.0.0.1:9"}, False),
        ({"TRIPTYCH_PIXAI_KEY": "k", "TRIPTYCH_SANDBOX": "fill"}, True),
        ({"TRIPTYCH_SANDBOX": "off"}, False),
        ({"TRIPTYCH_PASSTHROUGH": "1"}, False),
    ],
)
def test_the_sandbox_stands_in_only_where_it_is_wanted(environ: dict[str, str], wanted: bool) -> None:
    """auto: where no source is configured at all; fill: always; off: never."""
    assert wants_sandbox(Settings.load(environ)) is wanted


def test_the_unit_of_times_reaches_the_source_it_is_for() -> None:
    """As it was set."""
    newapi = {name: EVERY[f"TRIPTYCH_{name}"] for name in ("NEWAPI_URL", "NEWAPI_TOKEN", "NEWAPI_USER")}
    unit = {"TRIPTYCH_NEWAPI_UNIT": "s"}
    settings = Settings.load(unit | {f"TRIPTYCH_{name}": value for name, value in newapi.items()})

    assert source_settings(settings).newapi_unit == "s"


async def test_the_unit_of_times_is_the_sandboxs_where_that_stands_in(box: Sandbox) -> None:
    """Whatever is set for the source that is not there."""
    found = source_settings(Settings.load({"TRIPTYCH_NEWAPI_UNIT": "s"}), box)

    assert (found.newapi_unit, box.newapi.unit) == ("ms", "ms")


@pytest.mark.parametrize(
    ("environ", "unused"),
    [
        ({}, []),
        ({"PIXAI_URL": "http://a", "PIXAI_KEY": "k"}, []),
        ({"PIXAI_URL": "http://a", "PASSTHROUGH": "1"}, []),
        ({"MJ_URL": "http://a"}, []),
        (
            {"PIXAI_URL": "http://a", "MESHY_KEY": "k"},
            ["TRIPTYCH_PIXAI_URL has no effect without TRIPTYCH_PIXAI_KEY"],
        ),
        (
            {"MESHY_URL": "https://api.meshy.ai"},
            ["TRIPTYCH_MESHY_URL has no effect without TRIPTYCH_MESHY_KEY"],
        ),
    ],
)
def test_an_address_without_its_key_is_not_used(environ: dict[str, str], unused: list[str]) -> None:
    """Unless callers bring the keys, or the source may be open."""
    settings = Settings.load({f"TRIPTYCH_{name}": value for name, value in environ.items()})

    assert settings.unused() == unused


async def test_the_command_line_tells_all_of_them_at_once(triptych: Triptych) -> None:
    """One line each on standard error, exit code 2, no traceback; `.env` counts too."""
    (triptych.directory / ".env").write_text("TRIPTYCH_DEADLINE=soon\nTRIPTYCH_PROT=1\n")

    ended = await triptych.run("serve", port="http")

    assert (ended.code, ended.out, ended.err.splitlines()) == (
        2,
        "",
        [
            "triptych: TRIPTYCH_PROT is not a setting; did you mean TRIPTYCH_PORT?",
            "triptych: TRIPTYCH_PORT='http': expected a port, 0 to 65535",
            "triptych: TRIPTYCH_DEADLINE='soon': expected seconds, above 0 and at most 600",
        ],
    )


def test_callers_bring_new_apis_token_and_user() -> None:
    """With passthrough its address is enough; half of a key of the server's own is not."""
    url = {"TRIPTYCH_NEWAPI_URL": "http://127.0.0.1:9003", "TRIPTYCH_PASSTHROUGH": "1"}

    assert source_settings(Settings.load(url)).newapi_url == "http://127.0.0.1:9003"
    with pytest.raises(SettingsError, match="NEWAPI_USER"):
        Settings.load(url | {"TRIPTYCH_NEWAPI_TOKEN": "t"})
    with pytest.raises(SettingsError, match="NEWAPI_TOKEN"):
        Settings.load({"TRIPTYCH_NEWAPI_URL": "http://127.0.0.1:9003"})
