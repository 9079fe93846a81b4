"""Types show records: what a resolver gives is what a client reads."""

from dataclasses import replace

from tests.canned import ToldSeeds
from tests.schema.views import PICTURE, SEED, TASK, ask, source


async def test_a_task_is_shown_without_a_further_call() -> None:
    """Everything that came with the task is answered from its record, its pictures' ids and seeds too."""
    pixai = source()

    answer = await ask(
        """
        query ($id: ID!) {
          task(id: $id) {
            id provider providerId status providerStatus isTerminal progress operation model prompt createdAt
            finishedAt duration parameters raw
            media { id } cover { id width url }
            seeds { value origin media { id } }
            failure { code message retryable } cost { amount unit }
            actions { id label emoji style type }
          }
        }
        """,
        pixai,
        id=TASK.id,
    )

    assert answer == {
        "task": {
            "id": "task:pixai:1749902216266450789",
            "provider": "PIXAI",
            "providerId": "1749902216266450789",
            "status": "SUCCEEDED",
            "providerStatus": "completed",
            "isTerminal": True,
            "progress": None,
            "operation": "generation",
            "model": "1648918127446573124",
            "prompt": "a triptych",
            "createdAt": "2024-05-22T12:00:00.124Z",
            "finishedAt": None,
            "duration": 8.25,
            "parameters": {"prompts": "a triptych", "modelId": "1648918127446573124"},
            "raw": None,
            "media": [{"id": "media:pixai:459604023097100648"}],
            "cover": {"id": "media:pixai:1", "width": 512, "url": "https://cdn.example.org/a.png"},
            "seeds": [
                {
                    "value": "3283868009760115",
                    "origin": "REPORTED",
                    "media": [{"id": "media:pixai:459604023097100648"}],
                }
            ],
            "failure": {"code": None, "message": "none really", "retryable": None},
            "cost": {"amount": "2200", "unit": "CREDITS"},
            "actions": [{"id": "MJ::JOB::upsample::1", "label": "U1", "emoji": None, "style": 2, "type": 2}],
        }
    }
    assert (pixai.tasks.asked, pixai.media.asked) == ([TASK.key], [])


async def test_a_picture_waits_for_its_details() -> None:
    """What the record does not hold is looked up, once for all fields; the permalink needs no look-up."""
    pixai = source()

    answer = await ask(
        """
        {
          task(id: "task:pixai:1749902216266450789") {
            media {
              id providerId kind width height contentType
              urls { variant url expiresAt }
              url small: url(variant: THUMBNAIL) still: url(variant: STILL_THUMBNAIL, fallback: false)
              expiresAt
              permalink(variant: THUMBNAIL)
              task { id }
              seed { id task { id } }
            }
          }
        }
        """,
        pixai,
    )

    assert answer["task"]["media"] == [
        {
            "id": "media:pixai:459604023097100648",
            "providerId": "459604023097100648",
            "kind": "IMAGE",
            "width": 512,
            "height": 768,
            "contentType": "image/png",
            "urls": [
                {
                    "variant": "PUBLIC",
                    "url": "https://cdn.example.org/a.png",
                    "expiresAt": "2024-05-22T12:00:00.124Z",
                },
                {"variant": "THUMBNAIL", "url": "https://cdn.example.org/a-small.png", "expiresAt": None},
            ],
            "url": "https://cdn.example.org/a.png",
            "small": "https://cdn.example.org/a-small.png",
            "still": None,
            "expiresAt": "2024-05-22T12:00:00.124Z",
            "permalink": "https://here.example/media/media:pixai:459604023097100648?variant=THUMBNAIL",
            "task": {"id": "task:pixai:1749902216266450789"},
            "seed": {
                "id": "seed:pixai:1749902216266450789:459604023097100648",
                "task": {"id": "task:pixai:1749902216266450789"},
            },
        }
    ]
    assert (pixai.tasks.asked, pixai.media.asked) == ([TASK.key], [PICTURE.key])


async def test_a_picture_that_is_gone_is_null_field_by_field() -> None:
    """Its ids stay, because they came with the task."""
    answer = await ask(
        '{ task(id: "task:pixai:1749902216266450789") { media { id kind urls { url } url expiresAt } } }',
        source(media={}),
    )

    assert answer == {
        "task": {
            "media": [
                {
                    "id": "media:pixai:459604023097100648",
                    "kind": None,
                    "urls": None,
                    "url": None,
                    "expiresAt": None,
                }
            ]
        }
    }


async def test_a_picture_without_a_task_asks_nobody_for_it() -> None:
    """Nothing is known to ask with."""
    pixai = source()

    answer = await ask('{ media(id: "pixai:459604023097100648") { task { id } seed { id } } }', pixai)

    assert answer == {"media": {"task": None, "seed": None}}
    assert (pixai.tasks.asked, pixai.media.asked) == ([], [PICTURE.key])


async def test_seeds_that_need_a_call_are_asked_once_for_a_task_in_hand() -> None:
    """The task is not looked up again for them; without such a loader there are none."""
    document = """
        {
          task(id: "task:pixai:1749902216266450789") { seeds { value } media { seed { value } } }
          seed(id: "seed:pixai:1749902216266450789:459604023097100648") { value }
        }
    """
    untold = replace(TASK, seeds=None)
    asking = source(tasks={TASK.key: untold}, seeds={TASK.key: ToldSeeds(SEED)})
    unable = source(tasks={TASK.key: untold})

    value = {"value": "3283868009760115"}
    assert await ask(document, asking) == {
        "task": {"seeds": [value], "media": [{"seed": value}]},
        "seed": value,
    }
    assert (asking.tasks.asked, asking.seeds.asked) == ([TASK.key], [TASK.key])
    assert await ask(document, unable) == {"task": {"seeds": [], "media": [{"seed": None}]}, "seed": None}
