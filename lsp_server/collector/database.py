"""Records of many machines in SQLite or PostgreSQL, by owner and id.

A record grows: its outcome and ground truths come later, with a higher revision of the store that it comes from. So an
upload that is repeated, late or out of order changes nothing, and the newest version of each record is kept once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from lsp_server.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

DEFAULT_URL = "sqlite:///collected.sqlite"
POOL = 10
"""Connections to PostgreSQL at most; requests beyond wait their turn."""
BATCH = 1000
"""Records that are read at once."""


@dataclass(frozen=True)
class Upload:
    """A record on its way in: read and checked, but not kept as objects, which take many times the memory."""

    id: str
    time: float
    body: bytes
    """The record as JSON, as it came."""
    revision: int
    """Of the uploader's store: a higher one is a newer version."""


@dataclass(frozen=True)
class Kept:
    """What became of a batch."""

    stored: int
    """Records that were not there yet."""
    updated: int
    """Records of which this is a newer version."""
    repeated: int
    """Records that were there in this version or a newer one."""


class UnavailableError(Exception):
    """The database does not answer, or has no room; nothing was kept."""


class Database:
    """Thread-safe. Close it."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        """Connect and make the table if it is not there. Without `create` a SQLite file must be there. Raises
        `UserError`."""
        sql = _sqlalchemy()
        try:
            self._engine = _engine(url, create)
            self._table = _table(sql)
            self._table.metadata.create_all(self._engine)
        except ModuleNotFoundError as error:
            hint = "Install it with `pip install 'dragoman[postgres]'`."
            raise UserError(f"The database's driver {error.name} is not installed.", hint) from error
        except sql.exc.SQLAlchemyError as error:
            where = url.rpartition("@")[2]  # without the password
            raise UserError(f"The database {where} cannot be used: {_cause(error)}", "Is it running?") from error

    def close(self) -> None:
        self._engine.dispose()

    def put(self, owner: str, uploads: Sequence[Upload]) -> Kept:
        """Keep a batch: all of it, or, if this raises `UnavailableError`, nothing. On return it survives the end of any
        process."""
        sql = _sqlalchemy()
        newest = {upload.id: upload for upload in sorted(uploads, key=lambda u: u.revision)}
        table = self._table
        before: dict[str, int] = {}
        if newest:
            now = time()
            # In one order everywhere, so that uploads at the same time wait for each other instead of locking up.
            rows = [
                {
                    "owner": owner,
                    "id": key,
                    "revision": upload.revision,
                    "time": upload.time,
                    "received": now,
                    "body": upload.body,
                }
                for key, upload in sorted(newest.items())
            ]
            insert = self._insert(table)
            changed = {name: insert.excluded[name] for name in ("revision", "time", "received", "body")}
            newer = table.c.revision < insert.excluded.revision
            statement = insert.on_conflict_do_update(index_elements=["owner", "id"], set_=changed, where=newer)
            found = sql.select(table.c.id, table.c.revision).where(
                table.c.owner == owner, table.c.id.in_(sorted(newest))
            )
            try:
                with self._engine.begin() as connection:
                    self._lock(connection, owner)
                    before = {row.id: row.revision for row in connection.execute(found)}
                    connection.execute(statement, rows)
            except sql.exc.SQLAlchemyError as error:
                raise UnavailableError(_cause(error)) from error
        updated = sum(before[key] < upload.revision for key, upload in newest.items() if key in before)
        stored = len(newest) - len(before)
        return Kept(stored, updated, len(uploads) - stored - updated)

    def count(self) -> int:
        """All records. Raises what the database raises."""
        sql = _sqlalchemy()
        with self._engine.connect() as connection:
            return connection.execute(sql.select(sql.func.count()).select_from(self._table)).scalar_one()

    def shared_ids(self) -> set[str]:
        """Ids under which more than one owner has a record. Raises what the database raises."""
        sql = _sqlalchemy()
        key = self._table.c.id
        query = sql.select(key).group_by(key).having(sql.func.count() > 1)
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def is_up(self) -> bool:
        """Whether the database answers."""
        sql = _sqlalchemy()
        try:
            with self._engine.connect() as connection:
                connection.execute(sql.select(1))
        except sql.exc.SQLAlchemyError:
            return False
        return True

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Owner and JSON of every record, by owner and id, never all in memory."""
        sql = _sqlalchemy()
        table = self._table
        last = ("", "")
        while True:
            key = sql.tuple_(table.c.owner, table.c.id)
            query = (
                sql.select(table.c.owner, table.c.id, table.c.body)
                .where(key > sql.tuple_(sql.literal(last[0]), sql.literal(last[1])))
                .order_by(table.c.owner, table.c.id)
                .limit(BATCH)
            )
            with self._engine.connect() as connection:
                rows: list[Any] = list(connection.execute(query))
            if not rows:
                return
            for row in rows:
                yield row.owner, bytes(row.body)
            last = (rows[-1].owner, rows[-1].id)

    def _lock(self, connection: Any, owner: str) -> None:
        """One upload of an owner at a time, so that what was stored and what was repeated is counted right."""
        if self._engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            sql = _sqlalchemy()
            connection.execute(sql.select(sql.func.pg_advisory_xact_lock(sql.func.hashtext(owner))))

    def _insert(self, table: "Table") -> Any:
        if self._engine.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert
        return insert(table)


def _sqlalchemy() -> Any:
    try:
        return import_module("sqlalchemy")
    except ImportError as error:
        hint = "Install it with `pip install 'dragoman[collector]'`."
        raise UserError("SQLAlchemy is not installed.", hint) from error


def _table(sql: Any) -> "Table":
    return sql.Table(
        "records",
        sql.MetaData(),
        sql.Column("owner", sql.String(200), primary_key=True),
        sql.Column("id", sql.String(200), primary_key=True),
        sql.Column("revision", sql.BigInteger, nullable=False),
        sql.Column("time", sql.Float(53), nullable=False, index=True),
        sql.Column("received", sql.Float(53), nullable=False),
        sql.Column("body", sql.LargeBinary, nullable=False),
    )


def _engine(url: str, create: bool) -> "Engine":
    """An engine for `sqlite:///FILE` or `postgresql://...`. Raises `UserError` for anything else."""
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UserError(
            f"{url!r} is no address of a database.", "It looks like postgresql://USER@HOST/NAME."
        ) from error
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=60,
            pool_pre_ping=True,
        )
    if kind != "sqlite":
        raise UserError(f"{kind} is not supported.", "Take sqlite:///FILE or postgresql://USER@HOST/NAME.")
    if parsed.database and not parsed.database.startswith((":memory:", "file:")):
        _make_private(Path(parsed.database), create)
    engine = create_engine(parsed, pool_size=POOL, max_overflow=0, pool_timeout=60, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # transactions begin where we say
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return engine


def _make_private(path: Path, create: bool) -> None:
    """The file of a database that only its owner can read, before SQLite makes one that everybody can."""
    if not create and not path.is_file():
        raise UserError(f"There is no database at {path}.", "Give --database the one that the collector writes to.")
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise UserError(f"The database {path} cannot be used: {error.strerror}.", "Give --database another.") from error


def _cause(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return str(origin).strip().splitlines()[0] if str(origin).strip() else type(origin).__name__
