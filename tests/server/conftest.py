"""The command line in an empty directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.process import Triptych


@pytest.fixture
def triptych(tmp_path: Path) -> Triptych:
    return Triptych(tmp_path)
