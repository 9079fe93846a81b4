"""`triptych sandbox`, as a process: every key that it prints is accepted."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.server.process import Triptych

PORTS = ["--pixai-port", "0", "--meshy-port", "0", "--newapi-port", "0", "--mj-port", "0"]


async def test_every_printed_key_is_accepted(tmp_path: Path) -> None:
    """The administrator's, another user's and the relay's too; the banned user's is known as such."""
    triptych = Triptych(tmp_path)
    options = ("--mj-auth", "bearer", "--mj-flavour", "reseller")

    async with triptych.running("sandbox", *PORTS, *options, lines=12) as served:
        lines = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in served.banner]
        settings = {key: value for line in lines[1:5] for key, value in line.items()}
        async with aiohttp.ClientSession() as session:
            lists = [
                await _list(session, settings["TRIPTYCH_NEWAPI_URL"], line)
                for line in lines
                if "TRIPTYCH_NEWAPI_TOKEN" in line
            ]
            fetched = [
                await _fetch(session, line) for line in lines if line.get("TRIPTYCH_MJ_AUTH") == "bearer"
            ]
            async with session.ws_connect(
                lines[11]["TRIPTYCH_PIXAI_WS_URL"], protocols=["graphql-transport-ws"]
            ) as socket:
                token = {"token": settings["TRIPTYCH_PIXAI_KEY"]}
                await socket.send_json({"type": "connection_init", "payload": token})
                acknowledged = await socket.receive_json()
        await served.stop()

    assert served.banner[5] == "It also accepts:"
    assert lists == [
        (True, ""),
        (True, ""),
        (True, ""),
        (False, "用户已被封禁"),
    ]
    assert fetched == [200, 200, 200]
    assert acknowledged == {"type": "connection_ack"}


async def _list(session: aiohttp.ClientSession, url: str, line: dict[str, str]) -> tuple[bool, str]:
    headers = {
        "Authorization": line["TRIPTYCH_NEWAPI_TOKEN"],
        "New-Api-User": line["TRIPTYCH_NEWAPI_USER"],
    }
    async with session.get(f"{url}/api/mj/self", headers=headers) as answer:
        body = await answer.json()
        return body["success"], body["message"]


async def _fetch(session: aiohttp.ClientSession, line: dict[str, str]) -> int:
    url = f"{line['TRIPTYCH_MJ_URL']}/mj/task/list-by-condition"
    headers = {"Authorization": f"Bearer {line['TRIPTYCH_MJ_KEY']}"}
    async with session.post(url, json={"ids": []}, headers=headers) as answer:
        return answer.status
