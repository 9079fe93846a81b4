"""PixAI's schema with its resolvers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLFieldResolver,
    GraphQLResolveInfo,
    GraphQLSchema,
    assert_object_type,
    build_schema,
)

from sandbox.pixai import pages
from sandbox.pixai.graph_faults import Partial
from sandbox.pixai.records import USER, Json, Media, Task
from sandbox.pixai.server import Pixai, Refused

TOO_MANY = 10_000  # `last` from which the real server gives up
NO_FLAG: Json = {"status": "PASSED"} | dict.fromkeys(
    ("isSensitive", "isMinors", "isRealistic", "isFlagged", "isSexyPic", "isSexyText"), False
)
NO_FLAG |= dict.fromkeys(("shouldBlur", "isWarned", "isAppealable"), False)


@dataclass(frozen=True, slots=True)
class Context:
    """One request: what the resolvers work with."""

    server: Pixai
    faults: Partial

    @property
    def now(self) -> float:
        """Epoch seconds."""
        return self.server.clock()

    def check(self, key: str) -> None:
        """Raises the error that a fault gives the field with this id."""
        error = self.faults.on_id(key)
        if error is not None:
            raise error

    def task(self, task: Task | None) -> Json | None:
        """A Task of the schema."""
        if task is None:
            return None
        given = task.parameters or {}
        priority = given.get("priority")
        return task.wire() | {
            "cover": task.cover,
            "artworkIds": [],
            "artworks": [],
            "priority": priority if isinstance(priority, int) and priority in range(2**31) else 500,
            "retryCount": 0,
            "paidCredit": 0,
            "type": {"type": "IMAGE", "model": given.get("modelId")},
            "moderationAction": {"promptsModerationAction": None},
        }

    def media(self, media: Media | None) -> Json | None:
        """A Media of the schema; another user's is null."""
        if media is None or not media.mine:
            return None
        return {
            "id": media.id,
            "type": media.type,
            "width": media.width,
            "height": media.height,
            "imageType": media.image_type,
            "urls": self.server.files.urls(media),
            "fileUrl": self.server.files.url(media, "orig"),
            "thumbnailUrl": self.server.files.url(media, "thumb"),
            "size": None if media.content is None else len(media.content),
            "flag": NO_FLAG,
        }


Info = GraphQLResolveInfo


def _task(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    context.check(given["id"])
    return context.task(context.server.world.task(given["id"], context.now))


def _media(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    context.check(given["id"])
    return context.media(context.server.world.media(given["id"], context.now))


def _me(_root: object, info: Info) -> Json:
    context: Context = info.context
    quota = str(context.server.quota)
    return {"id": USER, "email": "sandbox@example.com", "emailVerified": True, "quotaAmount": quota}


def _tasks(_user: Json, info: Info, status: str | None = None, **given: Any) -> Json:
    context: Context = info.context
    error = context.faults.on_list()
    if error is not None:
        raise error
    if (given.get("last") or 0) >= TOO_MANY:
        raise GraphQLError("Internal server error")
    listed = context.server.world.listed(context.now)
    tasks = [task for task in listed if status is None or task.status == status]
    return pages.connection(tasks, context.task, **given)


def _cover(task: Json, info: Info) -> Json | None:
    context: Context = info.context
    return context.media(context.server.world.media(task["cover"], context.now))


def _create(_root: object, info: Info, parameters: Json) -> Json | None:
    context: Context = info.context
    try:
        return context.task(context.server.create(parameters))
    except Refused as error:
        raise _error(error) from None


def _cancel(_root: object, info: Info, reason: str | None = None, **given: str) -> Json | None:
    context: Context = info.context
    return context.task(context.server.cancel(given["id"], reason))


def _rerun(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    try:
        return context.task(context.server.rerun(given["id"]))
    except Refused as error:
        raise _error(error) from None


def _delete(_root: object, info: Info, **given: str) -> None:
    context: Context = info.context
    context.server.world.delete(given["id"])


def _upload(_root: object, info: Info, **arguments: Json) -> Json:
    context: Context = info.context
    given = arguments["input"]
    if given.get("provider") == "CF":
        raise GraphQLError("provider must be S3", extensions={"code": "BAD_USER_INPUT"})
    if given.get("externalId") is None:
        url, key = context.server.uploads.begin(context.server.url, given["type"])
        return {"uploadUrl": url, "externalId": key}
    try:
        private = bool(given.get("isPrivate"))
        media = context.server.register(given["externalId"], given["type"], private=private)
    except Refused as error:
        raise _error(error) from None
    return {"externalId": given["externalId"], "mediaId": media.id, "media": context.media(media)}


async def _events(_root: object, info: Info) -> AsyncIterator[Json]:
    context: Context = info.context
    with context.server.changes.queue() as changed:
        while True:
            yield {"taskUpdated": context.task(await changed.get())}


def _error(error: Refused) -> GraphQLError:
    return GraphQLError(str(error), extensions={"code": error.code})


def _schema() -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text("utf-8"))
    resolvers: dict[str, dict[str, GraphQLFieldResolver]] = {
        "Query": {"task": _task, "media": _media, "me": _me},
        "User": {"tasks": _tasks},
        "Task": {"media": _cover},
        "Mutation": {
            "createGenerationTask": _create,
            "cancelGenerationTask": _cancel,
            "rerunGenerationTask": _rerun,
            "deleteGenerationTask": _delete,
            "uploadMedia": _upload,
        },
        "Subscription": {"personalEvents": lambda event, _info: event},
    }
    for name, fields in resolvers.items():
        kind = assert_object_type(schema.get_type(name))
        for field, resolve in fields.items():
            kind.fields[field].resolve = resolve
    assert_object_type(schema.subscription_type).fields["personalEvents"].subscribe = _events
    return schema


SCHEMA = _schema()
