"""Records on the disk: one SQLite file that several servers may share, in WAL mode.

Plain and synchronous; whoever may not wait hands records to `lsp_server.telemetry.writer`. Records are written whole,
in one transaction; what `put` has returned from survives the end of the process.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.telemetry.record import Record
from lsp_server.telemetry.serial import RecordError, from_json, to_json
from models.folders import folder

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 5.0
"""How long another server may hold the file."""
APPLICATION_ID = 0x44524147
LAYOUT_VERSION = 1
"""Of the tables; the records inside carry the version of their own schema."""
BATCH = 500
"""Records that are read at once."""

_NEW_IDENTITY = "INSERT OR IGNORE INTO counters VALUES ('identity', random() & 0x7FFFFFFFFFFFFFFF)"
_IDENTITY = "SELECT value FROM counters WHERE name = 'identity'"
_LAYOUT = f"""
CREATE TABLE IF NOT EXISTS records (
    id TEXT PRIMARY KEY,
    time REAL NOT NULL,
    revision INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO counters VALUES ('revision', 0);
{_NEW_IDENTITY};
CREATE INDEX IF NOT EXISTS records_by_time ON records (time, id);
CREATE INDEX IF NOT EXISTS records_unfinished ON records (time) WHERE NOT finished;
CREATE INDEX IF NOT EXISTS records_by_revision ON records (revision);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {LAYOUT_VERSION};
"""

# Revisions only ever grow, even when records are deleted: an upload goes on after the last one that it has sent.
_NEXT_REVISIONS = "UPDATE counters SET value = value + ? WHERE name = 'revision' RETURNING value"
_REPLACE = "INSERT OR REPLACE INTO records (revision, time, finished, body, id) VALUES (?, ?, ?, ?, ?)"
_UPDATE = "UPDATE records SET revision = ?, time = ?, finished = ?, body = ? WHERE id = ?"


class StoreError(UserError):
    """A store that cannot be opened, read or written."""

    def __init__(self, message: str, hint: str = "", reason: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason or message
        """Without the path, which is a name of the user's: for the log."""


def default_path() -> Path:
    """Where this machine's records are."""
    return folder("data") / "telemetry.sqlite"


class Store:
    """Records by id and by time. A context manager; belongs to the thread that made it.

    Rows that cannot be read, because they are damaged or a newer Dragoman wrote them, are passed over and stay.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the store at `path`. Raises `StoreError`; without `create` also where there is none."""
        self.path = path
        if not create and not path.is_file():
            raise StoreError(f"There is no telemetry store at {path}.", "Turn on recording with telemetry.consent.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise _failure(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def put(
        self,
        records: Iterable[Record],
        *,
        written: Container[str] = (),
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Write records, each in the place of an earlier one with its id: all of them, or none, and whether they were
        written. Raises `StoreError`.

        Those with an id in `written` are here already, or were deleted and stay so. `is_wanted` is asked last of all,
        because another server may hold the file for seconds.
        """
        rows = [(record.time, record.finished, to_json(record), record.id) for record in records]
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                (last,) = self._database.execute(_NEXT_REVISIONS, (len(rows),)).fetchone()
                numbered = [(last - len(rows) + i, *row) for i, row in enumerate(rows, 1)]
                self._database.executemany(_REPLACE, [row for row in numbered if row[-1] not in written])
                self._database.executemany(_UPDATE, [row for row in numbered if row[-1] in written])
                wanted = is_wanted()
                self._database.execute("COMMIT" if wanted else "ROLLBACK")
            except BaseException:
                if self._database.in_transaction:  # SQLite itself has gone back where the disk is full
                    self._database.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise _failure(self.path, error) from error
        return wanted

    @property
    def identity(self) -> int:
        """A random number by which this store is known from another that took its place. Raises `StoreError`."""
        row = self._one(_IDENTITY)
        if row is None:  # it is from before stores had one
            self._all(_NEW_IDENTITY)
            row = self._one(_IDENTITY)
        assert row is not None
        return row[0]

    @property
    def revision(self) -> int:
        """The last revision that was given away. Raises `StoreError`."""
        row = self._one("SELECT value FROM counters WHERE name = 'revision'")
        return row[0] if row is not None else 0

    def get(self, key: str) -> Record | None:
        """The record with an id. Raises `RecordError` if it cannot be read."""
        row = self._one("SELECT body FROM records WHERE id = ?", key)
        return from_json(row[0]) if row is not None else None

    def __len__(self) -> int:
        row = self._one("SELECT count(*) FROM records")
        return row[0] if row is not None else 0

    def __iter__(self) -> Iterator[Record]:
        return self.records()

    def records(self, since: float | None = None, until: float | None = None) -> Iterator[Record]:
        """The records of `since <= time < until`, oldest first, read in batches: the store may be written meanwhile."""
        after = (float("-inf") if since is None else since, "")
        end = float("inf") if until is None else until
        query = "SELECT time, id, body FROM records WHERE (time, id) > (?, ?) AND time < ? ORDER BY time, id LIMIT ?"
        while rows := self._all(query, *after, end, BATCH):
            yield from self._readable((key, body) for _, key, body in rows)
            after = rows[-1][:2]

    def changed_since(self, revision: int, limit: int = BATCH) -> list[tuple[int, Record]]:
        """At most `limit` records that were written after a revision, with theirs, in order: what to upload next. None
        only where no more can be read."""
        query = "SELECT id, body, revision FROM records WHERE revision > ? ORDER BY revision LIMIT ?"
        while rows := self._all(query, revision, limit):
            if found := [(row[2], record) for row in rows for record in self._readable([row[:2]])]:
                return found
            revision = rows[-1][2]
        return []

    def unfinished(self, before: float) -> list[Record]:
        """Records from before a time to which more was to be added: their server ended without a word."""
        query = "SELECT id, body FROM records WHERE NOT finished AND time < ?"
        return list(self._readable(self._all(query, before)))

    def delete(self, before: float | None = None) -> int:
        """Remove the records before a time, or all of them, and their bytes from the file; how many they were."""
        try:
            self._database.execute("PRAGMA secure_delete = ON")
            removed = self._database.execute(
                "DELETE FROM records WHERE time < ?", (float("inf") if before is None else before,)
            ).rowcount
            self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (sqlite3.Error, OSError) as error:
            raise _failure(self.path, error) from error
        return removed

    def remove(self, keys: Iterable[str]) -> None:
        """Remove the records with these ids, as far as they are here. Raises `StoreError`."""
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany("DELETE FROM records WHERE id = ?", [(key,) for key in keys])
        except (sqlite3.Error, OSError) as error:
            raise _failure(self.path, error) from error

    def _prepare(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if os.name != "nt":
            self.path.chmod(0o600)
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > LAYOUT_VERSION:
            raise StoreError(f"{self.path} was written by a newer Dragoman.", "Update Dragoman where it is read.")
        if version < LAYOUT_VERSION:
            self._database.executescript(_LAYOUT)

    def _readable(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
        for key, body in rows:
            try:
                yield from_json(body)
            except RecordError:
                warn_of_unreadable(self.path, key)

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._all(query, *values)
        return rows[0] if rows else None

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _failure(self.path, error) from error


@cache
def warn_of_unreadable(path: Path, key: str) -> None:
    """Once for each row in the life of a process. What is wrong with it stays out of the log: it may quote the row."""
    logger.warning(event("record passed over", id=key, reason="unreadable"))


def _failure(path: Path, error: Exception) -> StoreError:
    broken = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
    hint = "Move it aside and a new one is begun." if broken else ""
    reason = (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
    return StoreError(f"The telemetry store {path} cannot be used: {reason}.", hint, reason)
