"""The command line in an empty directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import warm
from tests.server.process import Triptych


@pytest.fixture(scope="session")
def warm_command() -> Iterator[tuple[str, ...]]:
    """One process that has imported everything, for all commands of a worker."""
    with warm.command() as command:
        yield command


@pytest.fixture
def triptych(tmp_path: Path, warm_command: tuple[str, ...]) -> Triptych:
    return Triptych(tmp_path, warm_command)
