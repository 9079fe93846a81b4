"""The buttons under a result, as Midjourney numbers them."""

from __future__ import annotations

from sandbox.midjourney.records import Json

ARROWS = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}


def button(custom_id: str, label: str = "", emoji: str = "", style: int = 2) -> Json:
    """style: 2 grey, 3 green."""
    return {"customId": custom_id, "emoji": emoji, "label": label, "type": 2, "style": style}


def grid(job: str) -> tuple[Json, ...]:
    """U1-U4, reroll, V1-V4."""
    return (
        *(button(f"MJ::JOB::upsample::{n}::{job}", f"U{n}") for n in range(1, 5)),
        button(f"MJ::JOB::reroll::0::{job}::SOLO", emoji="🔄"),
        *(button(f"MJ::JOB::variation::{n}::{job}", f"V{n}") for n in range(1, 5)),
    )


def single(job: str) -> tuple[Json, ...]:
    """What an upscaled picture offers."""
    return (
        button(f"MJ::JOB::upsample_v6_2x_subtle::1::{job}::SOLO", "Upscale (Subtle)", "upscale_1"),
        button(f"MJ::JOB::low_variation::1::{job}::SOLO", "Vary (Subtle)", "🪄"),
        button(f"MJ::JOB::high_variation::1::{job}::SOLO", "Vary (Strong)", "🪄"),
        button(f"MJ::Inpaint::1::{job}::SOLO", "Vary (Region)", "🖌️"),
        button(f"MJ::Outpaint::50::1::{job}::SOLO", "Zoom Out 2x", "🔍"),
        button(f"MJ::CustomZoom::{job}", "Custom Zoom", "🔍"),
        *(button(f"MJ::JOB::pan_{way}::1::{job}::SOLO", emoji=arrow) for way, arrow in ARROWS.items()),
        button(f"MJ::BOOKMARK::{job}", emoji="❤️", style=3),
    )


def video(job: str) -> tuple[Json, ...]:
    """What a video offers."""
    return (
        button(f"MJ::JOB::video_virtual_upscale::1::{job}", "U1"),
        button(f"MJ::JOB::animate_low_extend::1::{job}", "Extend (Low Motion)", "🎞️"),
        button(f"MJ::JOB::animate_high_extend::1::{job}", "Extend (High Motion)", "🎞️"),
    )
