"""PixAI's schema with its resolvers."""

from __future__ import annotations

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
from sandbox.pixai.files import Files
from sandbox.pixai.graph_faults import Partial
from sandbox.pixai.records import USER, Json, Media, Task
from sandbox.pixai.world import World

TOO_MANY = 10_000  # `last` from which the real server gives up


@dataclass(frozen=True, slots=True)
class Context:
    """One request: what the resolvers work with. now: epoch seconds."""

    world: World
    files: Files
    now: float
    faults: Partial

    def check(self, key: str) -> None:
        """Raises the error that a fault gives the field with this id."""
        error = self.faults.on_id(key)
        if error is not None:
            raise error

    def task(self, task: Task | None) -> Json | None:
        """A Task of the schema."""
        return None if task is None else task.wire() | {"cover": task.cover}

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
            "urls": self.files.urls(media),
        }


Info = GraphQLResolveInfo


def _task(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    context.check(given["id"])
    return context.task(context.world.task(given["id"], context.now))


def _media(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    context.check(given["id"])
    return context.media(context.world.media(given["id"], context.now))


def _me(_root: object, _info: Info) -> Json:
    return {"id": USER}


def _tasks(_user: Json, info: Info, status: str | None = None, **given: Any) -> Json:
    context: Context = info.context
    error = context.faults.on_list()
    if error is not None:
        raise error
    if (given.get("last") or 0) >= TOO_MANY:
        raise GraphQLError("Internal server error")
    tasks = [task for task in context.world.listed(context.now) if status is None or task.status == status]
    return pages.connection(tasks, context.task, **given)


def _cover(task: Json, info: Info) -> Json | None:
    context: Context = info.context
    return context.media(context.world.media(task["cover"], context.now))


def _create(_root: object, info: Info, parameters: Json) -> Json | None:
    context: Context = info.context
    if not parameters.get("prompts"):
        raise GraphQLError("prompts is required", extensions={"code": "BAD_USER_INPUT"})
    return context.task(context.world.create(parameters, context.now))


def _cancel(_root: object, info: Info, reason: str | None = None, **given: str) -> Json | None:
    context: Context = info.context
    return context.task(context.world.cancel(given["id"], reason, context.now))


def _rerun(_root: object, info: Info, **given: str) -> Json | None:
    context: Context = info.context
    task = context.world.task(given["id"], context.now)
    return None if task is None else context.task(context.world.create(task.parameters or {}, context.now))


def _delete(_root: object, info: Info, **given: str) -> None:
    context: Context = info.context
    context.world.delete(given["id"])


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
        },
    }
    for name, fields in resolvers.items():
        kind = assert_object_type(schema.get_type(name))
        for field, resolve in fields.items():
            kind.fields[field].resolve = resolve
    return schema


SCHEMA = _schema()
