"""`.env`: lines of NAME=value, as python-dotenv reads them, but nothing is skipped in silence."""

from __future__ import annotations

from pathlib import Path

from dotenv.parser import parse_stream


def read(file: Path) -> dict[str, str]:
    """The names and values; `$` stands for itself. Raises ValueError, which says where it cannot be read."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            bindings = list(parse_stream(lines))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ValueError(f"{file} cannot be read: {reason}") from None
    for binding in bindings:
        if binding.error:
            raise ValueError(f"{file}, line {binding.original.line}: wanted NAME=value")
    return {found.key: found.value or "" for found in bindings if found.key is not None}
