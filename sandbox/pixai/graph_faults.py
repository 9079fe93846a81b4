"""Faults that need the parsed document: errors for all of it, or for some of its fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import GraphQLError, OperationDefinitionNode

from sandbox.faults import Armed


def refused_whole(faults: list[Armed], operation: OperationDefinitionNode) -> tuple[int, str, str] | None:
    """(status, code, message) where a fault refuses the whole document; otherwise None.

    `document_error` has been matched already: the text it looks for is among the ids.
    """
    roots = len(operation.selection_set.selections)
    for armed in faults:
        fault = armed.fault
        if fault.document_error:
            armed.spend()
            code = fault.code or "INTERNAL_SERVER_ERROR"
            return fault.status or 200, code, fault.message or "Internal server error"
        if fault.max_aliases is not None and roots > fault.max_aliases:
            armed.spend()
            message = f"Aliases limit of {fault.max_aliases} exceeded, found {roots}."
            return fault.status or 400, fault.code or "GRAPHQL_VALIDATION_FAILED", fault.message or message
    return None


@dataclass(slots=True)
class Partial:
    """What goes wrong on single fields of one document."""

    errors: list[Armed]
    lists: list[Armed]
    seen: dict[int, int] = field(default_factory=dict)

    def on_id(self, key: str) -> GraphQLError | None:
        """The error of the field that asks for this id; None: it is answered.

        A fraction is spread evenly over the document: 0.25 fails the fourth, the eighth …
        """
        for index, armed in enumerate(self.errors):
            fault = armed.fault
            if fault.match is not None and fault.match not in key:
                continue
            count = self.seen[index] = self.seen.get(index, 0) + 1
            if int(count * fault.partial_errors + 1e-9) > int((count - 1) * fault.partial_errors + 1e-9):
                return _error(armed, "Internal server error", "INTERNAL_SERVER_ERROR")
        return None

    def on_list(self) -> GraphQLError | None:
        """The error of a list; None: it is answered."""
        return _error(self.lists[0], "Forbidden", "FORBIDDEN") if self.lists else None


def partial(faults: list[Armed]) -> Partial:
    """What the faults do to single fields of one document. Each is spent once a document."""
    errors = [armed for armed in faults if armed.fault.partial_errors]
    lists = [armed for armed in faults if armed.fault.no_lists]
    for armed in (*errors, *lists):
        armed.spend()
    return Partial(errors, lists)


def _error(armed: Armed, message: str, code: str) -> GraphQLError:
    fault = armed.fault
    return GraphQLError(fault.message or message, extensions={"code": fault.code or code})
