"""The two tasks that PixAI's own document shows, to the digit.

Where the document says `...`, something fitting stands. The second and third picture of the batch are those
of the document's batch query.
"""

from __future__ import annotations

from sandbox.pixai.prompts import details
from sandbox.pixai.records import Json, Media, Task, epoch

SINGLE = "1749902216266450789"
SINGLE_MEDIA = "459602685899547043"
BATCH = "1749903535747486198"
BATCH_COVER = "459604021635814417"
BATCH_MEDIA = ("459604023097100648", "459604023097100649", "459604023097100650", "459604023097100651")
BATCH_SEEDS = (3283868009760115, 3283868009760116, 3283868009760117, 3283868009760118)

_PARAMETERS: Json = {
    "prompts": "a lighthouse on a drifting iceberg, lantern light, gouache on rough paper, indigo and amber",
    "negativePrompts": "lowres, blurry, watermark, text",
    "modelId": "1648918127446573124",
    "width": 512,
    "height": 384,
    "samplingSteps": 25,
    "samplingMethod": "Euler a",
    "cfgScale": 7,
    "clipSkip": 2,
    "priority": 1000,
}


def tasks() -> list[Task]:
    """Both of them."""
    single = Task(
        id=SINGLE,
        created=epoch("2024-05-22T06:16:56.946Z"),
        status="completed",
        parameters=_PARAMETERS,
        outputs={
            "duration": 1.26,
            "detailParameters": details(_PARAMETERS),
            "mediaId": SINGLE_MEDIA,
            "extra": {},
        },
        started_at="2024-05-22T06:16:57.124Z",
        end_at="2024-05-22T06:16:59.422Z",
        created_at="2024-05-22T06:16:56.946Z",
        updated_at="2024-05-22T06:16:56.946Z",
        cover=SINGLE_MEDIA,
    )
    given = _PARAMETERS | {"batchSize": 4}
    batch = Task(
        id=BATCH,
        created=epoch("2024-05-22T06:22:11.557Z"),
        status="completed",
        parameters=given,
        outputs={
            "duration": 4.83,
            "detailParameters": details(given),
            "mediaId": BATCH_COVER,
            "batch": [
                {"seed": seed, "mediaId": media, "extra": {}}
                for seed, media in zip(BATCH_SEEDS, BATCH_MEDIA, strict=True)
            ],
        },
        started_at="2024-05-22T06:22:12.240Z",
        end_at="2024-05-22T06:22:18.229Z",
        created_at="2024-05-22T06:22:11.557Z",
        updated_at="2024-05-22T06:22:11.557Z",
        cover=BATCH_COVER,
    )
    return [single, batch]


def media() -> list[Media]:
    """Theirs."""
    return [Media(one, 512, 384, image_type="image/png") for one in (SINGLE_MEDIA, BATCH_COVER, *BATCH_MEDIA)]
