"""What the settings say about the sources."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from server.settings import Settings, SettingsError
from server.source_config import source_settings, wants_sandbox
from tests.server.process import Triptych
from tests.server.settings_environ import EVERY


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
