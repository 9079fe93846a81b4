"""new-api's Midjourney module, emulated: its task lists and its relay."""

from sandbox.newapi.server import Mode, NewApi

__all__ = ["Mode", "NewApi"]
