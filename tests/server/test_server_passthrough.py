"""TRIPTYCH_PASSTHROUGH=1: callers bring their own keys, and share nothing."""

from __future__ import annotations

import json
from typing import Any

from pydantic import SecretStr

from loaders.credentials import Credential
from loaders.records import Provider
from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from server.access.caller_keys import credentials
from tests.conftest import Client, Serve

TASK = f"task:pixai:{vendor_examples.SINGLE}"
QUERY = "query ($id: ID!) { task(id: $id) { status cover { permalink } } }"
ANSWER = {"data": {"task": {"status": "SUCCEEDED", "cover": {"permalink": None}}}}


async def ask(graph: Client, **headers: str) -> Any:
    body = {"query": QUERY, "variables": {"id": TASK}}
    async with graph.session.post(f"{graph.origin}/graphql", json=body, headers=headers) as response:
        assert response.status == 200
        return await response.json()


async def test_the_callers_key_is_used(serve: Serve, box: Sandbox) -> None:
    """A right one answers, without permalinks: those would go through the server's key."""
    async with serve(passthrough=True) as graph:
        assert await ask(graph, **{"X-PixAI-Key": box.pixai.key}) == ANSWER


async def test_a_missing_key_is_never_replaced_by_the_servers(serve: Serve, box: Sandbox) -> None:
    """Though the server has one that works; the source is not asked."""
    own = {"pixai_key": SecretStr(box.pixai.key), "pixai_url": box.pixai.url}

    async with serve(passthrough=True, **own) as graph:
        answers = [await ask(graph), await ask(graph, **{"X-PixAI-Key": " "})]

    codes = [[error["extensions"]["code"] for error in answer["errors"]] for answer in answers]
    assert codes == [["PROVIDER_NOT_CONFIGURED"]] * 2
    assert box.pixai.requests["POST /graphql"] == 0


async def test_a_wrong_key_is_refused_and_not_repeated(serve: Serve) -> None:
    """The source's refusal, and no trace of the key in it."""
    async with serve(passthrough=True) as graph:
        answer = await ask(graph, **{"X-PixAI-Key": "sk-very-secret-1234"})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_REFUSED"]
    assert "very-secret" not in json.dumps(answer)


async def test_callers_with_different_keys_share_nothing(serve: Serve, box: Sandbox) -> None:
    """The same caller finds its cache again; another one, whose key is wrong, does not find it."""
    async with serve(passthrough=True) as graph:
        right = {"X-PixAI-Key": box.pixai.key}
        answers = [await ask(graph, **right), await ask(graph, **right)]
        calls = box.pixai.requests["POST /graphql"]
        wrong = await ask(graph, **{"X-PixAI-Key": "another"})

    assert (answers, calls, box.pixai.requests["POST /graphql"]) == ([ANSWER, ANSWER], 1, 2)
    assert wrong["data"] == {"task": None}


async def test_without_passthrough_a_callers_key_is_not_looked_at(serve: Serve, box: Sandbox) -> None:
    """The server's own account answers."""
    async with serve() as graph:
        answer = await ask(graph, **{"X-PixAI-Key": "wrong"})

    assert answer["data"]["task"]["status"] == "SUCCEEDED"


def test_every_header_has_its_place() -> None:
    """Midjourney's three make one credential."""
    headers = {
        "x-pixai-key": "p",
        "x-meshy-key": "m",
        "x-newapi-token": "t",
        "x-newapi-user": "7",
        "x-mj-key": " j ",
        "x-other": "o",
    }

    assert credentials(headers) == {
        Provider.PIXAI: Credential({"key": "p"}),
        Provider.MESHY: Credential({"key": "m"}),
        Provider.MIDJOURNEY: Credential({"newapi_token": "t", "newapi_user": "7", "mj_key": "j"}),
    }
    assert credentials({"x-pixai-key": ""}) == {}
