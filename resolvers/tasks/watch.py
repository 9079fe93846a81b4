"""Tasks as they change, whoever runs them: one stream of updates over the watchers of their sources."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from loaders import ids
from loaders.account import TaskWatch
from loaders.course import Update
from loaders.errors import NotSupported, TriptychError
from loaders.ids import Kind
from loaders.mailbox import Mailbox
from resolvers.context import RequestContext

Updates = AsyncGenerator[tuple[str, Update], None]  # with the id as the client gave it


def watch(context: RequestContext, wanted: Sequence[str]) -> Updates:
    """Each task as it is now, its changes, and its last update, which ends the id; the last ends the stream.

    An id that repeats counts once. Whatever is wrong with one ends that id alone. Raises LimitExceeded for
    more ids, or more subscriptions, than this server takes.
    """
    distinct = list(dict.fromkeys(wanted))
    context.subscriptions.check(len(distinct))
    return _updates(context, distinct)


async def _updates(context: RequestContext, wanted: Sequence[str]) -> Updates:
    joined: dict[str, tuple[TaskWatch, str]] = {}
    left = set(wanted)
    with context.subscriptions.opened() as mailbox:
        try:
            for name in wanted:
                try:
                    joined[name] = _join(context, name, mailbox)
                except TriptychError as error:
                    mailbox.put(name, Update(error=error, is_last=True))
            if not left:
                return
            async for name, update in mailbox:
                if update.is_last:
                    left.discard(name)
                yield name, update
                if not left:
                    return
            for name in sorted(left):
                yield name, Update(error=context.subscriptions.why_closed(), is_last=True)
        finally:
            for name, (watcher, key) in joined.items():
                watcher.leave(key, mailbox, name)


def _join(context: RequestContext, id: str, mailbox: Mailbox) -> tuple[TaskWatch, str]:
    found = ids.parse(id, Kind.TASK)
    watcher = context.account(found.provider).watch
    if watcher is None:
        said = f"Subscriptions are not supported for {found.provider.label}"
        raise NotSupported(said, provider=found.provider)
    watcher.join(found.key, mailbox, id)
    return watcher, found.key
