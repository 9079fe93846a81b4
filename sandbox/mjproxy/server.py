"""The emulated midjourney-proxy and what can be set about it."""

from __future__ import annotations

from sandbox.background import background
from sandbox.clock import Clock
from sandbox.midjourney.files import Files
from sandbox.midjourney.plain_errors import path, plain_errors
from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.studio import Studio
from sandbox.midjourney.submits import Submits
from sandbox.midjourney.world import World
from sandbox.mjproxy import access
from sandbox.mjproxy.access import Auth, Flavour
from sandbox.mjproxy.objects import SHAPES
from sandbox.upstream import Upstream

KEY = "sandbox-midjourney-key"


class MidjourneyProxy(Upstream):
    """An upstream with a flavour. All but the last four may be changed while it is being served.

    flavour: whose server it is; decides fields, unknown ids and errors. auth: how `key` must be sent.
    single_object: list-by-condition answers one task as itself, not as a list. seed_delay: seconds that
    image-seed takes, beside each task's own. numeric_results: submits answer ids as numbers. is_admin: the
    key is an administrator's, who alone may cancel at the C# server. world, studio, submits: of new-api too.
    files: behind the URLs, served here.
    """

    def __init__(self, clock: Clock, flavour: Flavour, auth: Auth) -> None:
        super().__init__("mj", KEY, self._error_body, clock)
        self.flavour = flavour
        self.auth = auth
        self.single_object = False
        self.seed_delay = 0.0
        self.world = World(clock)
        self.files = Files(lambda: self.url, self.world, clock)
        self.numeric_results = False
        self.is_admin = True
        self.studio = Studio(self.world, clock)
        self.submits = Submits(self.studio, self.world, self.files.image)
        self.created = self.studio.created
        self.studio.changes.listen(self._send_hooks)
        self.app.cleanup_ctx.append(background(self.studio.changes.run))
        self.app.middlewares.insert(0, plain_errors)

    def wire(self, task: Task) -> Json:
        """The task as an object of its flavour."""
        return SHAPES[self.flavour](task, self.files)

    def _send_hooks(self, task: Task) -> None:
        if task.proxied:
            for url in {task.hook, self.webhook}:
                self.hooks.send(url, self.wire(task))

    def _error_body(self, status: int, message: str, code: str | None) -> object:
        return access.error_body(self.flavour, status, message, code, path())
