"""Seeds where only new-api can be asked: it has none, but the submitter may have chosen one in the prompt."""

from __future__ import annotations

from collections.abc import Iterable

from loaders import coerce
from loaders.account import Reader
from loaders.budget import Budget
from loaders.midjourney import normalise
from loaders.outcome import Outcomes
from loaders.records import SeedAnswer, SeedOrigin, SeedRecord, TaskRecord


class PromptSeed(SeedAnswer):
    """The `--seed` of the task's own prompts."""

    def seeds(self, task: TaskRecord) -> tuple[SeedRecord, ...]:
        """One seed for all stills; () where the submitter chose none."""
        value = normalise.chosen_seed(coerce.mapping(task.raw))
        return () if value is None else (normalise.seed(task.key, value, SeedOrigin.PROMPT, task.media),)


class PromptSeeds(Reader[SeedAnswer]):
    """Answers every key without a call."""

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[SeedAnswer]:
        """The same for every key: to read the task's prompt."""
        return dict.fromkeys(keys, PromptSeed())

    def invalidate(self, _key: str) -> None:
        """Nothing is remembered."""

    async def close(self) -> None:
        """Nothing is under way."""
