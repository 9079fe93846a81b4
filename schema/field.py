"""Fields that a function answers."""

from collections.abc import Callable, Sequence
from typing import Any

import strawberry

from schema.loading import Loads


def resolver_field(
    by: Callable[..., object],
    *,
    description: str,
    loads: Loads | None = None,
    directives: Sequence[object] = (),
) -> Any:
    """A field that shows what `by` answers. loads: what it waits for; None where it calls nobody by itself.

    Any, because what `by` answers is a record, and the field's type is the type that shows it.
    """
    return strawberry.field(
        resolver=by,
        description=description,
        directives=directives,
        metadata=None if loads is None else {"loads": loads},
    )
