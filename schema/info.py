"""What every resolver is handed, with the context's real type."""

from typing import TypeAlias

import strawberry

from resolvers.context import Operation

Info: TypeAlias = strawberry.Info[Operation, None]
