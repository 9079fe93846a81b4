"""What a generation took."""

import strawberry

from schema.enums import CostUnit
from schema.scalars import BigInt


@strawberry.type(name="Cost", description="What a generation cost the account.")
class CostType:
    """A view of loaders.records.Cost."""

    amount: BigInt = strawberry.field(description="How many units.")
    unit: CostUnit = strawberry.field(
        description="What the amount counts. Never add amounts of different units."
    )
