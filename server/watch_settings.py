"""The settings of subscriptions and hooks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, SecretStr

from loaders.rhythm import WATCHED
from resolvers.subscriptions import SubscriptionLimits
from server.setting_text import Checked, secret

_DEFAULTS = SubscriptionLimits()
_COUNT = "a whole number above 0"
SECRET = "16 to 256 letters, digits, - and _"  # noqa: S105 - what one looks like


def _setting(default: Any, about: str, expected: str, **limits: Any) -> Any:
    return Field(default, description=about, json_schema_extra={"expected": expected}, **limits)


class WatchSettings(BaseModel):
    """Part of Settings."""

    watch_ids: int = _setting(
        _DEFAULTS.ids, "at most this many ids per subscription", _COUNT, gt=0, le=10_000
    )
    watch_seconds: float = _setting(
        _DEFAULTS.seconds,
        "seconds that a subscription lasts at most; its tasks then end with an error that says so",
        "seconds, above 0 and at most 604,800",
        gt=0,
        le=604_800,
    )
    watch_subscriptions: int = _setting(
        _DEFAULTS.at_once,
        "at most this many subscriptions at once; each keeps its tasks' latest state",
        _COUNT,
        gt=0,
    )
    watch_tasks: int = _setting(
        WATCHED,
        "at most this many tasks of each provider watched at once, however many subscribe",
        _COUNT,
        gt=0,
    )
    hook_secret: Annotated[SecretStr, Checked(secret)] | None = _setting(
        None, "opens /hooks/{pixai,meshy,midjourney}/SECRET for webhooks, which hasten updates", SECRET
    )

    def subscription_limits(self) -> SubscriptionLimits:
        """How many subscriptions, how large, for how long."""
        return SubscriptionLimits(
            at_once=self.watch_subscriptions, ids=self.watch_ids, seconds=self.watch_seconds
        )
