"""What variables that do not fit cost."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from tests.engine.graphs import limited, messages


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every message about a value that graphql-core has put together."""
    # the package has a function of the module's name
    module: Any = import_module("graphql.utilities.validate_input_value")
    report, found = module.report_invalid_value, []

    def counted(on_error: Any, message: str, *rest: Any) -> None:
        found.append(message)
        report(on_error, message, *rest)

    monkeypatch.setattr(module, "report_invalid_value", counted)
    return found


async def test_wrong_variables_are_given_up_after_some_errors(reported: list[str]) -> None:
    """Each message quotes what was sent: a filter of 20,000 unknown fields (240 KB) took 12 s."""
    query = "query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }"

    found = await messages(limited(), query, f={f"x{index}": 1 for index in range(2_000)})

    assert found[-1].startswith("Too many errors processing variables")
    assert len(reported) <= 2 * len(found)
