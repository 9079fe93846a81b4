"""What one operation's plan does while it runs: the keys that each wave loads; or why there is no plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.cost import calls
from engine.cost.calls import Prices
from engine.plan.run import Call, Run, Waiting
from engine.plan.shape import Site

NAMED = 10  # keys that a step names: a wave may load thousands


@dataclass(frozen=True, slots=True)
class Step:
    """Keys that one loader is given in one wave, or one resolver that is called.

    loads: "media PIXAI", or the resolver's field. keys: how many; None for a resolver. calls: upstream, where
    none is saved by a cache; None where they are not known. fields: that wait for it. first_keys: ten of the
    keys at most, as the source spells them.
    """

    wave: int
    loads: str
    keys: int | None
    calls: int | None
    fields: tuple[str, ...]
    first_keys: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `extensions.plan` shows it, and `triptych explain` its rows."""
        return {
            "wave": self.wave,
            "loads": self.loads,
            "keys": self.keys,
            "firstKeys": list(self.first_keys),
            "calls": self.calls,
            "fields": list(self.fields),
        }


def waves(steps: Sequence[Step]) -> int:
    """How many waves the steps make."""
    return max((step.wave for step in steps), default=0)


@dataclass(slots=True)
class Observation:
    """Of one operation, filled in while it is executed.

    unplanned: why no plan executes it; None where one does. steps: of the plan; None until it runs. Where
    variables are refused, both stay None.
    """

    prices: Prices
    unplanned: str | None = None
    steps: list[Step] | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to tell."""
        return self.unplanned is not None or self.steps is not None


class ObservedRun(Run):
    """Adds the steps of each wave to an observation."""

    def __init__(self, observation: Observation, *args: Any) -> None:
        super().__init__(*args)
        self._prices = observation.prices
        self._steps: list[Step] = []
        self._wave = 0
        observation.steps = self._steps

    def dispatched(self, waiting: Waiting, calls_: list[Call]) -> None:
        """One wave."""
        if not waiting and not calls_:  # it only waits for what an earlier one has begun
            return
        self._wave += 1
        for site, _, _ in calls_:
            name = f"{site.parent}.{site.nodes[0].name.value}"
            listed = self._listed(site) if name == "Query.tasks" else None
            self._steps.append(Step(self._wave, name, None, listed, (name,)))
        for (provider, loader), keys in waiting.items():
            fields = dict.fromkeys(
                f"{site.parent}.{site.nodes[0].name.value}"
                for waiters in keys.values()
                for _, group, *_ in waiters
                for site in group.sites
            )
            made = calls.of_keys(loader, provider, len(keys), self._prices)
            named = tuple(islice(keys, NAMED))
            self._steps.append(
                Step(self._wave, f"{loader} {provider}", len(keys), made, tuple(fields), named)
            )

    def _listed(self, site: Site) -> int | None:
        """At least: one list call for each source. What a filter takes depends on what the sources have."""
        return len(self.context.accounts) if self.arguments(site).get("filter") is None else None
