"""The emulated PixAI: its account, its tasks and media, and the files behind their URLs."""

from __future__ import annotations

from sandbox.background import background
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.pixai import parameters as rules
from sandbox.pixai import task_object
from sandbox.pixai.access import error_body
from sandbox.pixai.files import Files
from sandbox.pixai.records import Json, Media, Task
from sandbox.pixai.uploads import Uploads
from sandbox.pixai.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-pixai-key"
PRICE = 1_000  # of a picture
UNFINISHED = ("waiting", "running")


class Refused(Exception):
    """PixAI does not do it. status: of a REST answer; code: of an error in GraphQL."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Pixai(Upstream):
    """An upstream with one account.

    quota: credits that are left. max_concurrent: how many tasks that were created may be unfinished.
    changes: of all tasks, as `personalEvents` and webhooks report them.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__("pixai", KEY, error_body, clock)
        self.quota = 1_000_000
        self.max_concurrent = 10
        self.world = World(clock())
        self.files = Files(lambda: self.url, self.world, clock)
        self.uploads = Uploads(clock)
        self.changes: Changes[Task] = Changes(clock)
        self.changes.listen(self._send_hooks)
        self.app.cleanup_ctx.append(background(self.changes.run))
        self._unfinished: list[str] = []
        for key in self.world.moving():
            self._follow(key)

    def create(self, parameters: Json, callback: str | None = None) -> Task:
        """A new task. callback: a URL to notify of its changes. Raises Refused."""
        try:
            rules.check(parameters, self._has_media)
        except ValueError as error:
            raise Refused(400, "BAD_USER_INPUT", str(error)) from None
        self._unfinished = [key for key in self._unfinished if self._is_unfinished(key)]
        if len(self._unfinished) >= self.max_concurrent:
            message = f"Only {self.max_concurrent} tasks may be waiting or running"
            raise Refused(429, "TOO_MANY_TASKS", message)
        price = PRICE * (parameters.get("batchSize") or 1)
        if price > self.quota:
            raise Refused(402, "INSUFFICIENT_BALANCE", "Insufficient balance")
        self.quota -= price
        task = self.world.create(parameters, self.clock(), callback)
        self.created.append(task.id)
        self._unfinished.append(task.id)
        self._follow(task.id)
        self.changes.report(task)
        return task

    def rerun(self, key: str) -> Task | None:
        """A new task with the same parameters; None where there is no such task. Raises Refused."""
        task = self.world.task(key, self.clock())
        return None if task is None else self.create(task.parameters or {})

    def cancel(self, key: str, reason: str | None) -> Task | None:
        """The task, which ends now unless it has ended; None where there is none."""
        before = self.world.task(key, self.clock())
        task = self.world.cancel(key, reason, self.clock())
        if task is not None and before is not None and task.status != before.status:
            self.changes.report(task)
        return task

    def register(self, external_id: str, kind: str, *, private: bool) -> Media:
        """The uploaded file as media. Raises Refused."""
        try:
            media = self.uploads.register(external_id, kind, private=private)
        except ValueError as error:
            raise Refused(400, "BAD_USER_INPUT", str(error)) from None
        self.world.add_media(media)
        return media

    def _has_media(self, key: str) -> bool:
        return self.world.media(key, self.clock()) is not None

    def _is_unfinished(self, key: str) -> bool:
        task = self.world.task(key, self.clock())
        return task is not None and task.status in UNFINISHED

    def _follow(self, key: str) -> None:
        task = self.world.record(key)
        if task is not None and task.schedule is not None:
            self.changes.follow(lambda: self.world.record(key), task.schedule.starts, task.schedule.ends)

    def _send_hooks(self, task: Task) -> None:
        if self.webhook:
            self.hooks.send(self.webhook, task_object.account_hook(task, self.webhook, self.clock()))
        if task.callback:
            self.hooks.send(task.callback, task_object.callback(task, self.world, self.files))
