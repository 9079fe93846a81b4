"""Pictures that a command is given: an address, a data URL, or a file, which becomes a data URL."""

from __future__ import annotations

from pathlib import Path

from server.cli import runtime
from server.os_errors import reason

LARGEST = 20 * 2**20  # bytes of a file


def reference(given: str, option: str) -> str:
    """An address or a data URL as it is; a file as a data URL. Exits where the file cannot be read."""
    return given if given[:5].lower() == "data:" or "://" in given else data_url(given, option)


def data_url(file: str, option: str) -> str:
    """`a.png` -> `data:image/png;base64,…`. Exits where it cannot be read, or is no picture."""
    from base64 import b64encode

    from loaders.images import type_of

    try:
        with Path(file).open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        said = reason(error) if isinstance(error, OSError) else "not a path"
        runtime.fail(f"{option} {file}: {said}", code=2)
    kind = type_of(content)
    if kind is None or len(content) > LARGEST:
        runtime.fail(f"{option} {file}: expected a picture of at most {LARGEST // 2**20} MiB", code=2)
    return f"data:{kind};base64,{b64encode(content).decode()}"
