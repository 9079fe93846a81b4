"""The tasks that the vendors' documents show.

The image-seed page of a midjourney-proxy: task 1730621826053455, to the letter; its picture's URL keeps its
path. The Midjourney page of new-api: row 1, whose times the page gives in seconds.
"""

from __future__ import annotations

from random import Random

from sandbox.midjourney import buttons, painting
from sandbox.midjourney.records import Art, Task

PIG = "1730621826053455"
LANDSCAPE = "task123456"
_JOB = "3785da15-4f70-4034-9128-f3ff1ac634fa"


def pig() -> Task:
    """Of the image-seed page."""
    art = Art(
        job=_JOB,
        name="kennedyhernandez46715_74108_pig",
        channel="1300842274347028520",
        message="1302547211321741343",
        seeds=painting.variations(Random(6), 4),
        width=512,
        height=512,
    )
    return Task(
        id=PIG,
        submit=1730621826053,
        start=1730621828024,
        finish=1730621855817,
        prompt="pig --v 6.1",
        final_prompt="pig --v 6.1",
        buttons=buttons.grid(_JOB),
        art=art,
        seed="1762345891",
        seeding="task",
        in_task={
            "customId": "",
            "botType": "",
            "state": "",
            "failReason": "",
            "maskBase64": "",
            "properties": {"finalPrompt": "pig --v 6.1", "finalZhPrompt": ""},
        },
    )


def landscape() -> Task:
    """Of new-api's page: the oldest row."""
    art = Art(
        job="00000000-0000-4000-8000-000000000001",
        name="sandbox_a_beautiful_landscape",
        channel="1300842274347028520",
        message="926262722462924800",
        seeds=painting.variations(Random(1), 4),
        width=512,
        height=512,
    )
    return Task(
        id=LANDSCAPE,
        submit=1640908800_000,
        start=1640909000_000,
        finish=1640909200_000,
        quota=1000,
        prompt="a beautiful landscape",
        final_prompt="a beautiful landscape",
        buttons=buttons.grid(art.job),
        art=art,
        seed="1640908800",
        in_row={
            "image_url": "https://example.com/image.jpg",
            "video_url": "https://example.com/video.mp4",
            "video_urls": '["https://example.com/video1.mp4"]',
        },
    )
