"""The Midjourney account that both servers submit to: it checks, queues and starts tasks."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.midjourney import presses, prompts
from sandbox.midjourney import submit_results as results
from sandbox.midjourney.factory import failed
from sandbox.midjourney.records import USER, Json, Task, queued
from sandbox.midjourney.world import World
from sandbox.moderation import banned_word
from sandbox.schedule import RUNS, WAITS, Schedule

DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,(.+)", re.DOTALL)
SHARES = (0.2, 0.4, 0.6, 0.8)  # of a run, at which its progress is reported
MAX_STATE = 255  # characters
BOTS = (None, "", "MID_JOURNEY", "NIJI_JOURNEY")
DIMENSIONS = (None, "", "PORTRAIT", "SQUARE", "LANDSCAPE")
NO_TASK = "关联任务不存在或已失效"
WRONG_STATUS = "关联任务状态错误"
GRIDS = ("IMAGINE", "VARIATION", "REROLL", "BLEND")


class Studio:
    """core_size: how many tasks run at once; queue_size: how many more may wait, before a submit is refused.

    accounts: False: there is none to run anything. created: ids of the tasks that were started, in order.
    """

    def __init__(self, world: World, clock: Clock, image: Callable[[Task], str]) -> None:
        self.core_size = 3
        self.queue_size = 10
        self.accounts = True
        self.created: list[str] = []
        self.changes: Changes[Task] = Changes(clock)
        self._world = world
        self._clock = clock
        self._image = image
        self._unfinished: list[str] = []
        for task in world.moving():
            self._follow(task)

    def submit(self, name: str, body: Json, user: int = USER) -> Json:
        """The answer to `/submit/<name>`, whose own checks come first. user: who gets the row."""
        if len(str(body.get("state") or "")) > MAX_STATE:
            return results.invalid("state长度不能超过255")
        handlers: dict[str, Callable[[Json, int], Json]] = {
            "imagine": self._imagine,
            "describe": self._describe,
            "blend": self._blend,
            "shorten": self._shorten,
            "change": self._change,
            "simple-change": self._simple_change,
            "action": self._action,
            "modal": self._modal,
        }
        return handlers[name](body, user)

    def cancel(self, key: str) -> None:
        """Ends an unfinished task as a failure; nothing happens to any other."""
        task = self._world.task(key)
        if task is not None and not task.ended:
            self.changes.report(self._world.end(key, "FAILURE", "取消任务", "取消任务"))

    def _imagine(self, body: Json, user: int) -> Json:
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            return results.invalid("prompt不能为空")
        if body.get("botType") not in BOTS:
            return results.invalid("botType参数错误")
        images = body.get("base64Array") or ([body["base64"]] if body.get("base64") else [])
        if not isinstance(images, list) or not all(map(_is_image, images)):
            return results.invalid("base64格式错误")
        return self._start("IMAGINE", body, user, given=prompt.strip())

    def _describe(self, body: Json, user: int) -> Json:
        link = body.get("link")
        if not body.get("base64") and not link:
            return results.invalid("base64不能为空")
        if body.get("base64") and not _is_image(body["base64"]):
            return results.invalid("base64格式错误")
        return self._start("DESCRIBE", body, user)

    def _blend(self, body: Json, user: int) -> Json:
        images = body.get("base64Array")
        if not isinstance(images, list) or not 2 <= len(images) <= 5:
            return results.invalid("base64List参数错误")
        if not all(map(_is_image, images)):
            return results.invalid("base64格式错误")
        if body.get("dimensions") not in DIMENSIONS:
            return results.invalid("dimensions参数错误")
        return self._start("BLEND", body, user, given="")

    def _shorten(self, body: Json, user: int) -> Json:
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            return results.invalid("prompt不能为空")
        return self._start("SHORTEN", body, user, given=prompt.strip())

    def _simple_change(self, body: Json, user: int) -> Json:
        change = presses.simple_change(str(body.get("content") or ""))
        return results.invalid("content参数错误") if change is None else self._press(change, body, user)

    def _change(self, body: Json, user: int) -> Json:
        key, action, index = body.get("taskId"), body.get("action"), body.get("index")
        if not key:
            return results.invalid("taskId不能为空")
        if action not in presses.KINDS:
            return results.invalid("action参数错误")
        if action != "REROLL" and (not isinstance(index, int) or index not in range(1, 5)):
            return results.invalid("index参数错误")
        change = presses.Change(str(key), action, 0 if action == "REROLL" else int(index or 0))
        return self._press(change, body, user)

    def _press(self, change: presses.Change, body: Json, user: int) -> Json:
        source = self._world.task(change.task)
        if source is None:
            return results.result(results.NOT_FOUND, NO_TASK)
        if source.status != "SUCCESS":
            return results.invalid(WRONG_STATUS)
        offered = [one["customId"] for one in source.buttons if one["customId"].startswith(change.prefix)]
        if source.action not in GRIDS or not offered:
            return results.invalid("关联任务不允许执行变化")
        if change.action == "UPSCALE":
            for one in self._world:
                if (one.parent, one.custom_id) == (source.id, offered[0]):
                    return results.exists(one, self._image(one))
        return self._start(change.action, body, user, source, custom_id=offered[0])

    def _action(self, body: Json, user: int) -> Json:
        key, custom_id = body.get("taskId"), body.get("customId")
        if not key or not isinstance(custom_id, str) or not custom_id:
            return results.invalid("taskId或customId不能为空")
        source = self._world.task(str(key))
        if source is None:
            return results.result(results.NOT_FOUND, NO_TASK)
        if source.status != "SUCCESS":
            return results.invalid(WRONG_STATUS)
        action = presses.action_of(custom_id)
        if custom_id not in [one["customId"] for one in source.buttons]:
            return results.invalid("customId参数错误")
        if custom_id.startswith(presses.BOOKMARK):
            return results.accepted(source)
        if action is None:
            return results.invalid("customId参数错误")
        if action in presses.CONFIRMED:
            return results.confirmation(self._await_confirmation(action, body, user, source, custom_id))
        return self._start(action, body, user, source, custom_id=custom_id)

    def _modal(self, body: Json, _user: int) -> Json:
        key, prompt, mask = str(body.get("taskId") or ""), body.get("prompt"), body.get("maskBase64")
        if not key:
            return results.invalid("taskId不能为空")
        task = self._world.task(key)
        if task is None:
            return results.result(results.NOT_FOUND, NO_TASK)
        if task.status != "MODAL":
            return results.invalid(WRONG_STATUS)
        if task.action == "INPAINT" and not mask:
            return results.invalid("maskBase64不能为空")
        if mask and not _is_image(mask):
            return results.invalid("maskBase64格式错误")
        given = prompt.strip() or None if isinstance(prompt, str) else None
        return self._queue(
            given or task.prompt, lambda schedule: self._world.begin(key, schedule, given, mask or "")
        )

    def _await_confirmation(self, action: str, body: Json, user: int, source: Task, custom_id: str) -> Task:
        fields = _fields(body, user) | {"parent": source.id, "custom_id": custom_id, "code": results.EXISTS}
        whole = self._world.insert(None, action, source, **fields)
        task = replace(queued(whole), status="MODAL", description=results.CONFIRM)
        self._world.replace(task)
        self.created.append(task.id)
        self.changes.report(task)
        return task

    def _start(
        self,
        action: str,
        body: Json,
        user: int,
        source: Task | None = None,
        given: str | None = None,
        custom_id: str = "",
    ) -> Json:
        fields = _fields(body, user) | {"custom_id": custom_id, "parent": source.id if source else ""}

        def begin(schedule: Schedule) -> Task:
            return self._world.insert(None, action, source, given, schedule=schedule, **fields)

        answer = self._queue(given or "", begin)
        if answer["code"] in (results.SUCCESS, results.QUEUED):
            self.created.append(answer["result"])
        return answer

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


def _fields(body: Json, user: int) -> dict[str, Any]:
    hook = body.get("notifyHook")
    return {
        "user": user,
        "state": str(body.get("state") or ""),
        "hook": hook if isinstance(hook, str) else "",
    }


def _is_image(value: object) -> bool:
    found = DATA_URI.fullmatch(value) if isinstance(value, str) else None
    try:
        return found is not None and bool(base64.b64decode(found[1], validate=True))
    except ValueError:
        return False
