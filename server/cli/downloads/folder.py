"""The folder that pictures are kept in: what is there, what is under way, and nothing outside of it.

DIR/pixai/459604023097100648.png       a picture, whole from the moment that it has this name
DIR/.triptych/archive.jsonl            one line per picture: its id, its size, its file
DIR/.triptych/lock                     held while a command writes here
DIR/.triptych/3.part                   a picture that is still coming
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import orjson

from server.cli.downloads.naming import HIDDEN
from server.os_errors import reason

if sys.platform != "win32":
    import fcntl


class Unusable(Exception):
    """Nothing can be kept in the folder. The message says why, in a few words."""


class Outside(Exception):
    """A name leads out of the folder, through a link that lies in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is there. file: its path in the folder; bytes: its length."""

    id: str
    variant: str
    file: str
    bytes: int


class Folder:
    """One command's. `open` makes it."""

    def __init__(self, path: Path, archive: IO[bytes], kept: dict[tuple[str, str], Kept]) -> None:
        self.path = path
        self._archive = archive
        self._kept = kept
        self._owners = {entry.file.casefold(): key for key, entry in kept.items()}
        self._parts = 0

    def kept(self, id: str, variant: str) -> Kept | None:
        """The picture, where its file is there and has its length."""
        entry = self._kept.get((id, variant))
        if entry is None:
            return None
        try:
            is_there = self._inside(entry.file).stat().st_size == entry.bytes
        except (OSError, ValueError, Outside):
            return None
        return entry if is_there else None

    def part(self) -> Path:
        """Where to write the next picture until it is whole."""
        self._parts += 1
        return self.path / HIDDEN / f"{self._parts}.part"

    def keep(self, part: Path, id: str, variant: str, name: PurePosixPath) -> Kept:
        """Give a whole picture its name: that name, or one with a number where another has it.

        The archive comes first: a line without its file is asked for again, a file without its line would be
        kept twice. Raises OSError, Outside.
        """
        with part.open("rb") as whole:
            os.fsync(whole.fileno())
        file = self._free(part, (id, variant), name)
        entry = Kept(id, variant, file, part.stat().st_size)
        target = self._inside(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._inside(file)  # once more, now that every folder of it is there
        self._archive.write(orjson.dumps(asdict(entry)) + b"\n")
        self._archive.flush()
        part.replace(target)
        self._kept[id, variant] = entry
        self._owners[file.casefold()] = (id, variant)
        return entry

    def _free(self, part: Path, key: tuple[str, str], name: PurePosixPath) -> str:
        number = 1
        while True:
            # a.png, a-2.png, a-3.png; without regard to case, which some systems have none of
            stem = name.stem if number == 1 else f"{name.stem}-{number}"
            file = str(name.with_name(stem + name.suffix))
            owner = self._owners.get(file.casefold())
            if owner == key:
                return file
            if owner is None:
                target = self._inside(file)
                is_taken = os.path.lexists(target)
                if not is_taken or (target.is_file() and _is_same(part, target)):
                    return file
            number += 1

    def _inside(self, file: str) -> Path:
        """The path of a file in the folder. Raises Outside where a link leads elsewhere."""
        found = self.path.joinpath(*PurePosixPath(file).parts)
        if not found.parent.resolve().is_relative_to(self.path) or ".." in PurePosixPath(file).parts:
            raise Outside(file)
        return found


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """The folder, made where it is not there; nobody else writes to it meanwhile. Raises Unusable."""
    try:
        hidden = path / HIDDEN
        hidden.mkdir(parents=True, exist_ok=True)
        lock = (hidden / "lock").open("wb")
    except OSError as error:
        raise Unusable(reason(error)) from None
    with lock:
        _lock(lock)
        try:
            for left in hidden.glob("*.part"):  # of a command that was ended
                left.unlink()
            file = hidden / "archive.jsonl"
            kept = _read(file)
            archive = file.open("ab")
        except OSError as error:
            raise Unusable(reason(error)) from None
        with archive:
            yield Folder(path.resolve(), archive, kept)


def _lock(lock: IO[bytes]) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Unusable("another download is writing there") from None


def _read(file: Path) -> dict[tuple[str, str], Kept]:
    """The last line of each picture. One that was cut short, as by a full disk, is ended and skipped."""
    if not file.exists():
        return {}
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        with file.open("ab") as archive:
            archive.write(b"\n")
    found = {}
    for line in content.splitlines():
        entry = _entry(line)
        if entry is not None:
            found[entry.id, entry.variant] = entry
    return found


def _entry(line: bytes) -> Kept | None:
    try:
        match orjson.loads(line):
            case {"id": str(id), "variant": str(variant), "file": str(file), "bytes": int(count)}:
                return Kept(id, variant, file, count)
    except ValueError:
        pass
    return None


def _is_same(one: Path, other: Path) -> bool:
    with one.open("rb") as left, other.open("rb") as right:
        if os.fstat(left.fileno()).st_size != os.fstat(right.fileno()).st_size:
            return False
        while chunk := left.read(1 << 20):
            if chunk != right.read(1 << 20):
                return False
        return True
