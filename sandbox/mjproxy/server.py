"""The emulated midjourney-proxy and what can be set about it."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.midjourney.files import Files
from sandbox.midjourney.plain_errors import path, plain_errors
from sandbox.midjourney.world import World
from sandbox.mjproxy import access
from sandbox.mjproxy.access import Auth, Flavour
from sandbox.upstream import Upstream

KEY = "sandbox-midjourney-key"


class MidjourneyProxy(Upstream):
    """An upstream with a flavour. All but the last two may be changed while it is being served.

    flavour: whose server it is; decides fields, unknown ids and errors. auth: how `key` must be sent.
    single_object: list-by-condition answers one task as itself, not as a list. seed_delay: seconds that
    image-seed takes, beside each task's own. world: of new-api too. files: behind the URLs, served here.
    """

    def __init__(self, clock: Clock, flavour: Flavour, auth: Auth) -> None:
        super().__init__("mj", KEY, self._error_body, clock)
        self.flavour = flavour
        self.auth = auth
        self.single_object = False
        self.seed_delay = 0.0
        self.world = World(clock)
        self.files = Files(lambda: self.url, self.world, clock)
        self.app.middlewares.insert(0, plain_errors)

    def _error_body(self, status: int, message: str, code: str | None) -> object:
        return access.error_body(self.flavour, status, message, code, path())
