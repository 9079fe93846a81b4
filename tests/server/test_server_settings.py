"""Settings: read from the environment and `.env`, and told clearly when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.limits import Mode
from engine.planned import Engine
from resolvers.context import Role
from server.access.tokens import Token
from server.graphql.manifest import DocumentsMode
from server.graphql_settings import Switch
from server.logs import LogForm
from server.settings import MjAuth, SandboxMode, Settings, SettingsError
from tests.server.settings_environ import DIGEST, EVERY


def test_every_setting_is_read() -> None:
    """All of them at once, in the spellings people use."""
    shown = dict(Settings.load(EVERY))
    secrets = {
        name: shown.pop(name).get_secret_value()
        for name in ("pixai_key", "meshy_key", "newapi_token", "mj_key", "hook_secret")
    }

    assert {f"TRIPTYCH_{name.upper()}" for name in Settings.model_fields} == set(EVERY)
    assert secrets == {
        "pixai_key": "sk-pixai",
        "meshy_key": "msy_key",
        "newapi_token": "newapi-token",
        "mj_key": "mj-key",
        "hook_secret": "letters-and-digits-0123",
    }
    assert shown == {
        "host": "::1",
        "port": 9000,
        "workers": 2,
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
        "write_seconds": 6.0,
        "body_bytes": 2048,
        "upload_bytes": 4096,
        "state": Path("/var/lib/triptych/keys.db"),
        "log": LogForm.JSON,
        "max_connections": 500,
        "max_connections_per_client": 0,
        "source_deadline": 9.0,
        "engine": Engine.STRAWBERRY,
        "introspection": False,
        "documents": Path("persisted-documents.json"),
        "documents_mode": DocumentsMode.ONLY,
        "persisted_bytes": 4096,
        "answers": Switch.OFF,
        "limit_batch": 20,
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
        "watch_ids": 20,
        "watch_seconds": 60.5,
        "watch_subscriptions": 21,
        "watch_tasks": 22,
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
            "PIXAI_URL",
            "http://127.0.0.1:0",
            "TRIPTYCH_PIXAI_URL='http://127.0.0.1:0': "
            "expected an origin such as http://127.0.0.1:9001, without a path",
        ),
        (
            "MESHY_URL",
            "https://a.example:65536",
            "TRIPTYCH_MESHY_URL='https://a.example:65536': "
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
        ("STATE", "/", "TRIPTYCH_STATE='/': expected the path of a file"),
        ("BODY_BYTES", "1", "TRIPTYCH_BODY_BYTES='1': expected a number, 1,024 to 1,073,741,824"),
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
        ("DOCUMENTS_MODE", "only", "TRIPTYCH_DOCUMENTS_MODE=only also needs TRIPTYCH_DOCUMENTS"),
        ("DOCUMENTS_MODE", "all", "TRIPTYCH_DOCUMENTS_MODE='all': expected off, allow or only"),
        ("LIMIT_BATCH", "-1", "TRIPTYCH_LIMIT_BATCH='-1': expected a whole number, 0 to 1,000"),
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
