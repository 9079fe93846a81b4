"""PixAI's ids: milliseconds shifted by 22 bits, from an epoch that the documented ids give away.

1749902216266450789 was made at 2024-05-22T06:16:56.946Z and 1749903535747486198 314.611 s later:
the difference is 2**22 a millisecond. Media ids count the same way from another epoch.
"""

from __future__ import annotations

from sandbox.pixai.records import epoch

_DOCUMENTED = round(epoch("2024-05-22T06:16:56.946Z") * 1000)
_TASK = 1749902216266450789 >> 22
_MEDIA = 459602685899547043 >> 22


def task_id(seconds: float, low: int = 0) -> str:
    """19 digits. seconds: since the epoch; low: 0-2**22, to tell apart what one millisecond made."""
    return str(((_TASK + round(seconds * 1000) - _DOCUMENTED) << 22) + low)


def media_id(seconds: float, low: int = 0) -> str:
    """18 digits."""
    return str(((_MEDIA + round(seconds * 1000) - _DOCUMENTED) << 22) + low)
