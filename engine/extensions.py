"""What an answer says of its own operation, where the request asks for it in its `extensions`.

    "extensions": {"cost": true, "plan": true}      in an HTTP request, each by itself or both

cost: the estimate that the limits judge (fields, calls), and what was counted (shown, bytes):

    "cost": {"fields": 812, "calls": 2, "shown": 640, "bytes": 31755,
             "limits": {"fields": 30000, "calls": 2500, "bytes": 16777216}}

plan: the steps that the operation took, as `triptych explain --run` prints them, or why no plan executes it:

    "plan": {"fallback": null,
             "estimate": {"fields": 2, "calls": 1, "limits": {"fields": 30000, "calls": 2500}},
             "waves": 1,
             "steps": [{"wave": 1, "loads": "media PIXAI", "keys": 1, "firstKeys": ["45960"], "calls": 1,
                        "fields": ["Query.media"]}]}

Strawberry hands on no extensions of a WebSocket's `subscribe`, so that none are answered there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.entry import Estimate
from engine.limits import Limits
from engine.observed import Observation, waves
from engine.running import Spent


def asks(request: Mapping[str, Any] | None, name: str) -> bool:
    """Whether a request's `extensions` ask for the extension of that name."""
    return request is not None and request.get(name) is True


def cost(estimate: Estimate, spent: Spent, limits: Limits) -> dict[str, Any]:
    """`extensions.cost`."""
    return {
        "fields": estimate.fields,
        "calls": estimate.calls,
        "shown": spent.fields,
        "bytes": spent.bytes,
        "limits": _limits(limits, "fields", "calls", "bytes"),
    }


def plan(observed: Observation, estimate: Estimate | None, limits: Limits) -> dict[str, Any]:
    """`extensions.plan`. estimate: None where limits are off, or only measured and exceeded."""
    steps = observed.steps or ()
    return {
        "fallback": observed.unplanned,
        "estimate": None
        if estimate is None
        else {
            "fields": estimate.fields,
            "calls": estimate.calls,
            "limits": _limits(limits, "fields", "calls"),
        },
        "waves": waves(steps),
        "steps": [step.as_json() for step in steps],
    }


def _limits(limits: Limits, *names: str) -> dict[str, int]:
    return {name: getattr(limits, name) for name in names}
