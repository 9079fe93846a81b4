"""Holds an answer against the world: whole, typed errors, or wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

UPSTREAM = frozenset(
    {
        *("UPSTREAM_UNREACHABLE", "UPSTREAM_TIMEOUT", "UPSTREAM_THROTTLED", "UPSTREAM_REFUSED"),
        *("UPSTREAM_OUT_OF_CREDIT", "UPSTREAM_REJECTED", "UPSTREAM_FAULT", "UPSTREAM_MALFORMED"),
        "NOT_SUPPORTED",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Stands for null with an error of this code, whatever the sources do."""

    code: str


@dataclass(frozen=True, slots=True)
class Startswith:
    """Stands for a text that starts so: a signed URL, for example."""

    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Stands for any of these: a row of a list tells less of a task than a look-up, and may stand for it."""

    values: tuple[object, ...]


@dataclass(slots=True)
class Verdict:
    """errors: those that blame a source in trouble. wrong: one sentence for each thing that should not be."""

    errors: int = 0
    wrong: list[str] = field(default_factory=list)


def judge(expected: Mapping[str, Any], answer: Mapping[str, Any], blamable: Collection[str]) -> Verdict:
    """expected: the whole data, were no source in trouble. blamable: providers that may have failed."""
    verdict = Verdict()
    errors: dict[Path, Mapping[str, Any]] = {}
    for error in answer.get("errors", ()):
        path = tuple(error.get("path", ()))
        if not path or path in errors:
            verdict.wrong.append(f"an error without a field of its own: {error}")
        errors[path] = error
    data = answer.get("data")
    if isinstance(data, Mapping):
        _compare(expected, data, (), errors, blamable, verdict)
    else:
        verdict.wrong.append("no data")
    verdict.wrong += [f"an error beside data at {path}: {error}" for path, error in errors.items() if path]
    return verdict


def _compare(
    expected: object,
    found: object,
    path: Path,
    errors: dict[Path, Mapping[str, Any]],
    blamable: Collection[str],
    verdict: Verdict,
) -> None:
    if found is None and path in errors:  # each error stands for the one null that it explains
        _excuse(expected, errors.pop(path), path, blamable, verdict)
    elif isinstance(expected, Mapping) and isinstance(found, Mapping) and expected.keys() == found.keys():
        for name, value in expected.items():
            _compare(value, found[name], (*path, name), errors, blamable, verdict)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, value in enumerate(expected):
            _compare(value, found[index], (*path, index), errors, blamable, verdict)
    elif not _is_met(expected, found):
        verdict.wrong.append(f"{path}: {found!r} instead of {expected!r}")


def _is_met(expected: object, found: object) -> bool:
    if isinstance(expected, OneOf):
        return found in expected.values
    if isinstance(expected, Startswith):
        return isinstance(found, str) and found.startswith(expected.text)
    return found == expected


def _excuse(
    expected: object,
    error: Mapping[str, Any],
    path: Path,
    blamable: Collection[str],
    verdict: Verdict,
) -> None:
    known = error.get("extensions", {})
    if isinstance(expected, Refusal):
        if known.get("code") != expected.code:
            verdict.wrong.append(f"{path}: {known} instead of {expected.code}")
    elif known.get("code") in UPSTREAM and known.get("provider") in blamable:
        verdict.errors += 1
    else:
        verdict.wrong.append(f"{path}: {known} while {sorted(blamable) or 'no source'} was in trouble")
