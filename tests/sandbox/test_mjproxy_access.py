"""Who may ask midjourney-proxy, and how each flavour says no."""

from __future__ import annotations

import pytest

from sandbox import Clock, Sandbox, start
from sandbox.mjproxy import Auth, Flavour
from tests.sandbox.requests_midjourney import PIG, asking_proxy

PATH = f"/mj/task/{PIG}/fetch"
RIGHT: dict[Auth, dict[str, str]] = {
    "bearer": {"Authorization": "Bearer sandbox-midjourney-key"},
    "authorization-raw": {"Authorization": "sandbox-midjourney-key"},
    "mj-api-secret": {"mj-api-secret": "sandbox-midjourney-key"},
}


@pytest.mark.parametrize("flavour", ["csharp", "java", "reseller"])
@pytest.mark.parametrize("auth", list(RIGHT))
async def test_each_mode_takes_its_own_header_only(box: Sandbox, flavour: Flavour, auth: Auth) -> None:
    """The others' headers are a 401; but C#, where the secret is wanted, takes it as Authorization too."""
    box.mj.flavour, box.mj.auth = flavour, auth
    async with asking_proxy(box.mj) as client:
        seen = {mode: (await client.text(PATH, headers=sent))[0] for mode, sent in RIGHT.items()}

    right = {auth, "authorization-raw"} if (flavour, auth) == ("csharp", "mj-api-secret") else {auth}
    assert seen == {mode: 200 if mode in right else 401 for mode in RIGHT}


async def test_in_csharp_an_authorization_of_any_content_wins(box: Sandbox) -> None:
    """So that sending both headers is no way to be safe; Java looks at its own only."""
    both = RIGHT["mj-api-secret"] | {"Authorization": "Bearer sandbox-midjourney-key"}
    async with asking_proxy(box.mj) as client:
        csharp, _, _ = await client.text(PATH, headers=both)
        box.mj.flavour = "java"
        java, _, _ = await client.text(PATH, headers=both)

    assert (csharp, java) == (401, 200)


@pytest.mark.parametrize(
    ("flavour", "none", "wrong"),
    [
        ("csharp", ("text/plain", "Authorization header missing."), ("text/plain", "未登录")),
        ("java", ("application/octet-stream", ""), ("application/octet-stream", "")),
        (
            "reseller",
            (
                "application/json",
                '{"error":{"message":"Authorization header missing.","type":"new_api_error"}}',
            ),
            ("application/json", '{"error":{"message":"未登录","type":"new_api_error"}}'),
        ),
    ],
)
async def test_refusals(box: Sandbox, flavour: Flavour, none: object, wrong: object) -> None:
    """Text, nothing, or JSON."""
    box.mj.flavour = flavour
    async with asking_proxy(box.mj) as client:
        first = await client.text(PATH, headers={})
        second = await client.text(PATH, headers={"mj-api-secret": "wrong"})

    assert (first, second) == ((401, *none), (401, *wrong))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("flavour", "status", "kind", "said"),
    [
        ("csharp", 429, "text/plain", "Too Many Requests"),
        ("csharp", 404, "application/octet-stream", ""),
        ("csharp", 500, "application/json", '{"success":false,"code":500,'),
        ("csharp", 200, "application/json", '{"success":false,"code":200,'),
        ("csharp", 422, "application/json", '{"code":4,"description":"Unprocessable Entity"'),
        ("java", 401, "application/octet-stream", ""),
        ("java", 500, "application/json", '{"timestamp":"'),
        ("reseller", 429, "application/json", '{"error":{"message":"Too Many Requests",'),
    ],
)
async def test_faults_have_the_flavours_shape(
    box: Sandbox, flavour: Flavour, status: int, kind: str, said: str
) -> None:
    """What is no JSON comes as none."""
    box.mj.flavour = flavour
    box.mj.fail("*", status=status)
    async with asking_proxy(box.mj) as client:
        seen, content_type, body = await client.text(PATH)

    assert (seen, content_type) == (status, kind)
    assert body.startswith(said)
    assert body or not said


async def test_everything_can_be_chosen_at_the_start(clock: Clock) -> None:
    """Flavour and auth of the proxy, mode and unit of new-api."""
    async with start(
        clock=clock, newapi_mode="legacy", newapi_unit="s", mj_flavour="java", mj_auth="bearer"
    ) as box:
        assert (box.mj.flavour, box.mj.auth) == ("java", "bearer")
        assert (box.newapi.mode, box.newapi.unit) == ("legacy", "s")
        assert {"newapi", "mj"} <= {one.name for one in box.upstreams()}
