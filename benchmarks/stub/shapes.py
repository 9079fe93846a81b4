"""What a media and a task of the stub look like; each field a piece of JSON with holes for the keys.

Everything follows from the key, so that a million different ids cost the stub no memory, and a check knows
what every system has to answer.
"""

from __future__ import annotations

from typing import TypeAlias

# a field's JSON with %(…)s holes; an object's fields; or a list of objects
Shape: TypeAlias = "str | dict[str, Shape] | list[dict[str, Shape]]"

VARIANTS = ("PUBLIC", "THUMBNAIL", "STILL_THUMBNAIL")
WIDTH, HEIGHT = 768, 1280
# the year 2100: what is kept is kept for as long as a cache ever keeps a signed URL
SIGNED = "?Expires=4102444800&Signature=bWVhc3VyZS1vbmx5LXNpZ25hdHVyZS1tZWFzdXJl&Key-Pair-Id=K2MEASURE"


def media_url(key: str, variant: str) -> str:
    """The signed URL of one variant."""
    return f"https://images.example/{variant.lower()}/{key}.png{SIGNED}"


def media_key(task_key: str) -> str:
    """The one result of a task: 18 digits, as PixAI's."""
    return "4596" + task_key[-14:]


def _media(hole: str) -> dict[str, Shape]:
    return {
        "__typename": '"Media"',
        "id": f'"{hole}"',
        "type": '"IMAGE"',
        "width": str(WIDTH),
        "height": str(HEIGHT),
        "imageType": '"image/png"',
        "urls": [
            {
                "__typename": '"ImageUrl"',
                "variant": f'"{variant}"',
                "url": f'"{media_url(hole, variant)}"',
            }
            for variant in VARIANTS
        ],
    }


MEDIA: dict[str, Shape] = _media("%(key)s")
TASK: dict[str, Shape] = {
    "__typename": '"Task"',
    "id": '"%(key)s"',
    "userId": '"1541182147551506853"',
    "parameters": '{"prompts":"a lighthouse in the rain, number %(key)s","width":768,"height":1280,'
    '"modelId":"1648918127446573124","samplingSteps":25,"cfgScale":7}',
    "outputs": '{"duration":4.83,"detailParameters":{"steps":25,"sampler":"Euler a"},'
    '"mediaId":"%(media)s","seed":3283868009760115,"extra":{}}',
    "status": '"completed"',
    "startedAt": '"%(created)s"',
    "endAt": '"%(created)s"',
    "createdAt": '"%(created)s"',
    "updatedAt": '"%(created)s"',
    "media": _media("%(media)s"),
}
PAGE_INFO: dict[str, Shape] = {
    "__typename": '"PageInfo"',
    "hasNextPage": "false",
    "hasPreviousPage": "%(more)s",
    "startCursor": '"%(start)s"',
    "endCursor": '"%(end)s"',
}
EDGE: dict[str, Shape] = {"__typename": '"TaskEdge"', "cursor": '"%(cursor)s"', "node": TASK}
