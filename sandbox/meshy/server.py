"""The emulated Meshy: its tasks and credits, and the files behind its URLs."""

from __future__ import annotations

from sandbox.background import background
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.meshy.access import error_body
from sandbox.meshy.files import Files
from sandbox.meshy.records import Task
from sandbox.meshy.request_parsing import CreateRequest
from sandbox.meshy.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-meshy-key"


class Meshy(Upstream):
    """An upstream with one account. changes: of all tasks, as the webhook reports them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("meshy", KEY, error_body, clock)
        self.world = World(clock())
        self.files = Files(lambda: self.url, self.world, clock)
        self.changes: Changes[Task] = Changes(clock)
        self.changes.listen(lambda task: self.hooks.send(self.webhook, self.files.wire(task)))
        self.app.cleanup_ctx.append(background(self.changes.run))
        for task in self.world.moving():
            self._follow(task)

    def create(self, resource: str, parameters: CreateRequest) -> Task | None:
        """A new task; None where the credits do not suffice."""
        task = self.world.create(
            resource, parameters.model, parameters.prompt, self.clock(), multi_view=parameters.multi_view
        )
        if task is not None:
            self.created.append(task.id)
            self.changes.report(task)
            self._follow(task)
        return task

    def _follow(self, task: Task) -> None:
        if task.schedule is not None:
            instants = (task.schedule.starts, task.schedule.ends)
            self.changes.follow(lambda: self.world.record(task.resource, task.id), *instants)
