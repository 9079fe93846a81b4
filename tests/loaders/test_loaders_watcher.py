"""Any interleaving of reads, parts, whole tasks, broken streams and failing reads ends as the task does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loaders.account import Reader
from loaders.budget import Budget
from loaders.course import Part, Update, is_over
from loaders.errors import Fault
from loaders.mailbox import Mailbox
from loaders.outcome import Outcomes
from loaders.records import Provider, TaskRecord, TaskStatus
from loaders.rhythm import Places, Rhythm
from loaders.stream import Ear, Stream
from loaders.watcher import Watcher
from tests.loaders.test_loaders_course import DONE, FAILED, RUNNING, TASK

COURSE = [TASK, *(replace(RUNNING, progress=percent) for percent in range(0, 100, 10))]
QUICK = Rhythm(quick=0.001, slow=0.01, least=0, patience=60)
ENDS = [DONE, FAILED, replace(FAILED, status=TaskStatus.CANCELED, provider_status="CANCELED")]
STEPS = st.one_of(
    st.sampled_from(["advance", "cut", "connect", "fail", "heal", "join", "leave", "turn", "wait"]),
    st.tuples(st.sampled_from(["part", "whole", "late read"]), st.integers(0, 3)),
)


class World(Reader[TaskRecord], Stream):
    """A source with one task, and everything that can go wrong on the way to it.

    now: where the task is on its course. behind: how many states a read, once, is late.
    """

    def __init__(self, end: TaskRecord) -> None:
        self.course = [*COURSE, end]
        self.now = self.behind = 0
        self.is_failing = self.is_connected = False
        self.followed: set[str] = set()
        self.ear: Ear | None = None

    def state(self, behind: int = 0) -> TaskRecord:
        return self.course[max(0, self.now - behind)]

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[TaskRecord]:
        found = self.state(self.behind)
        self.behind = 0
        is_failing = self.is_failing
        for _ in range(3):
            await asyncio.sleep(0)
        return {key: Fault("down", provider=Provider.MESHY) if is_failing else found for key in keys}

    def invalidate(self, key: str) -> None:
        pass

    def follow(self, key: str) -> None:
        self.followed.add(key)

    def leave(self, key: str) -> None:
        self.followed.remove(key)

    def is_live(self, key: str) -> bool:
        return self.is_connected and key in self.followed

    async def close(self) -> None:
        pass

    def say(self, what: str, behind: int) -> None:
        """Over the stream, where it is connected: a part of the task, or all of it; late, or again."""
        task = self.state(behind)
        if self.ear is None or not self.is_live(TASK.key):
            return
        if what == "whole" or is_over(task):
            self.ear.whole(task)
        else:
            self.ear.part(TASK.key, Part(task.status, task.provider_status, task.progress))

    def disconnect(self) -> None:
        self.is_connected = False
        if self.ear is not None and TASK.key in self.followed:
            self.ear.look(TASK.key)

    def listen(self, ear: Ear) -> Stream:
        self.ear = ear
        return self


class Subscriber:
    """updates: what it has read. is_slow: it reads nothing until the end of the play."""

    def __init__(self, watcher: Watcher, *, is_slow: bool = False) -> None:
        self._watcher = watcher
        self._mailbox = Mailbox()
        self.updates: list[Update] = []
        watcher.join(TASK.key, self._mailbox, "a")
        self._reading = None if is_slow else asyncio.create_task(self._read())

    def leave(self) -> None:
        self._watcher.leave(TASK.key, self._mailbox, "a")
        self._mailbox.close()

    async def read(self) -> None:
        """To the end."""
        await (self._reading or self._read())

    async def _read(self) -> None:
        async for _, update in self._mailbox:
            self.updates.append(update)
            if update.is_last:
                self._mailbox.close()


async def play(end: TaskRecord, steps: list[str | tuple[str, int]]) -> tuple[list[Subscriber], Places]:
    world, places = World(end), Places(10)
    watcher = Watcher(
        world,
        provider=Provider.MESHY,
        places=places,
        rhythm=QUICK,
        seconds=5,
        changed=lambda: None,
        remember=lambda _, _task: None,
        stream=world.listen,
    )
    subscribers = [Subscriber(watcher), Subscriber(watcher, is_slow=True)]
    gone: list[Subscriber] = []
    await asyncio.sleep(0.002)
    for step in steps:
        match step:
            case "advance":
                world.now = min(world.now + 1, len(world.course) - 1)
            case "cut":
                world.disconnect()
            case "connect":
                world.is_connected = True
            case "fail" | "heal":
                world.is_failing = step == "fail" and bool(subscribers) and not watcher.is_idle
            case "join" if not world.is_failing:
                subscribers.append(Subscriber(watcher, is_slow=len(subscribers) % 2 == 0))
            case "leave" if len(subscribers) > 2:
                gone.append(subscribers.pop())
                gone[-1].leave()
            case "wait":
                await asyncio.sleep(0.002)
            case (str(what), int(behind)) if what == "late read":
                world.behind = behind
            case (str(what), int(behind)):
                world.say(what, behind)
        await asyncio.sleep(0)
    world.is_failing = False
    world.now = len(world.course) - 1
    world.disconnect()
    async with asyncio.timeout(10):
        await asyncio.gather(*(subscriber.read() for subscriber in [*subscribers, *gone]))
    assert watcher.is_idle
    assert world.followed == set()
    await watcher.close()
    return subscribers, places


@given(st.sampled_from(ENDS), st.lists(STEPS, max_size=40))
def test_every_interleaving_ends_as_its_task_does(
    end: TaskRecord, steps: list[str | tuple[str, int]]
) -> None:
    """Every subscriber gets the end, once and last; nothing before it runs backwards; every place is free."""
    subscribers, places = asyncio.run(play(end, steps))

    for subscriber in subscribers:
        *before, last = subscriber.updates
        assert last.task is not None
        assert (last.task.status, last.is_last) == (end.status, True)
        assert not any(update.is_last for update in before)
        tasks = [update.task for update in subscriber.updates]
        assert all(task is not None for task in tasks)
        reached = [(task.status is not TaskStatus.QUEUED, task.progress or 0) for task in tasks if task]
        assert reached == sorted(reached)
    assert places.taken == 0
