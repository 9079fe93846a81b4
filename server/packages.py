"""The project's top-level packages, whose short names something else on the path may have, too."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

NAMES = ("engine", "loaders", "resolvers", "sandbox", "schema", "server")
_ROOT = Path(__file__).parents[1]


def clash() -> str | None:
    """Which of them would be imported from elsewhere, in one sentence; None where all are this project's."""
    for name in NAMES:
        spec = find_spec(name)
        places = [] if spec is None else list(spec.submodule_search_locations or [str(spec.origin)])
        if places != [str(_ROOT / name)]:
            found = places[0] if places else "nowhere"
            return (
                f"`import {name}` finds {found} instead of {_ROOT / name}; "
                "install Triptych into an environment of its own, and take the other out of PYTHONPATH"
            )
    return None
