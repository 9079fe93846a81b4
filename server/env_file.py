"""`.env`: NAME=value lines as python-dotenv reads them, except that a wrong line is an error."""

from __future__ import annotations

from pathlib import Path

from dotenv.parser import parse_stream


def read(file: Path) -> dict[str, str]:
    """Names and values, without expanding `$`. Raises ValueError, whose message names file and line."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            bindings = list(parse_stream(lines))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ValueError(f"cannot read {file}: {reason}") from None
    for binding in bindings:
        if binding.error:
            raise ValueError(f"{file}, line {binding.original.line}: expected NAME=value")
    return {found.key: found.value or "" for found in bindings if found.key is not None}
