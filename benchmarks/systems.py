"""The systems that are measured: how each is set up, started and asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import dialects
from benchmarks.dialects import Dialect
from benchmarks.peers import hive, tailcall, yoga
from benchmarks.work import FLOORED, HUGE, SOURCES, Work

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
# Triptych's settings, the stub standing for each vendor
PIXAI = {
    "TRIPTYCH_PIXAI_KEY": "bench",
    "TRIPTYCH_PIXAI_URL": "{upstream}",
    "TRIPTYCH_LIMIT_FIELDS": "200000",  # 10,000 ids are over the default
}
OTHERS = {
    "TRIPTYCH_MESHY_KEY": "bench",
    "TRIPTYCH_MESHY_URL": "{upstream}",
    "TRIPTYCH_NEWAPI_URL": "{upstream}",
    "TRIPTYCH_NEWAPI_TOKEN": "bench",
    "TRIPTYCH_NEWAPI_USER": "1",
}


def _nothing() -> None:
    """What is in the project's own environment needs no setting up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """command and environ: {port}, {upstream} and {folder} are put in.

    setup: raises peers.Unavailable where it cannot run here. folder: where it starts; None: a scratch one.
    is_floor: answers the same to everything, so that nothing is checked or counted.
    """

    name: str
    dialect: Dialect
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    setup: Callable[[], object] = _nothing
    folder: Path | None = None
    path: str = "/graphql"
    is_floor: bool = False

    def does(self, work: Work) -> bool:
        """Whether it can be asked that: three sources and 10,000 ids are ours alone.

        Without whole answers we differ only where one request comes again, or from several at once.
        """
        if (work.kind == SOURCES.kind) != (self.name == OURS_WIDE.name):
            return False
        if work.name == HUGE.name and self.name != OURS.name:
            return False
        if self.name == OURS_BARE.name and not (work.again or work.is_shared):
            return False
        return self.dialect.body(work) is not None and (not self.is_floor or work.name in FLOORED)

    def started(self, port: int, upstream: str, scratch: Path) -> tuple[list[str], dict[str, str], Path]:
        """Command, environment and folder. Of the caller's environment it sees where programs are, only."""
        folder = self.folder or scratch
        holes = {"port": str(port), "upstream": upstream, "folder": str(folder)}
        environ = {name: value.format_map(holes) for name, value in self.environ.items()}
        # no .env, no state of the user's own: what is measured is what stands here
        environ |= {"PATH": os.environ["PATH"], "HOME": str(scratch), "XDG_STATE_HOME": str(scratch)}
        return [part.format_map(holes) for part in self.command], environ, folder


_SERVE = (str(Path(PYTHON).with_name("triptych")), "serve", "--port", "{port}")
OURS = System(name="Triptych", dialect=dialects.TRIPTYCH, command=_SERVE, environ=PIXAI)
OURS_WIDE = System(
    name="Triptych, three sources", dialect=dialects.TRIPTYCH, command=_SERVE, environ=PIXAI | OTHERS
)
OURS_BARE = System(
    name="Triptych, no whole answers",
    dialect=dialects.TRIPTYCH,
    command=_SERVE,
    environ=PIXAI | {"TRIPTYCH_ANSWERS": "off"},
)
_MODULE = {"PYTHONPATH": str(ROOT), "PORT": "{port}", "UPSTREAM": "{upstream}"}
PLAIN = System(
    name="plain Strawberry",
    dialect=dialects.TRIPTYCH,
    command=(PYTHON, "-m", "benchmarks.peers.plain"),
    environ=_MODULE,
)
FLOOR = System(
    name="constant handler",
    dialect=dialects.TRIPTYCH,
    command=(PYTHON, "-m", "benchmarks.floor"),
    environ=_MODULE,
    is_floor=True,
)
_NODE = {"PORT": "{port}", "UPSTREAM": "{upstream}", "NODE_ENV": "production"}
YOGA = System(
    name="graphql-yoga",
    dialect=dialects.TRIPTYCH,
    command=("node", "server.mjs"),
    environ=_NODE,
    setup=yoga.setup,
    folder=yoga.FOLDER,
)
YOGA_JIT = System(
    name="graphql-yoga + graphql-jit",
    dialect=dialects.TRIPTYCH,
    command=("node", "server.mjs"),
    environ=_NODE | {"JIT": "1"},
    setup=yoga.setup,
    folder=yoga.FOLDER,
)
HIVE = System(
    name="Hive Gateway",
    dialect=dialects.PIXAI,
    command=("sh", "-c", hive.COMMAND),
    environ=_NODE,
    setup=hive.setup,
    folder=hive.FOLDER,
)
TAILCALL = System(
    name="Tailcall, one call per media",
    dialect=dialects.TAILCALL,
    command=tailcall.COMMAND,
    environ=_NODE | {"BATCH": ""},
    setup=tailcall.setup,
    folder=tailcall.FOLDER,
)
TAILCALL_ARRAYS = System(
    name="Tailcall, array batching",
    dialect=dialects.TAILCALL,
    command=tailcall.COMMAND,
    environ=_NODE | {"BATCH": "1"},
    setup=tailcall.setup,
    folder=tailcall.FOLDER,
)
USUAL = (OURS, OURS_WIDE, OURS_BARE, PLAIN, FLOOR)
PEERS = (HIVE, YOGA, YOGA_JIT, TAILCALL, TAILCALL_ARRAYS)
