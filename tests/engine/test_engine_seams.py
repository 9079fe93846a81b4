"""What the engine leans on inside its libraries: each test fails when it changes."""

from __future__ import annotations

import inspect

import pytest
from graphql import Executor
from graphql.execution.execute import map_source_to_response_event
from graphql.language.parser import Parser
from graphql.validation import OverlappingFieldsCanBeMergedRule
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.info import Info

from engine import source, validation
from engine.running import BoundedExecutor
from schema.strawberry_seams import StrawberryExecutor


@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        (
            BoundedExecutor,
            Executor,
            [
                "execute_fields",
                "handle_field_error",
                "settle_in_background",
                "with_abort_signal",
                "complete_iterable_value",
                "build_per_event_executor",
            ],
        ),
        (StrawberryExecutor, Executor, ["build_per_event_executor"]),
        (source._Parser, Parser, ["loc"]),
    ],
)
def test_the_seams_are_where_they_were(ours: type, theirs: type, names: list[str]) -> None:
    """What is overridden exists, and takes the same arguments."""
    for name in names:
        expected, found = (list(inspect.signature(getattr(of, name)).parameters) for of in (theirs, ours))
        assert name in vars(theirs)
        assert found == expected


def test_the_other_seams_are_where_they_were() -> None:
    """The budget of a validation rule, its message, and Strawberry's executor and rules."""
    assert validation._ABORTED in inspect.getsource(
        inspect.getmodule(OverlappingFieldsCanBeMergedRule).spend_complexity_budget  # type: ignore[union-attr]
    )
    assert "remaining_complexity_budget" in inspect.getsource(
        inspect.getmodule(OverlappingFieldsCanBeMergedRule).RuleContext  # type: ignore[union-attr]
    )
    assert "complete_awaitable_list_item_value" in vars(Executor)
    assert "complete_list_item_value" in vars(Executor)
    assert issubclass(StrawberryExecutor, Executor)
    assert list(inspect.signature(Info).parameters) == ["_raw_info", "_field"]
    # each event of a subscription is executed by a copy, which takes its context from `context_value`
    assert "self._relevant_sub_fields" in inspect.getsource(Executor.collect_subfields)
    assert "copy(self)" in inspect.getsource(Executor.build_per_event_executor)
    assert "build_per_event_executor" in inspect.getsource(map_source_to_response_event)
    assert "self.context_value" in inspect.getsource(StrawberryGraphQLCoreExecutionContext.build_resolve_info)
    assert "validate_document" in vars(inspect.getmodule(StrawberryGraphQLCoreExecutionContext))
