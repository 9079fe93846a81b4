"""One credential at one source, as ports: what it can be read by, listed by, changed by and watched by.

    reads   TaskReads             look-ups by key
    lists   Lister | None         the tasks, newest first
    writes  TaskWrites | None     whatever changes something
    watch   TaskWatch | None      changes as they happen

A source fills in those that it has. What it can do (`capabilities`) follows from them and is written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.cache import Kept
from loaders.changes import Changes
from loaders.creations import ButtonPress, Creation, FileUpload
from loaders.listing import Lister
from loaders.mailbox import Mailbox
from loaders.outcome import Outcomes
from loaders.records import Capability, MediaRecord, Provider, SeedAnswer, TaskRecord

V = TypeVar("V")


class Reader(Protocol[V]):
    """Looks things up by key, for many operations at once."""

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[V]:
        """What is behind each key, or why it is not known; an absent key has no entry. Bugs raise.

        What is not there by the budget's deadline is a TimedOut of this caller alone.
        """
        ...

    def kept(self, _key: str, /) -> Kept[V] | None:
        """What `get` would find without asking anybody; None where it would ask, or keeps nothing."""
        return None

    def hit(self, _keys: int, /) -> None:
        """So many keys were served by an answer that was made of kept values, without `get`."""
        return

    def invalidate(self, key: str) -> None:
        """Forget the key: later readers ask anew, and what is in flight is not kept."""
        ...

    async def close(self) -> None:
        """Let go of what is under way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReads:
    """Look-ups by key.

    seeds: by the task's key, where seeds take a call of their own (Midjourney); None where they come with the
    task, or not at all. is_batched: whether one call carries many tasks. tells_seeds: whether it knows any.
    """

    tasks: Reader[TaskRecord]
    media: Reader[MediaRecord]
    seeds: Reader[SeedAnswer] | None = None
    is_batched: bool = False
    tells_seeds: bool = False

    def capabilities(self) -> Iterable[Capability]:
        """What these look-ups amount to."""
        yield from (Capability.GET_TASK, Capability.GET_MEDIA)
        if self.is_batched:
            yield Capability.GET_TASKS_BATCH
        if self.tells_seeds:
            yield Capability.GET_SEED


class TaskWrites(Protocol):
    """Whatever changes something at the source. Each request is sent at most once (loaders/send_once.py).

    Every method checks what it was given before it sends anything and raises BadInput, naming the
    argument. Raises SourceError where nothing was done, OutcomeUnknown where something may have been, and
    NotSupported for what this source, or this task, does not offer. A caller that is cancelled does not know
    what was done: run each in a task of its own.
    """

    def capabilities(self) -> Iterable[Capability]:
        """Which changes it takes."""
        ...

    async def create(self, creation: Creation) -> str:
        """The new task's key."""
        ...

    async def rerun(self, task: TaskRecord) -> str:
        """The key of a new task like this one."""
        ...

    async def press(self, task: TaskRecord, button: ButtonPress) -> str:
        """The key of the task that the button started, or of the same task where it only moved on."""
        ...

    async def cancel(self, key: str) -> None:
        """Stop a task that waits or runs."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a task and its results."""
        ...

    async def upload(self, file: FileUpload) -> str:
        """The new picture's key."""
        ...


class TaskWatch(Protocol):
    """Tells changes of tasks as they happen, each task watched once however many want to know."""

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches anything."""
        ...

    def join(self, key: str, mailbox: Mailbox, name: str) -> None:
        """Put the task into the mailbox, then every change of it until the last. Raises LimitExceeded.

        name: what the mailbox calls the task.
        """
        ...

    def leave(self, key: str, mailbox: Mailbox, name: str) -> None:
        """The reader wants no more of it."""
        ...

    def wake(self, key: str) -> None:
        """Somebody says that the task has changed: look at it soon, if anybody watches it."""
        ...

    async def close(self) -> None:
        """End everything; who still reads is told so."""
        ...


class Account:
    """The operations that a source offers to one credential. A source makes one by filling in its ports.

    fingerprint: of its credential (loaders.credentials). lists: None where it cannot list, which may turn out
    while running. changes: of all that belong together; those of the process, unless it is given others.
    """

    provider: Provider
    fingerprint: str = ""
    breaker: Breaker
    reads: TaskReads
    lists: Lister | None = None
    changes: Changes = Changes()
    writes: TaskWrites | None = None
    watch: TaskWatch | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do now, as its ports say."""
        found = set(self.reads.capabilities())
        if self.lists is not None:
            found.update(self.lists.capabilities())
        if self.writes is not None:
            found.update(self.writes.capabilities())
        if self.watch is not None:
            found.add(Capability.WATCH)
        return frozenset(found)

    def keys_of(self, provider_id: str) -> list[str]:
        """The keys that a task with this upstream id may have here; [] where there can be none."""
        return [provider_id] if provider_id else []

    def invalidate(self, key: str) -> None:
        """After a change of a task: whoever looks it up, or lists, from now on asks anew."""
        self.reads.tasks.invalidate(key)
        self.has_changed()

    def has_changed(self) -> None:
        """Whoever asks from now on does not join what was asked before."""
        self.changes.add()

    def heard(self) -> int:
        """How many changes there were so far."""
        return self.changes.count

    def wake(self, provider_id: str) -> None:
        """Somebody says that the task with this upstream id has changed: whoever watches it looks."""
        if self.watch is not None:
            for key in self.keys_of(provider_id):
                self.watch.wake(key)

    async def image_url(self, _key: str) -> str | None:
        """A fresh address of a picture, from an endpoint made for it; None where there is none."""
        return None

    async def close(self) -> None:
        """Let go of what is under way."""
        if self.watch is not None:
            await self.watch.close()
        for reader in (self.reads.tasks, self.reads.media, self.reads.seeds):
            if reader is not None:
                await reader.close()
