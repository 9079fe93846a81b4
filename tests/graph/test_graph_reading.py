"""The documented tasks of PixAI, through the graph, whole."""

from __future__ import annotations

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import MEDIA, TASKS
from tests.conftest import Client

TASK = f"task:pixai:{vendor_examples.BATCH}"
COVER = f"media:pixai:{vendor_examples.BATCH_COVER}"
PICTURES = [f"media:pixai:{key}" for key in vendor_examples.BATCH_MEDIA]


async def test_a_task_is_shown_whole(graph: Client) -> None:
    """Every plain field of the task that PixAI's own document shows."""
    query = """query ($id: ID!) { task(id: $id) {
        __typename id provider providerId status providerStatus isTerminal progress operation model prompt
        promptEnglish negativePrompt description createdAt startedAt finishedAt updatedAt expiresAt duration
        queuePosition media { id } cover { id } preview failure { message } cost { amount } actions { id }
        ownerId channelId state botType } }"""

    data = await graph.data(query, id=TASK)

    assert data["task"] == {
        "__typename": "Task",
        "id": TASK,
        "provider": "PIXAI",
        "providerId": vendor_examples.BATCH,
        "status": "SUCCEEDED",
        "providerStatus": "completed",
        "isTerminal": True,
        "progress": None,
        "operation": "generation",
        "model": "1648918127446573124",
        "prompt": (
            "a lighthouse on a drifting iceberg, lantern light, gouache on rough paper, indigo and amber"
        ),
        "promptEnglish": None,
        "negativePrompt": "lowres, blurry, watermark, text",
        "description": None,
        "createdAt": "2024-05-22T06:22:11.557Z",
        "startedAt": "2024-05-22T06:22:12.240Z",
        "finishedAt": "2024-05-22T06:22:18.229Z",
        "updatedAt": "2024-05-22T06:22:11.557Z",
        "expiresAt": None,
        "duration": 4.83,
        "queuePosition": None,
        "media": [{"id": picture} for picture in PICTURES],
        "cover": {"id": COVER},
        "preview": None,
        "failure": None,
        "cost": None,
        "actions": [],
        "ownerId": "1541182147551506853",
        "channelId": None,
        "state": None,
        "botType": None,
    }


async def test_seeds_are_exact_and_know_their_pictures_and_task(graph: Client, box: Sandbox) -> None:
    """3283868009760115 is more than GraphQL's Int holds; the way back to the task costs no call."""
    query = """query ($id: ID!) { task(id: $id) {
        seeds { id value origin media { id seed { value } } task { id status } } } }"""

    data = await graph.data(query, id=TASK)

    assert data["task"]["seeds"] == [
        {
            "id": f"seed:pixai:{vendor_examples.BATCH}:{key}",
            "value": str(seed),
            "origin": "REPORTED",
            "media": [{"id": f"media:pixai:{key}", "seed": {"value": str(seed)}}],
            "task": {"id": TASK, "status": "SUCCEEDED"},
        }
        for key, seed in zip(vendor_examples.BATCH_MEDIA, vendor_examples.BATCH_SEEDS, strict=True)
    ]
    assert box.pixai.requests == {"POST /graphql": 1}


async def test_a_picture_has_its_sizes_and_their_end(graph: Client, box: Sandbox) -> None:
    """Details, URLs by variant, the expiry read from the signed one, and a permalink."""
    query = """query ($id: ID!) { media(id: $id) {
        id provider providerId kind width height contentType expiresAt task { id } seed { id }
        urls { variant url expiresAt } url thumb: url(variant: THUMBNAIL)
        permalink small: permalink(variant: THUMBNAIL) } }"""

    medium = (await graph.data(query, id=PICTURES[0]))["media"]

    urls = medium.pop("urls")
    assert [url["variant"] for url in urls] == ["PUBLIC", "THUMBNAIL", "STILL_THUMBNAIL"]
    assert all(url["url"].startswith(box.pixai.url) for url in urls)
    assert [url["expiresAt"] is None for url in urls] == [False, True, True]
    assert medium == {
        "id": PICTURES[0],
        "provider": "PIXAI",
        "providerId": vendor_examples.BATCH_MEDIA[0],
        "kind": "IMAGE",
        "width": 512,
        "height": 384,
        "contentType": "image/png",
        "expiresAt": urls[0]["expiresAt"],
        "task": None,
        "seed": None,
        "url": urls[0]["url"],
        "thumb": urls[1]["url"],
        "permalink": f"{graph.origin}/media/{PICTURES[0]}",
        "small": f"{graph.origin}/media/{PICTURES[0]}?variant=THUMBNAIL",
    }


async def test_the_nearest_larger_size_stands_in(graph: Client) -> None:
    """`fallback` takes a larger one for a missing smaller one, never the other way round."""
    query = """query ($id: ID!) { media(id: $id) {
        still: url(variant: STILL_THUMBNAIL) strict: url(variant: STILL_THUMBNAIL, fallback: false) url } }"""

    public = (await graph.data(query, id=f"pixai:{MEDIA['only PUBLIC']}"))["media"]
    thumbnail = (await graph.data(query, id=f"pixai:{MEDIA['only THUMBNAIL']}"))["media"]

    assert public == {"still": public["url"], "strict": None, "url": public["url"]}
    assert thumbnail == {"still": thumbnail["still"], "strict": None, "url": None}
    assert "/thumb/" in thumbnail["still"]


async def test_lists_by_id_keep_order_and_duplicates_and_hold_null(graph: Client) -> None:
    """Ids with and without the type, twice, and one that PixAI does not know."""
    ids = [PICTURES[1], "pixai:1", PICTURES[0], f"pixai:{vendor_examples.BATCH_MEDIA[1]}"]
    query = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id width } }"

    data = await graph.data(query, ids=ids)

    assert data["mediaById"] == [
        {"id": PICTURES[1], "width": 512},
        None,
        {"id": PICTURES[0], "width": 512},
        {"id": PICTURES[1], "width": 512},
    ]


async def test_nodes_of_every_type_side_by_side(graph: Client, box: Sandbox) -> None:
    """A task, a picture and a seed in one list, for two calls: the tasks' and the media's."""
    seed = f"seed:pixai:{vendor_examples.BATCH}:{vendor_examples.BATCH_MEDIA[2]}"
    ids = [TASK, PICTURES[0], seed, f"task:pixai:{vendor_examples.SINGLE}", "task:pixai:404"]
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
        __typename id ... on Task { status } ... on Media { width } ... on Seed { value } } }"""

    data = await graph.data(query, ids=ids)

    assert data["nodes"] == [
        {"__typename": "Task", "id": TASK, "status": "SUCCEEDED"},
        {"__typename": "Media", "id": PICTURES[0], "width": 512},
        {"__typename": "Seed", "id": seed, "value": str(vendor_examples.BATCH_SEEDS[2])},
        {"__typename": "Task", "id": f"task:pixai:{vendor_examples.SINGLE}", "status": "SUCCEEDED"},
        None,
    ]
    assert box.pixai.requests == {"POST /graphql": 2}


async def test_absence_is_null_even_for_the_id_alone(graph: Client) -> None:
    """Root fields fetch: an object that is not there is null for `{ id }` too."""
    query = """{ task(id: "pixai:1") { id } media(id: "pixai:1") { id } node(id: "media:pixai:1") { id }
                 seed(id: "pixai:1:2") { id } other: seed(id: "pixai:1749903535747486198:2") { id } }"""

    data = await graph.data(query)

    assert data == {"task": None, "media": None, "node": None, "seed": None, "other": None}


async def test_a_picture_that_is_gone_keeps_its_id(graph: Client) -> None:
    """`Task.media` comes from the task; what needs a look-up is null, without an error."""
    query = "query ($id: ID!) { task(id: $id) { media { provider width urls { url } url expiresAt kind } } }"

    data = await graph.data(query, id=f"pixai:{TASKS['media gone']}")

    gone = {"provider": "PIXAI", "width": None, "urls": None, "url": None, "expiresAt": None, "kind": None}
    assert data["task"]["media"] == [gone, gone]


async def test_entities_are_what_a_router_asks_for(graph: Client) -> None:
    """Federation's references, resolved with the same look-ups."""
    query = """query ($them: [_Any!]!) { _entities(representations: $them) {
        ... on Task { status } ... on Media { width } } }"""
    them = [{"__typename": "Task", "id": TASK}, {"__typename": "Media", "id": PICTURES[0]}]

    data = await graph.data(query, them=them)

    assert data["_entities"] == [{"status": "SUCCEEDED"}, {"width": 512}]


async def test_providers_tell_how_they_stand_without_a_call(graph: Client, box: Sandbox) -> None:
    """PixAI is the sandbox's; nothing is asked to say so."""
    query = "{ providers { provider isConfigured isSandbox isAvailable lastError { code } retryAfter } }"

    data = await graph.data(query)

    assert data["providers"][0] == {
        "provider": "PIXAI",
        "isConfigured": True,
        "isSandbox": True,
        "isAvailable": True,
        "lastError": None,
        "retryAfter": None,
    }
    assert box.pixai.requests == {}
