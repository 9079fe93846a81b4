"""Meshy's ids: UUIDs whose first 48 bits are the milliseconds of their making, so that they sort by time."""

from __future__ import annotations

from random import Random

from sandbox.meshy.records import milliseconds


def task_id(seconds: float, rng: Random) -> str:
    """`018a210d-8ba4-705c-b111-1f1776f7f578`. seconds: since the epoch."""
    time = f"{milliseconds(seconds):012x}"
    low = f"{rng.getrandbits(48):012x}"
    return f"{time[:8]}-{time[8:]}-7{rng.getrandbits(12):03x}-{0x8000 | rng.getrandbits(14):04x}-{low}"
