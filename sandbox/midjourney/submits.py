"""Submits: what each expects of its body, in the order in which midjourney-proxy checks it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace

from sandbox.midjourney import presses
from sandbox.midjourney import submit_results as results
from sandbox.midjourney.records import USER, Json, Task
from sandbox.midjourney.studio import Press, Studio
from sandbox.midjourney.world import World

DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,(.+)", re.DOTALL)
MAX_STATE = 255  # characters
BOTS = (None, "", "MID_JOURNEY", "NIJI_JOURNEY")
DIMENSIONS = (None, "", "PORTRAIT", "SQUARE", "LANDSCAPE")
NO_TASK = "关联任务不存在或已失效"
WRONG_STATUS = "关联任务状态错误"
GRIDS = ("IMAGINE", "VARIATION", "REROLL", "BLEND")


class Submits:
    """image: the URL of a task's picture."""

    def __init__(self, studio: Studio, world: World, image: Callable[[Task], str]) -> None:
        self._studio = studio
        self._world = world
        self._image = image
        self._handlers: dict[str, Callable[[Json, Press], Json]] = {
            "imagine": self._imagine,
            "describe": self._describe,
            "blend": self._blend,
            "shorten": self._shorten,
            "change": self._change,
            "simple-change": self._simple_change,
            "action": self._action,
            "modal": self._modal,
        }

    def answer(self, name: str, body: Json, user: int = USER) -> Json:
        """What `/submit/<name>` answers. user: gets the row at new-api."""
        state, hook = str(body.get("state") or ""), body.get("notifyHook")
        if len(state) > MAX_STATE:
            return results.invalid("state长度不能超过255")
        return self._handlers[name](body, Press(user, state, hook if isinstance(hook, str) else ""))

    def _imagine(self, body: Json, press: Press) -> Json:
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            return results.invalid("prompt不能为空")
        if body.get("botType") not in BOTS:
            return results.invalid("botType参数错误")
        images = body.get("base64Array") or ([body["base64"]] if body.get("base64") else [])
        if not isinstance(images, list) or not all(map(_is_image, images)):
            return results.invalid("base64格式错误")
        return self._studio.start("IMAGINE", press, given=prompt.strip())

    def _describe(self, body: Json, press: Press) -> Json:
        link = body.get("link")
        if not body.get("base64") and not link:
            return results.invalid("base64不能为空")
        if body.get("base64") and not _is_image(body["base64"]):
            return results.invalid("base64格式错误")
        return self._studio.start("DESCRIBE", press)

    def _blend(self, body: Json, press: Press) -> Json:
        images = body.get("base64Array")
        if not isinstance(images, list) or not 2 <= len(images) <= 5:
            return results.invalid("base64List参数错误")
        if not all(map(_is_image, images)):
            return results.invalid("base64格式错误")
        if body.get("dimensions") not in DIMENSIONS:
            return results.invalid("dimensions参数错误")
        return self._studio.start("BLEND", press, given="")

    def _shorten(self, body: Json, press: Press) -> Json:
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            return results.invalid("prompt不能为空")
        return self._studio.start("SHORTEN", press, given=prompt.strip())

    def _simple_change(self, body: Json, press: Press) -> Json:
        change = presses.simple_change(str(body.get("content") or ""))
        return results.invalid("content参数错误") if change is None else self._changed(change, press)

    def _change(self, body: Json, press: Press) -> Json:
        key, action, index = body.get("taskId"), body.get("action"), body.get("index")
        if not key:
            return results.invalid("taskId不能为空")
        if not isinstance(action, str) or action not in presses.KINDS:
            return results.invalid("action参数错误")
        if action != "REROLL" and (type(index) is not int or index not in range(1, 5)):
            return results.invalid("index参数错误")
        change = presses.Change(str(key), action, 0 if action == "REROLL" else int(index or 0))
        return self._changed(change, press)

    def _changed(self, change: presses.Change, press: Press) -> Json:
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
        pressed = replace(press, parent=source.id, custom_id=offered[0])
        return self._studio.start(change.action, pressed, source)

    def _action(self, body: Json, press: Press) -> Json:
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
        pressed = replace(press, parent=source.id, custom_id=custom_id)
        begin = self._studio.await_confirmation if action in presses.CONFIRMED else self._studio.start
        return begin(action, pressed, source)

    def _modal(self, body: Json, _press: Press) -> Json:
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
        return self._studio.confirm(task, given, mask or "")


def _is_image(value: object) -> bool:
    found = DATA_URI.fullmatch(value) if isinstance(value, str) else None
    try:
        return found is not None and bool(base64.b64decode(found[1], validate=True))
    except ValueError:
        return False
