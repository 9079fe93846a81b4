"""What goes wrong, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.chaos.server import SOURCE_DEADLINE
from benchmarks.chaos.upstreams import Restartable
from sandbox.faults import Fault

SILENT = "*: latency=60"
EVERYWHERE = (
    *("*: status=400", "*: status=401", "*: status=402", "*: status=403", "*: status=429"),
    *("*: status=429 retry-after=1", "*: status=500", "*: status=503", "*: reset", "*: answer-lost"),
    *(
        "*: truncated",
        "*: html",
        "*: html status=502",
        "*: not-json",
        "*: latency=0.3",
        "*: answer-delay=0.3",
    ),
    SILENT,
)
PIXAI = (
    *("POST /graphql: partial-errors=0.3", "POST /graphql: document-error"),
    *("POST /graphql: document-error status=400", "POST /graphql: max-aliases=7"),
)
NO_LISTS = "POST /graphql: no-lists"
# image-seed may take a minute by its contract: a silent one is waited for long after it has come back
SILENT_MJ = "POST /mj/task/list-by-condition: latency=60"


@dataclass(frozen=True, slots=True)
class Phase:
    """One source fails in one way. fault: as `Fault.parse` reads it; None: it stops, and starts again."""

    source: str
    fault: str | None

    @property
    def name(self) -> str:
        """For the table."""
        return f"{self.source} {'stopped' if self.fault is None else self.fault.removeprefix('*: ')}"

    @property
    def is_lasting(self) -> bool:
        """Whether Triptych believes the source for ten minutes: that a key may not list is no outage."""
        return self.fault == NO_LISTS

    def lasts(self, seconds: float) -> float:
        """A silent source is called silent only after its deadline, and should be left alone from then on."""
        is_silent = self.fault in (SILENT, SILENT_MJ)
        return seconds + (SOURCE_DEADLINE if is_silent else 0)

    async def begin(self, upstream: Restartable) -> None:
        """From now on."""
        if self.fault is None:
            await upstream.stop()
        else:
            upstream.upstream.arm(Fault.parse(self.fault))

    async def end(self, upstream: Restartable) -> None:
        """No longer."""
        if self.fault is None:
            await upstream.start()
        else:
            upstream.upstream.heal()


def every() -> list[Phase]:
    """Each fault of each source, and its restart; sources take turns, so that each can rest."""
    found = [[*EVERYWHERE, *PIXAI], [*EVERYWHERE], [*EVERYWHERE], [*EVERYWHERE]]
    phases = []
    for place in range(max(map(len, found))):
        for source, faults in zip(("pixai", "meshy", "newapi", "mj"), found, strict=True):
            if place < len(faults):
                is_silent_mj = source == "mj" and faults[place] == SILENT
                phases.append(Phase(source, SILENT_MJ if is_silent_mj else faults[place]))
    restarts = [Phase(source, None) for source in ("pixai", "meshy", "newapi", "mj")]
    return [*phases, *restarts, Phase("pixai", NO_LISTS)]
