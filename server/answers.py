"""Whole answers, kept for as long as everything in them is.

A client that asks for what it has asked for before, byte for byte, gets the same bytes without its request
being read. An answer is kept

    under       its request's body and the caller's role: no header changes what is in it
    when        the body has come before: most never come again
    where       all of it came from the caches, by a plan (engine.plan.run): no error, no list, nothing absent
    until       the first of its values is over, dropped, or replaced by a newer one

The caches decide about every value as ever; an answer only outlives none of them. It is never kept where
callers bring keys of their own: those, and the origin in permalinks, are the same for all requests here.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.types import Scope

from engine.plan.basis import Basis
from loaders.cache import ENTRY, PROCESS, Cache, Memory
from resolvers.context import Role
from server import compression
from server.heads import ID, Head, Heads
from server.request_trace import id_of

LONGEST_BODY = 8 * 1024  # bytes of a request; longer ones hold many ids, and hardly come again
LARGEST = 256 * 1024  # bytes of an answer, of which a quarter of all memory would be 250
LEAST = 2.0  # seconds that an answer has to live: a running task is asked for anew each second
LIFE = 128  # bytes that an answer holds for each of its values
ASKED = 4096  # bodies that are known to have come: an answer is kept when its body comes again


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in one form. head: its headers in bytes, without those of one request alone."""

    head: bytes
    content: bytes

    @classmethod
    def of(cls, content: bytes, media_type: str, vary: bytes, *, is_gzip: bool) -> Reply:
        """content: as it is sent."""
        return cls(b"content-length: %d\r\n%s" % (len(content), _form(media_type, vary, is_gzip)), content)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The same, one by one."""
        named = (line.partition(b": ") for line in self.head.splitlines())
        return [(name, value) for name, _, value in named]

    def head_of(self, head: Head) -> bytes:
        """The headers of one request's answer in bytes, with the blank line."""
        own = b"".join([b"%s: %s\r\n" % header for header in head.for_page]) if head.for_page else b""
        return b"%s%s%s: %s\r\n\r\n" % (self.head, own, *request_id(head))


@lru_cache(16)
def _form(media_type: str, vary: bytes, is_gzip: bool) -> bytes:
    encoding = b"content-encoding: gzip\r\n" if is_gzip else b""
    return b"content-type: %s\r\nvary: %s\r\n%s" % (media_type.encode(), vary, encoding)


@dataclass(frozen=True, slots=True)
class Answer:
    """One that is kept. asked: bytes of its request. replies: by media type, and whether they are gzip."""

    content: bytes
    basis: Basis
    asked: int
    replies: dict[tuple[str, bool], Reply] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Approximate bytes, with every form that it may be sent in."""
        return ENTRY + self.asked + 2 * len(self.content) + LIFE * len(self.basis.lives)


class Answers:
    """Those of one server. vary: the header of every answer. is_on: whether any is kept."""

    def __init__(
        self,
        vary: bytes,
        *,
        is_on: bool = True,
        clock: Callable[[], float] = time.time,
        memory: Memory = PROCESS,
    ) -> None:
        self.is_on = is_on
        self.vary = vary
        self._clock = clock
        self._asked: OrderedDict[int, None] = OrderedDict()  # the latest last

        def lifetime(answer: Answer, now: float) -> float:
            return answer.basis.end - now

        self._kept = {
            role: Cache(lifetime, size=lambda answer: answer.size, clock=clock, memory=memory)
            for role in Role
        }

    def keep(self, head: Head, body: bytes, content: bytes, basis: Callable[[], Basis | None]) -> None:
        """Remember the answer to a body, if it may be given again. basis: what it was read from."""
        if not self.is_on or len(body) > LONGEST_BODY or len(content) > LARGEST:
            return
        if not self._has_come_before(body):
            return
        found = basis()
        if found is not None and found.end - self._clock() >= LEAST:
            self._kept[head.caller.role].put(body, Answer(content, found, len(body)))

    def reply(self, head: Head, body: bytes | bytearray) -> Reply | None:
        """What is kept for the body, in the form that the client takes; None: it has to be executed."""
        if len(body) > LONGEST_BODY:
            return None
        kept, key = self._kept[head.caller.role], bytes(body)
        answer = kept.get(key)
        if answer is None:
            return None
        if not answer.basis.is_whole:
            kept.drop(key)
            return None
        answer.basis.hit()
        reply = answer.replies.get(head.form)
        if reply is None:
            reply = answer.replies[head.form] = self._in_form(answer.content, *head.form)
        return reply

    def _has_come_before(self, body: bytes) -> bool:
        # endlessly distinct requests leave a number each, of which so many are kept
        asked, number = self._asked, hash(body)
        is_known = number in asked
        asked[number] = None
        asked.move_to_end(number)
        if len(asked) > ASKED:
            asked.popitem(last=False)
        return is_known

    async def unkept(self, head: Head, content: bytes) -> Reply:
        """An answer that was just made, in the form that the client takes."""
        is_gzip = head.takes_gzip and len(content) > compression.SMALLEST
        sent = await compression.gzipped(content) if is_gzip else content
        return Reply.of(sent, head.media_type, self.vary, is_gzip=is_gzip)

    def _in_form(self, content: bytes, media_type: str, takes_gzip: bool) -> Reply:
        is_gzip = takes_gzip and len(content) > compression.SMALLEST
        sent = compression.gzip(content) if is_gzip else content
        return Reply.of(sent, media_type, self.vary, is_gzip=is_gzip)


class AtOnce:
    """What needs no app, for `uvicorn_protocols`: a request whose answer is kept."""

    def __init__(self, heads: Heads, answers: Answers) -> None:
        self._heads = heads
        self._answers = answers

    def __call__(self, scope: Scope, body: bytearray) -> tuple[bytes, bytes] | None:
        """The headers in bytes, with the blank line, and the content; None where the app has to answer."""
        head = self._heads.of(scope)
        reply = None if head is None else self._answers.reply(head, body)
        if head is None or reply is None:
            return None
        return reply.head_of(head), reply.content


def request_id(head: Head) -> tuple[bytes, bytes]:
    """The header that names the request."""
    return ID, id_of(head.request_id).encode()
