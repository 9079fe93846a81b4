"""new-api's relay of submits: checks of its own, the user's quota, a row each, and codes rewritten."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response, loads
from sandbox.midjourney import presses
from sandbox.midjourney import submit_results as results
from sandbox.midjourney.factory import QUOTA
from sandbox.midjourney.prefixes import in_all_modes
from sandbox.midjourney.records import Json
from sandbox.newapi.access import User
from sandbox.newapi.relay import Answer, guarded, relay_error
from sandbox.newapi.server import NewApi

# submit -> the action of its row; "": the button or the body says it
SUBMITS = {
    "imagine": "IMAGINE",
    "describe": "DESCRIBE",
    "blend": "BLEND",
    "shorten": "SHORTEN",
    "change": "",
    "simple-change": "",
    "action": "",
    "modal": "MODAL",
}
ACCEPTED = (results.SUCCESS, results.EXISTS, results.QUEUED)


class Submits:
    """Under /mj and under /mj-fast/mj and the like."""

    def __init__(self, server: NewApi) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """One per submit, in every mode."""
        return in_all_modes(*(("POST", f"/submit/{name}", guarded(self._submit(name))) for name in SUBMITS))

    def _submit(self, name: str) -> Answer:
        async def handle(request: web.Request, user: User) -> web.Response:
            try:
                body = loads(await request.read())
            except ValueError:
                body = None
            if not isinstance(body, dict):
                return relay_error("bind_request_body_failed")
            action, wrong = self._action(name, body, user)
            quota = QUOTA.get(action, 50_000)
            if wrong is None and self._server.quota < quota:
                wrong = "quota_not_enough"
            if wrong is not None:
                return relay_error(wrong)
            if not self._server.notify_enabled:
                body.pop("notifyHook", None)
            answer = self._server.submits.answer(name, body, user.id)
            if answer["code"] in ACCEPTED:
                self._server.quota -= quota
            else:
                self._server.keep_refused(answer, action, body, user.id)
            return json_response(_rewritten(answer, action))

        return handle

    def _action(self, name: str, body: Json, user: User) -> tuple[str, str | None]:
        """The action of the row, and what the relay itself objects to; None for nothing."""
        action = SUBMITS[name]
        if name in ("imagine", "shorten"):
            return action, None if body.get("prompt") else "prompt_is_required"
        if name in ("describe", "blend"):
            return action, None
        key = body.get("taskId")
        if name == "simple-change":
            change = presses.simple_change(str(body.get("content") or ""))
            if change is None:
                return "", "content_parse_failed" if body.get("content") else "content_is_required"
            key, action = change.task, change.action
        elif not key:
            return "", "task_id_is_required"
        elif name == "change":
            action = str(body.get("action") or "")
            if not action:
                return "", "action_is_required"
            if action != "REROLL" and not body.get("index"):
                return "", "index_is_required"
        elif name == "action":
            action = presses.action_of(str(body.get("customId") or "")) or ""
            if not action:
                return "", "unknown_action"
        task = self._server.world.task(str(key))
        if task is None or not task.listed or task.user != user.id:
            return action, "task_not_found"
        if name != "modal" and task.status != "SUCCESS":
            return action, "task_status_not_success"
        return action, None


def _rewritten(answer: Json, action: str) -> Json:
    """Accepted with another code reads as accepted, except where a confirmation is awaited."""
    hidden = answer["code"] == results.QUEUED or (
        answer["code"] == results.EXISTS and action not in presses.CONFIRMED
    )
    return answer | {"code": results.SUCCESS} if hidden else answer
