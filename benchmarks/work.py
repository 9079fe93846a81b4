"""What every system is asked: the rows of the table, and what a right answer to each of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from benchmarks.stub import rows, shapes

MARK = "<id>"  # in a body, where an id goes; all of them are as long, and so is the body
Kind: TypeAlias = Literal["media", "by id", "aliases", "literals", "page", "three sources"]


class Picture(NamedTuple):
    """A media in every answer, whatever the system calls its fields. urls: variant and address."""

    id: str
    width: int | None
    height: int | None
    urls: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """A task in every answer."""

    id: str
    status: str
    created: datetime
    media: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One row. size: ids, or tasks. again: the same request over and over, which caches may serve.

    connections: at no latency, where more of them only make each request wait for the others. alone: no more
    at a latency either.
    """

    name: str
    kind: Kind
    size: int
    connections: int = 16
    again: bool = False
    alone: bool = False

    @property
    def ids(self) -> int:
        """How many ids one request carries."""
        return 0 if self.kind in {"page", "three sources"} else self.size

    @property
    def is_shared(self) -> bool:
        """Whether several connections ask for the same at once."""
        return self.kind == "page" and self.connections > 1

    @property
    def rolling(self) -> bool:
        """Whether the stub's lists hold new tasks at each call, so that nothing learned serves again."""
        return not self.again


MEDIA = Work(name="media", kind="media", size=1)
ALIASES = Work(name="20 aliases", kind="aliases", size=20)
LITERALS = Work(name="20 literal aliases", kind="literals", size=20)
PAGE = Work(name="page of 20", kind="page", size=20)
# without others that ask for the same page at the same time, which Triptych executes once for all
ALONE = Work(name="page of 20, one at a time", kind="page", size=20, connections=1, alone=True)
LONG_PAGE = Work(name="page of 100", kind="page", size=100, connections=8)
# Meshy allows 20 requests a second, and Triptych stays below: four connections reach that
SOURCES = Work(name="page of 20, three sources", kind="three sources", size=20, connections=4)
EVERYTHING = (
    MEDIA,
    Work(name="mediaById of 20", kind="by id", size=20),
    Work(name="mediaById of 100", kind="by id", size=100, connections=8),
    Work(name="mediaById of 1,000", kind="by id", size=1000, connections=1),
    ALIASES,
    LITERALS,
    PAGE,
    ALONE,
    LONG_PAGE,
    SOURCES,
    Work(name="media, again", kind="media", size=1, again=True),
    Work(name="20 aliases, again", kind="aliases", size=20, again=True),
    Work(name="page of 20, again", kind="page", size=20, again=True),
)
# far beyond one screen: ours alone, beside the JSON that no server can do without
HUGE = Work(name="mediaById of 10,000", kind="by id", size=10_000, connections=1)
# where a server that does nothing is measured beside the others
FLOORED = (MEDIA.name, PAGE.name, f"{MEDIA.name}, again")


def ids(start: int) -> Iterator[str]:
    """PixAI media ids, 18 digits each, that nobody has asked for if nobody has counted this far."""
    while True:
        yield f"459{start:015d}"
        start += 1


def filled(body: str, keys: Iterator[str]) -> bytes:
    """The body with an id in each place."""
    first, *rest = body.split(MARK)
    return (first + "".join(next(keys) + piece for piece in rest)).encode()


def right_answer(work: Work, keys: list[str]) -> list[Picture] | list[Row]:
    """What the stub has, for the ids that were asked or the front of a list that does not roll."""
    if work.kind == "page":
        return [_pixai_row(position) for position in range(work.size)]
    if work.kind == "three sources":
        everything = [row for position in range(work.size) for row in _rows_at(position)]
        return sorted(everything, key=lambda row: row.created, reverse=True)[: work.size]
    return [picture(key) for key in keys]


def picture(key: str) -> Picture:
    """The stub's media of that id."""
    urls = tuple((variant, shapes.media_url(key, variant)) for variant in shapes.VARIANTS)
    return Picture(key, shapes.WIDTH, shapes.HEIGHT, urls)


def _pixai_row(position: int) -> Row:
    key = rows.task_key(0, position)
    return Row(key, "SUCCEEDED", rows.created(position, rows.PIXAI), (picture(shapes.media_key(key)),))


def _rows_at(position: int) -> tuple[Row, ...]:
    meshy, midjourney = rows.meshy_key(0, position), rows.midjourney_key(0, position)
    return (
        _pixai_row(position),
        _bare_row(f"meshy:image-to-image:{meshy}", position, rows.MESHY, meshy),
        _bare_row(f"midjourney:{midjourney}", position, rows.NEWAPI, midjourney),
    )


def _bare_row(task_id: str, position: int, late: timedelta, key: str) -> Row:
    # a source that tells neither sizes nor variants; Midjourney's grid is `:0`, as Meshy's first picture is
    pictures = (Picture(f"{task_id}:0", None, None, (("PUBLIC", shapes.media_url(key, "PUBLIC")),)),)
    return Row(task_id, "SUCCEEDED", rows.created(position, late), pictures)
