"""The file of idempotency keys: who may send, what came of it, how long it is known, what spoils it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from loaders.creations import MeshyImageToImage, PixaiCreation
from loaders.errors import BadInput, LimitExceeded
from resolvers.idempotency import scope
from resolvers.idempotency.sqlite import SqliteStore
from resolvers.idempotency.store import LIFETIME, Claim, Record, StateUnavailable, Unknown, Written

NOW = 1_800_000_000.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """In a folder that is not there yet, for at most three records."""
    opened = SqliteStore(tmp_path / "new" / "keys.db", most=3)
    yield opened
    await opened.close()


async def claim(store: SqliteStore, key: str = "a", input: str = "x", at: float = NOW) -> Claim | Record:
    """With ten seconds to send it."""
    return await store.claim(key, input, now=at, expires=at + 10)


async def claimed(store: SqliteStore, key: str = "a") -> Claim:
    """One that nobody has."""
    found = await claim(store, key)
    assert isinstance(found, Claim)
    return found


async def test_a_claim_is_given_once(store: SqliteStore) -> None:
    """Then its record, which tells what came of it."""
    mine = await claimed(store)

    assert await claim(store, input="y", at=NOW + 1) == Record("x", NOW, NOW + 10)
    await store.settle(mine, Written("image-to-image:018a"))
    assert await claim(store) == Record("x", NOW, NOW + 10, Written("image-to-image:018a"))
    assert isinstance(await claim(store, "b"), Claim)


async def test_what_is_not_known_is_kept_too(store: SqliteStore) -> None:
    """With the status that said nothing."""
    await store.settle(await claimed(store, "a"), Unknown(502))
    await store.settle(await claimed(store, "b"), Unknown())

    assert await claim(store, "a") == Record("x", NOW, NOW + 10, Unknown(502))
    assert await claim(store, "b") == Record("x", NOW, NOW + 10, Unknown())


async def test_a_refusal_gives_the_key_back(store: SqliteStore) -> None:
    """To anybody; an old claim settles and releases nothing of the next one."""
    first = await claimed(store)
    await store.release(first)
    second = await claimed(store)

    await store.settle(first, Written("1"))
    await store.release(first)

    assert await claim(store) == Record("x", NOW, NOW + 10)
    await store.settle(second, Written("2"))
    await store.release(second)  # too late: it is known
    assert await claim(store) == Record("x", NOW, NOW + 10, Written("2"))


async def test_a_record_ends_a_day_after_its_claim(store: SqliteStore) -> None:
    """Not after what came of it."""
    await store.settle(await claimed(store), Written("1"))

    assert isinstance(await claim(store, at=NOW + LIFETIME - 1), Record)
    assert isinstance(await claim(store, at=NOW + LIFETIME), Claim)


async def test_too_many_keys_are_refused_and_none_is_forgotten_early(store: SqliteStore) -> None:
    """Forgetting one could mean paying twice."""
    for key in "abc":
        await store.settle(await claimed(store, key), Written(key))

    with pytest.raises(LimitExceeded, match=r"At most 3 idempotency keys are kept; each ends after a day"):
        await claim(store, "d")

    assert [await claim(store, key) for key in "abc"] == [
        Record("x", NOW, NOW + 10, Written(key)) for key in "abc"
    ]
    assert isinstance(await claim(store, "d", at=NOW + LIFETIME), Claim)


async def test_two_processes_share_a_file(tmp_path: Path) -> None:
    """Each claim is given to one of them, from the first moment on."""
    stores = [SqliteStore(tmp_path / "keys.db") for _ in range(4)]

    found = await asyncio.gather(*(claim(store, f"{key}") for key in range(25) for store in stores))

    assert sum(isinstance(one, Claim) for one in found) == 25
    for store in stores:
        await store.close()


async def test_a_file_outlives_its_process(tmp_path: Path) -> None:
    """It is the owner's alone, and holds digests."""
    path = tmp_path / "state" / "keys.db"
    first = SqliteStore(path)
    await first.settle(await claimed(first), Written("1"))
    await first.close()

    second = SqliteStore(path)
    assert await claim(second) == Record("x", NOW, NOW + 10, Written("1"))
    await second.close()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()


def newer(path: Path) -> None:
    asyncio.run(opened(path))
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()


async def opened(path: Path) -> None:
    store = SqliteStore(path)
    try:
        await store.open()
    finally:
        await store.close()


UNUSABLE = {
    "another program's": (foreign, "the file was written by another program"),
    "a newer version's": (newer, "the file was written by another version of this program"),
    "no database": (lambda path: path.write_bytes(b"x" * 5000), "file is not a database"),
    "a folder": (Path.mkdir, "unable to open database file"),
    "below a file": (lambda path: path.parent.rmdir() or path.parent.write_text(""), "File exists"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, case: str) -> None:
    """It is left as it is."""
    make, reason = UNUSABLE[case]
    path = tmp_path / "state" / "keys.db"
    path.parent.mkdir()
    make(path)  # type: ignore[operator]

    with pytest.raises(StateUnavailable) as caught:
        asyncio.run(opened(path))

    assert caught.value.message == f"The state of idempotency keys cannot be used: {reason}"


async def test_a_store_that_was_closed_is_opened_anew_by_nobody(tmp_path: Path) -> None:
    """Closing waits for what was asked before."""
    store = SqliteStore(tmp_path / "keys.db")
    asked = asyncio.create_task(claim(store))
    await asyncio.sleep(0)
    await store.close()

    assert isinstance(await asked, Claim)
    with pytest.raises(RuntimeError):
        await claim(store)


def test_a_scope_is_a_callers_credentials_and_keys() -> None:
    """Each of the three makes another; none of them can be read from it."""
    scopes = {
        scope.scope(caller, fingerprint, key)
        for caller in ("", "anna")
        for fingerprint in ("f", "g")
        for key in ("k", "l")
    }

    assert len(scopes) == 8
    assert {len(one) for one in scopes} == {64}


def test_an_input_is_told_from_every_other() -> None:
    """By the field, the kind of input and each argument; the order of an object's names does not count."""
    base = PixaiCreation(prompt="a", seed=2**70, parameters={"a": 1, "b": [1.5, None]})
    others = [
        replace(base, prompt="b"),
        replace(base, parameters={"a": 1, "b": [1.5, None, 0]}),
        MeshyImageToImage(ai_model="m", prompt="a", reference_image_urls=("b", "c")),
        MeshyImageToImage(ai_model="m", prompt="a", reference_image_urls=("c", "b")),
    ]
    digests = {scope.input_digest("createTask", {"input": one}) for one in [base, *others]}
    digests.add(scope.input_digest("rerunTask", {"input": base}))

    assert len(digests) == 6
    same = replace(base, parameters={"b": [1.5, None], "a": 1})
    assert scope.input_digest("createTask", {"input": same}) in digests


@pytest.mark.parametrize("key", ["", "a" * 256, "a\n", "\x00", "\ud800", "a\u200b"])
def test_a_key_is_printable_and_not_long(key: str) -> None:
    """1 to 255 characters of any alphabet."""
    assert [scope.checked(good) for good in (None, "a", "ключ 1", "é" * 255)] == [
        None,
        "a",
        "ключ 1",
        "é" * 255,
    ]

    with pytest.raises(BadInput, match="Invalid `idempotencyKey`: expected 1 to 255 printable characters"):
        scope.checked(key)
