"""What a press of a button starts, by the button's customId."""

from __future__ import annotations

import re
from dataclasses import dataclass

# beginning of a customId -> action of the task that it starts
ACTIONS = {
    "MJ::JOB::upsample": "UPSCALE",
    "MJ::JOB::variation::": "VARIATION",
    "MJ::JOB::low_variation": "LOW_VARIATION",
    "MJ::JOB::high_variation": "HIGH_VARIATION",
    "MJ::JOB::reroll": "REROLL",
    "MJ::JOB::pan_": "PAN",
    "MJ::JOB::animate_": "VIDEO_EXTEND",
    "MJ::JOB::video_": "VIDEO",
    "MJ::Outpaint": "ZOOM",
    "MJ::CustomZoom": "CUSTOM_ZOOM",
    "MJ::Inpaint": "INPAINT",
}
BOOKMARK = "MJ::BOOKMARK"
CONFIRMED = ("CUSTOM_ZOOM", "INPAINT")  # these open a window first
LETTERS = {"U": "UPSCALE", "V": "VARIATION", "R": "REROLL"}
KINDS = {"UPSCALE": "upsample", "VARIATION": "variation", "REROLL": "reroll"}


@dataclass(frozen=True, slots=True)
class Change:
    """One of the buttons under a grid. index: 1-4; 0 for REROLL."""

    task: str
    action: str
    index: int

    @property
    def prefix(self) -> str:
        """How the customId of the button begins."""
        return f"MJ::JOB::{KINDS[self.action]}::{self.index}::"


def action_of(custom_id: str) -> str | None:
    """The action of the task that this button starts; None for a button of another kind."""
    return next((action for prefix, action in ACTIONS.items() if custom_id.startswith(prefix)), None)


def simple_change(content: str) -> Change | None:
    """`1730621826053455 U2`, V1 to V4, R; None for anything else."""
    found = re.fullmatch(r"(\S+) (?:([UV])([1-4])|(R))", content.strip())
    if found is None:
        return None
    return Change(found[1], LETTERS[found[2] or found[4]], int(found[3] or 0))
