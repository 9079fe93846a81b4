"""Clients that walk the whole list, whatever fails meanwhile: every row comes exactly once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from benchmarks.chaos.judging import UPSTREAM, Verdict
from benchmarks.chaos.load import REST, Load
from benchmarks.chaos.tally import Tally
from benchmarks.chaos.world import World

PAGE = """query ($first: Int, $after: String) { tasks(first: $first, after: $after) {
    nodes { id provider } pageInfo { hasNextPage endCursor } missing { provider code } } }"""


class Walker:
    """Walks it again and again. whole: walks that came to their end."""

    def __init__(self, load: Load, known: World, tally: Tally) -> None:
        self._load = load
        self._known = known
        self._tally = tally
        self.whole = 0

    async def walk_on(self, first: int) -> None:
        """Until it is cancelled. first: rows a page."""
        while True:
            await self.walk(first)

    async def walk(self, first: int) -> None:
        """Once from end to end."""
        rows: Counter[str] = Counter()
        after: str | None = None
        while True:
            start = time.monotonic()
            answer = await self._load.ask(PAGE, {"first": first, "after": after})
            verdict, page = self._judged(answer, start)
            self._tally.note("pages", start, verdict)
            await asyncio.sleep(REST)
            if page is None:  # an error that may pass: the same page again
                continue
            rows.update(node["id"] for node in page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        self.whole += 1
        excused = {one["provider"] for one in page["missing"]}  # told, so not lost
        self._tally.wrong += self._amiss(rows, excused)

    def _judged(self, answer: dict[str, Any] | None, start: float) -> tuple[Verdict, dict[str, Any] | None]:
        if answer is None or not isinstance(answer.get("data"), dict):
            return Verdict(wrong=[f"no page: {answer}"]), None
        blamable = self._tally.troubles.during(start, time.monotonic())
        page: dict[str, Any] | None = answer["data"]["tasks"]
        blamed = [error["extensions"] for error in answer.get("errors", ())] + (
            page["missing"] if page else []
        )
        verdict = Verdict(errors=len(blamed))
        verdict.wrong += [
            f"{one} while {sorted(blamable) or 'no source'} was in trouble"
            for one in blamed
            if one["code"] not in UPSTREAM or one.get("provider") not in blamable
        ]
        if page is None and not blamed:
            verdict.wrong.append("neither a page nor an error")
        if page is not None and not page["nodes"] and page["pageInfo"]["hasNextPage"]:
            seconds = time.monotonic() - start
            said = f"an empty page that has a next, after {seconds:.1f} s: {page['missing']}"
            verdict.wrong.append(f"{said} while {sorted(blamable)} were in trouble")
        return verdict, page

    def _amiss(self, rows: Counter[str], excused: set[str]) -> list[str]:
        twice = [f"walks: {id_} came {count} times" for id_, count in rows.items() if count > 1]
        lost = [
            f"walks: {len(ids - rows.keys())} rows of {provider} never came, {min(ids - rows.keys())} for one"
            for provider, ids in self._known.listed.items()
            if provider not in excused and ids - rows.keys()
        ]
        strange = rows.keys() - set().union(*self._known.listed.values())
        return [*twice, *lost, *(f"walks: {id_} is in no world" for id_ in strange)]
