"""A dry run of adding a provider: one file of canned answers, its place among the sources, the enum's value.

The real `loaders` and the enum's descriptions are copied and added to; whatever else the program consists of
is used as it is. What a new provider needs elsewhere would fail here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

CANNED = '''
"""A provider of canned answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from loaders import cache, ids
from loaders.account import Account, TaskReads
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.listing import Listing, ListStep
from loaders.outcome import Outcomes
from loaders.records import (
    Capability, MediaDetails, MediaRecord, MediaUrl, MediaVariant, Provider, TaskRecord, TaskStatus
)
from loaders.task_media import TaskMedia

ANSWERS = {"1": "https://canned.example/1.png", "2": None}


class CannedAccount(Account):
    provider = Provider.CANNED

    def __init__(self) -> None:
        self.breaker = Breaker()
        tasks = Batcher(
            self._fetch,
            provider=self.provider,
            cache=cache.Cache(cache.task_lifetime),
            chunk=lambda: 10,
        )
        self.reads = TaskReads(tasks=tasks, media=TaskMedia(tasks), is_batched=True)
        self.lists = CannedLister()

    async def _fetch(self, keys: list[str]) -> Outcomes[TaskRecord]:
        return {key: _task(key) for key in keys if key in ANSWERS}


class CannedLister:
    def capabilities(self) -> Iterable[Capability]:
        return (Capability.LIST_TASKS,)

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        yield ListStep(tuple(map(_task, ANSWERS)), is_last=True)


def _task(key: str) -> TaskRecord:
    url = ANSWERS[key]
    return TaskRecord(
        id=ids.task_id(Provider.CANNED, key),
        provider=Provider.CANNED,
        provider_id=key,
        key=key,
        status=TaskStatus.SUCCEEDED if url else TaskStatus.RUNNING,
        provider_status="done" if url else "doing",
        is_terminal=url is not None,
        media=() if url is None else (_picture(key, url),),
    )


def _picture(task_key: str, url: str) -> MediaRecord:
    key = f"{task_key}:0"
    return MediaRecord(
        id=ids.media_id(Provider.CANNED, key),
        provider=Provider.CANNED,
        provider_id=key,
        key=key,
        task_key=task_key,
        details=MediaDetails(urls=(MediaUrl(variant=MediaVariant.PUBLIC, url=url),)),
    )
'''

# file -> what is added to it, and behind what
ADDED = {
    "loaders/records.py": [
        ('MIDJOURNEY = "MIDJOURNEY"\n', '    CANNED = "CANNED"\n'),
        ('"MIDJOURNEY": "Midjourney"', ', "CANNED": "Canned"'),
    ],
    "loaders/sources.py": [
        ("from loaders.account import Account\n", "from loaders.canned import CannedAccount\n"),
        (
            "    Provider.MIDJOURNEY: _midjourney,\n",
            "    Provider.CANNED: lambda _settings, _observer: Source((), lambda *_: CannedAccount()),\n",
        ),
    ],
    "schema/enums.py": [('midjourney-proxy.",\n', '    CANNED="Canned answers.",\n')],
}

QUERY = """{
    task(id: "task:canned:1") { providerStatus media { id url } seeds { value } }
    tasksById(ids: ["canned:2", "task:canned:3"]) { status }
    media(id: "media:canned:1:0") { url task { id } }
    node(id: "task:canned:2") { id }
    tasks(first: 5, filter: { providers: [CANNED] }) { nodes { id } missing { code } }
    providers { provider isConfigured isAvailable capabilities }
}"""

PROGRAM = """
import asyncio, json, sys
from loaders.credentials import Credential
from loaders.records import Provider
from loaders.sources import Sources, SourceSettings
from resolvers.context import RequestContext
from schema import schema

async def main():
    settings = SourceSettings(credentials={Provider.CANNED: Credential({"key": "any"})})
    async with Sources(settings) as sources:
        result = await schema.execute(sys.argv[1], context_value=RequestContext(sources.own()))
        print(json.dumps({"data": result.data, "errors": [str(error) for error in result.errors or ()]}))

asyncio.run(main())
"""


def with_a_fourth_provider(folder: Path) -> None:
    """The program's files that the steps touch, copied and added to."""
    for package in ("loaders", "schema"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "loaders" / "canned.py").write_text(CANNED.lstrip(), encoding="utf-8")
    for name, additions in ADDED.items():
        path = folder / name
        text = path.read_text(encoding="utf-8")
        for behind, added in additions:
            assert text.count(behind) == 1, f"{name} has no single {behind!r} any more"
            text = text.replace(behind, behind + added)
        path.write_text(text, encoding="utf-8")


def answer(folder: Path) -> Any:
    """What the program with the copied files answers."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, QUERY],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_fourth_provider_is_a_file_and_three_lines(tmp_path: Path) -> None:
    """It is looked up, listed, filtered by and shown, with nothing changed in resolvers or the types."""
    with_a_fourth_provider(tmp_path)

    told = answer(tmp_path)

    others = {"isConfigured": False, "isAvailable": False, "capabilities": []}
    assert told == {
        "data": {
            "task": {
                "providerStatus": "done",
                "media": [{"id": "media:canned:1:0", "url": "https://canned.example/1.png"}],
                "seeds": [],
            },
            "tasksById": [{"status": "RUNNING"}, None],
            "media": {"url": "https://canned.example/1.png", "task": {"id": "task:canned:1"}},
            "node": {"id": "task:canned:2"},
            "tasks": {"nodes": [{"id": "task:canned:1"}, {"id": "task:canned:2"}], "missing": []},
            "providers": [
                *({"provider": name} | others for name in ("PIXAI", "MESHY", "MIDJOURNEY")),
                {
                    "provider": "CANNED",
                    "isConfigured": True,
                    "isAvailable": True,
                    "capabilities": ["GET_TASK", "GET_TASKS_BATCH", "LIST_TASKS", "GET_MEDIA"],
                },
            ],
        },
        "errors": [],
    }
