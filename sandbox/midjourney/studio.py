"""The Midjourney account that both servers submit to: it queues and starts tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.midjourney import prompts
from sandbox.midjourney import submit_results as results
from sandbox.midjourney.factory import failed
from sandbox.midjourney.records import USER, Json, Task, queued
from sandbox.midjourney.world import World
from sandbox.moderation import banned_word
from sandbox.schedule import RUNS, WAITS, Schedule

SHARES = (0.2, 0.4, 0.6, 0.8)  # of a run, at which its progress is reported


@dataclass(frozen=True, slots=True)
class Press:
    """Who started a task, and how. user: gets the row at new-api; parent, custom_id: of a button; else ""."""

    user: int = USER
    state: str = ""
    hook: str = ""
    parent: str = ""
    custom_id: str = ""


class Studio:
    """core_size: how many tasks run at once; queue_size: how many more may wait, before a submit is refused.

    accounts: False: there is none to run anything. created: ids of the tasks that were started, in order.
    """

    def __init__(self, world: World, clock: Clock) -> None:
        self.core_size = 3
        self.queue_size = 10
        self.accounts = True
        self.created: list[str] = []
        self.changes: Changes[Task] = Changes(clock)
        self._world = world
        self._clock = clock
        self._unfinished: list[str] = []
        for task in world.moving():
            self._follow(task)

    def start(self, action: str, press: Press, source: Task | None = None, given: str | None = None) -> Json:
        """The answer to a submit that starts a task. given: its prompt; None: the source's, or any."""

        def begin(schedule: Schedule) -> Task:
            return self._world.insert(None, action, source, given, schedule=schedule, **asdict(press))

        answer = self._queue(given or "", begin)
        if answer["code"] in (results.SUCCESS, results.QUEUED):
            self.created.append(answer["result"])
        return answer

    def await_confirmation(self, action: str, press: Press, source: Task) -> Json:
        """The answer to a press that opens a window: a task that waits until it is confirmed."""
        whole = self._world.insert(None, action, source, code=results.EXISTS, **asdict(press))
        task = replace(queued(whole), status="MODAL", description=results.CONFIRM)
        self._world.replace(task)
        self.created.append(task.id)
        self.changes.report(task)
        return results.confirmation(task)

    def confirm(self, task: Task, given: str | None, mask: str) -> Json:
        """The answer to the confirmation, which starts it. given: another prompt."""
        return self._queue(
            given or task.prompt, lambda schedule: self._world.begin(task.id, schedule, given, mask)
        )

    def cancel(self, key: str) -> None:
        """Ends an unfinished task as a failure; nothing happens to any other."""
        task = self._world.task(key)
        if task is not None and not task.ended:
            self.changes.report(self._world.end(key, "FAILURE", "取消任务", "取消任务"))

    def _queue(self, prompt: str, begin: Callable[[Schedule], Task]) -> Json:
        """Starts a task now or behind others. begin: makes it, with the schedule that it gets."""
        if not self.accounts:
            return results.refused(results.NOT_FOUND, "OK")
        if (word := banned_word(prompt)) is not None:
            return results.banned(prompt, word)
        now = self._clock()
        ends = sorted(filter(None, map(self._end, self._unfinished)))
        ahead = len(ends) - self.core_size
        if ahead >= self.queue_size:
            return results.refused(results.QUEUE_FULL, "OK")
        waits = WAITS if ahead < 0 else max(WAITS, ends[ahead] - now)
        task = begin(Schedule(now, waits, RUNS))
        if prompts.size_of(prompt) is None:
            task = failed(task, "Invalid parameter: `--ar`")
            self._world.replace(task)
        if ahead >= 0:
            said = results.queued(task, ahead + 1)
            self._world.replace(replace(task, code=results.QUEUED, description=said["description"]))
        self._unfinished = [key for key in self._unfinished if self._end(key)] + [task.id]
        self.changes.report(task.at(now))
        self._follow(task)
        return results.accepted(task) if ahead < 0 else said

    def _end(self, key: str) -> float | None:
        """When an unfinished task ends, in epoch seconds; None for any other."""
        task = self._world.task(key)
        return None if task is None or task.ended or task.schedule is None else task.schedule.ends

    def _follow(self, task: Task) -> None:
        if (plan := task.schedule) is not None:
            shares = (plan.starts + share * plan.runs for share in SHARES)
            instants = (plan.begins + plan.waits / 2, plan.starts, *shares, plan.ends)
            self.changes.follow(lambda: self._world.record(task.row), *instants)
