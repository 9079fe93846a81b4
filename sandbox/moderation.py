"""Words that no generator accepts, so that any client can make a task fail."""

from __future__ import annotations

import re

BANNED = ("gore", "nude")
_WORDS = re.compile(rf"\b({'|'.join(BANNED)})\b", re.IGNORECASE)


def banned_word(prompt: str) -> str | None:
    """The first of them in the prompt; None where there is none."""
    found = _WORDS.search(prompt)
    return found[1].lower() if found else None
