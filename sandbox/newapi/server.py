"""The emulated new-api and what can be set about it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from sandbox.midjourney.factory import refused
from sandbox.midjourney.plain_errors import path, plain_errors
from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.rows import Unit, row
from sandbox.mjproxy import MidjourneyProxy
from sandbox.newapi import access
from sandbox.newapi.access import ADMIN, OTHER, OUTCAST, OWNER, Style
from sandbox.upstream import Upstream

Mode = Literal["paged", "legacy"]


class NewApi(Upstream):
    """An upstream in front of an emulated midjourney-proxy, whose world and files it shares.

    key, user: an access token and its user's id; admin_key, admin_user: an admin's; other_key, other_user:
    another user's; banned_key, banned_user: of one who may not ask. relay_key, other_relay_key: API keys.

    May be changed while it is being served:
    mode: "paged" lists in an envelope, "legacy" bare arrays, pages from 0, no videos. unit: of stored times.
    lenient: time filters in either unit are understood. auth: the style of refusals. forward: image_url is
    this server's own for every row; else the source's, signed when the task finished. null_items: lists
    come as null. quota: of the relay's users together, 500,000 a dollar. notify_enabled: the relay passes
    notifyHook on.
    """

    def __init__(self, source: MidjourneyProxy, mode: Mode, unit: Unit) -> None:
        super().__init__("newapi", OWNER.token, self._error_body, source.clock)
        self.user, self.relay_key = OWNER.id, OWNER.key
        self.admin_user, self.admin_key = ADMIN.id, ADMIN.token
        self.other_user, self.other_key, self.other_relay_key = OTHER.id, OTHER.token, OTHER.key
        self.banned_user, self.banned_key = OUTCAST.id, OUTCAST.token
        self.mode = mode
        self.unit = unit
        self.lenient = False
        self.auth: Style = "old"
        self.forward = True
        self.null_items = False
        self.world = source.world
        self.files = source.files
        self.studio, self.submits = source.studio, source.submits
        self.created = source.created
        self.quota = 100_000_000
        self.notify_enabled = False
        self._source = source
        self.app.middlewares.insert(0, plain_errors)
        self.app.middlewares.append(access.dashboard_page)

    def row(self, task: Task) -> Json:
        """The task as a row of its lists."""
        plain = self.files.image(task, signed=(task.finish or task.submit) / 1000)
        found = row(task, plain, self.files.videos(task), self.unit)
        if self.forward:
            found["image_url"] = f"{self.url}/mj/image/{quote(task.id, safe='')}"
        if self.mode == "legacy":
            del found["video_url"], found["video_urls"]
        return found

    def keep_refused(self, answer: Json, action: str, body: Json, user: int) -> None:
        """A row without an id, for a submit that the source did not accept."""
        said, prompt = answer["description"], str(body.get("prompt") or "")
        task = self.world.insert(None, action, given=prompt, user=user, id="")
        self.world.replace(refused(task, answer["code"], said))

    def seed_delay(self) -> float:
        """Seconds that the source takes to answer any image-seed."""
        return self._source.seed_delay

    def _error_body(self, status: int, message: str, code: str | None) -> object:
        return access.error_body(self.auth, status, message, code, path())
