"""Sources as loaders reach them, over the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Sandbox
from tests.loaders.meshy_served import Served, served


@pytest.fixture
async def meshy(box: Sandbox) -> AsyncIterator[Served]:
    async with served(box.meshy) as found:
        yield found
