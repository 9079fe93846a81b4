"""Records in a SQLite file, which the processes of one machine may share; or in memory.

Whatever is committed has reached the disk (`synchronous=FULL`): a write that was sent has its record,
whenever the process or the machine stops. The file holds digests of keys, never the keys.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from loaders.errors import LimitExceeded
from resolvers.idempotency.store import LIFETIME, Claim, Outcome, Record, StateUnavailable, Unknown, Written

MEMORY = ":memory:"
VERSION = 1  # of the table
MOST = 200_000  # records: 60 MB
BUSY = 5.0  # seconds to wait for another process's lock
_SIGNATURE = int.from_bytes(b"Trip")  # PRAGMA application_id
_TABLE = """
CREATE TABLE IF NOT EXISTS writes (
  scope TEXT PRIMARY KEY, input TEXT NOT NULL, token TEXT NOT NULL,
  made REAL NOT NULL, expires REAL NOT NULL, outcome TEXT
) WITHOUT ROWID
"""

T = TypeVar("T")


class SqliteStore:
    """path: of the file, whose folder is made; MEMORY keeps nothing. It is opened when it is first needed.

    One thread serves it, because SQLite waits for the disk. most: records beyond which no claim is given:
    forgetting one early could mean paying twice.
    """

    def __init__(self, path: Path | str = MEMORY, *, most: int = MOST) -> None:
        self._path = path
        self._most = most
        self._thread = ThreadPoolExecutor(1, "idempotency")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """At once, to see that it can be. Raises StateUnavailable, with a reason in a few words."""
        await self._run(lambda _: None)

    async def claim(self, scope: str, input: str, *, now: float, expires: float) -> Claim | Record:
        """As a Store."""
        return await self._run(partial(self._claim, scope, input, now, expires))

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """As a Store."""
        text = json.dumps(
            {"key": outcome.key} if isinstance(outcome, Written) else {"status": outcome.status}
        )
        sql = "UPDATE writes SET outcome = ? WHERE scope = ? AND token = ?"
        await self._run(lambda database: _commit(database, sql, text, claim.scope, claim.token))

    async def release(self, claim: Claim) -> None:
        """As a Store."""
        sql = "DELETE FROM writes WHERE scope = ? AND token = ? AND outcome IS NULL"
        await self._run(lambda database: _commit(database, sql, claim.scope, claim.token))

    async def close(self) -> None:
        """Close the file, once what was asked of it is done."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._opened()
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise StateUnavailable(f"The state of idempotency keys cannot be used: {reason}") from error

    def _opened(self) -> sqlite3.Connection:
        if isinstance(self._path, Path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        # transactions begin where `_claim` says so; single statements are their own
        database = sqlite3.connect(self._path, timeout=BUSY, isolation_level=None)
        try:
            _patiently(database)
        except BaseException:
            database.close()
            raise
        return database

    def _claim(
        self, scope: str, input: str, now: float, expires: float, database: sqlite3.Connection
    ) -> Claim | Record:
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute("DELETE FROM writes WHERE made <= ?", (now - LIFETIME,))
            found = database.execute(
                "SELECT input, made, expires, outcome FROM writes WHERE scope = ?", (scope,)
            ).fetchone()
            claim = Claim(scope, token_hex(16), expires)
            if found is None:
                self._make_sure_of_space(database)
                row = (scope, input, claim.token, now, expires)
                database.execute("INSERT INTO writes VALUES (?, ?, ?, ?, ?, NULL)", row)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return claim if found is None else _record(*found)

    def _make_sure_of_space(self, database: sqlite3.Connection) -> None:
        (kept,) = database.execute("SELECT COUNT(*) FROM writes").fetchone()
        if kept >= self._most:
            raise LimitExceeded(f"At most {self._most:,} idempotency keys are kept; each ends after a day")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA synchronous = FULL")
    database.execute("BEGIN IMMEDIATE")  # from here on no other process makes the same table
    (signature,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if (signature != _SIGNATURE and tables) or version > VERSION:
        whose = "another version of this program" if signature == _SIGNATURE else "another program"
        raise sqlite3.DatabaseError(f"the file was written by {whose}")
    database.execute(_TABLE)
    database.execute("CREATE INDEX IF NOT EXISTS made ON writes (made)")
    database.execute(f"PRAGMA application_id = {_SIGNATURE}")
    database.execute(f"PRAGMA user_version = {VERSION}")
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")


def _patiently(database: sqlite3.Connection) -> None:
    # SQLite does not wait for the lock that a first change to WAL takes: two processes may start at once
    end = time.monotonic() + BUSY
    while True:
        try:
            return _prepare(database)
        except sqlite3.OperationalError as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            is_busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _commit(database: sqlite3.Connection, sql: str, *values: str) -> None:
    database.execute(sql, values)


def _record(input: str, made: float, expires: float, outcome: str | None) -> Record:
    return Record(input, made, expires, _outcome(outcome))


def _outcome(text: str | None) -> Outcome | None:
    if text is None:
        return None
    told = json.loads(text)
    return Written(told["key"]) if "key" in told else Unknown(told["status"])
