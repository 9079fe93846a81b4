"""Reads many ids of one root field in one document, and finds the one that spoils it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from loaders import coerce
from loaders.errors import Fault, TriptychError
from loaders.outcome import Outcomes, gather_outcomes
from loaders.pixai import documents, error_codes
from loaders.pixai.client import Answer, DocumentRefused
from loaders.pixai.documents import PrintedRequest, Selection

Node: TypeAlias = Mapping[str, Any]
Found: TypeAlias = Outcomes[Node]


@dataclass(frozen=True, slots=True)
class _Spoilt:
    """A half that was refused as a whole, too."""

    refusal: DocumentRefused


class AliasLimit:
    """How many aliases go into a document: as configured, or fewer once PixAI has refused that many.

    A refusal that names no size counts once it has happened FULL_REFUSALS times in a row, to full documents
    whose halves were good. A lowered limit is tried again after AGAIN seconds.
    """

    FULL_REFUSALS = 3
    AGAIN = 600.0

    def __init__(self, chunk: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._configured = chunk
        self._lowered = chunk
        self._until = 0.0
        self._clock = clock
        self._refusals = 0

    @property
    def chunk(self) -> int:
        """Aliases a document, now."""
        return self._lowered if self._clock() < self._until else self._configured

    def was_too_large(self, size: int, *, certain: bool) -> None:
        """A document of that size was refused, and both its halves were good."""
        if not certain:
            if size < self.chunk:
                return
            self._refusals += 1
            if self._refusals < self.FULL_REFUSALS:
                return
        self._lowered = max(1, min(self.chunk, (size + 1) // 2))
        self._until = self._clock() + self.AGAIN
        self._refusals = 0

    def worked(self, size: int) -> None:
        """A document of that size was answered."""
        if size >= self.chunk:
            self._refusals = 0


class AliasedReader:
    """Reads one selection for any ids. execute: sends a document; raises SourceError or DocumentRefused."""

    def __init__(
        self, selection: Selection, execute: Callable[[PrintedRequest], Awaitable[Answer]], limit: AliasLimit
    ) -> None:
        self._selection = selection
        self._execute = execute
        self._limit = limit

    async def fetch(self, keys: list[str]) -> Found:
        """The node or the error of each key; a key that PixAI answers null is absent.

        Raises the SourceErrors that no smaller document could mend (401, 402, 403, 429, 5xx, a broken
        connection, an answer that is not JSON): they are never bisected.
        """
        keys = [key for key in keys if coerce.is_text(key)]
        if not keys:
            return {}
        size = self._limit.chunk
        if len(keys) > size:
            parts = [keys[start : start + size] for start in range(0, len(keys), size)]
            return _merged(parts, await gather_outcomes(map(self.fetch, parts)))
        try:
            return await self._document(keys)
        except DocumentRefused as refused:
            return await self._bisect(keys, refused)

    async def _document(self, keys: list[str]) -> Found:
        answer = await self._execute(documents.batch(self._selection, keys))
        self._limit.worked(len(keys))
        return _by_key(keys, answer)

    async def _bisect(self, keys: list[str], refused: DocumentRefused) -> Found:
        # 25 -> 13+12 -> 7+6 -> … -> 1: two calls a step, and the poisoned key stands alone
        error = error_codes.to_source_error(refused.errors)
        if len(keys) == 1:
            return {} if error_codes.is_absence(refused.errors) else {keys[0]: error}
        if not isinstance(error, Fault) and not error_codes.names_a_field(refused.errors):
            raise error from None
        too_large = error_codes.is_too_large(refused.errors)
        halves = _halves(keys)
        tried = await gather_outcomes(map(self._tried, halves))
        spoilt = [outcome for outcome in tried if isinstance(outcome, _Spoilt)]
        if len(spoilt) == 2:
            # not one key: asking on would only add to what is refused, unless it is the size
            if not too_large:
                return dict.fromkeys(keys, error)
            return await self._shrink(halves, refused)
        if not spoilt and not any(isinstance(outcome, TriptychError) for outcome in tried):
            self._limit.was_too_large(len(keys), certain=too_large)
        outcomes: list[Found | TriptychError] = []
        for half, outcome in zip(halves, tried, strict=True):
            if isinstance(outcome, _Spoilt):
                outcomes += await gather_outcomes([self._bisect(half, outcome.refusal)])
            else:
                outcomes.append(outcome)
        return _merged(halves, outcomes)

    async def _tried(self, keys: list[str]) -> Found | _Spoilt:
        try:
            return await self._document(keys)
        except DocumentRefused as refusal:
            return _Spoilt(refusal)

    async def _shrink(self, halves: list[list[str]], refused: DocumentRefused) -> Found:
        # 25 refused, 13+12 refused, 7+6 good: from now on 7 a document, and the 12 in two
        first, second = halves
        found = await self._bisect(first, refused)
        if all(isinstance(outcome, TriptychError) for outcome in found.values()):
            return dict.fromkeys([*first, *second], error_codes.to_source_error(refused.errors))
        return found | await self.fetch(second)


def _halves(keys: list[str]) -> list[list[str]]:
    middle = (len(keys) + 1) // 2
    return [keys[:middle], keys[middle:]]


def _merged(parts: list[list[str]], outcomes: Sequence[Found | TriptychError]) -> Found:
    # a part that failed for the source's own reasons fails its own keys; the others keep their answers
    merged: Found = {}
    for part, outcome in zip(parts, outcomes, strict=True):
        merged |= dict.fromkeys(part, outcome) if isinstance(outcome, TriptychError) else outcome
    return merged


def _by_key(keys: list[str], answer: Answer) -> Found:
    errors: dict[str, Node] = {}
    stray = False  # an error that names no alias may be why any of them is null
    for error in map(coerce.mapping, answer.errors):
        path = coerce.items(error.get("path"))
        if path:
            errors.setdefault(str(path[0]), error)
        else:
            stray = True
    found: Found = {}
    for index, key in enumerate(keys):
        alias = f"m{index}"
        if (error_here := errors.get(alias)) is not None:
            if not error_codes.is_absence([error_here]):
                found[key] = error_codes.to_source_error([error_here])
        elif isinstance(node := answer.data.get(alias), Mapping):
            found[key] = node
        elif stray or alias not in answer.data:
            found[key] = error_codes.to_source_error(answer.errors)
    return found
