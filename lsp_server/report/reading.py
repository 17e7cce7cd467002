"""Records as a report reads them: the few members that it needs, decoded fast, whatever the source."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from lsp_server.errors import UserError
from lsp_server.telemetry.record import SCHEMA_VERSION, Record, Result, TruthState
from lsp_server.telemetry.serial import RecordError, from_json, to_json
from lsp_server.telemetry.sources.recorded import SQLITE_MAGIC, open_source
from lsp_server.telemetry.store import warn_of_unreadable

_MARK = f'"schema":{SCHEMA_VERSION}'.encode()


class Candidate(msgspec.Struct):
    """See the class of this name in `lsp_server.telemetry.record`; so for all below."""

    id: str = ""
    suggestion: str | None = None
    suggestion_chars: int | None = None
    confidence: float | None = None


class Generation(msgspec.Struct):
    arm: str = ""
    shadow: bool = False
    model: str = ""
    stages_ms: dict[str, float] = {}
    error: str = ""
    candidates: list[Candidate] = []


class Match(msgspec.Struct):
    candidate: str = ""
    exact: bool = False
    similarity: float | None = None
    kept_chars: int | None = None


class Truth(msgspec.Struct):
    after_s: float = 0.0
    moment: str = "delay"
    state: TruthState = "unknown"
    chars: int | None = None
    matches: list[Match] = []
    line: str | None = None


class Request(msgspec.Struct):
    user: str = ""
    language: str = ""
    editor: str = ""
    trigger_kind: str = "idle"
    trigger_point: str = ""
    inserted_chars: int | None = None
    prefix: str | None = None
    suffix: str | None = None


class Decision(msgspec.Struct):
    cached_from: str = ""
    arm: str = ""
    propensity: float = 1.0
    held_out: bool = False


class Outcome(msgspec.Struct):
    result: Result = "not_shown"
    candidate: str = ""
    accepted_chars: int = 0


class Replay(msgspec.Struct):
    of: str = ""
    origin: str = ""
    configuration: str = ""
    label: str = ""
    result: Result = "unknown"
    held_out: bool = False


class Row(msgspec.Struct):
    """A record."""

    id: str
    time: float
    origin: str = "dragoman"
    request: Request = msgspec.field(default_factory=Request)
    decision: Decision = msgspec.field(default_factory=Decision)
    generations: list[Generation] = []
    outcome: Outcome = msgspec.field(default_factory=Outcome)
    truths: list[Truth] = []
    replay: Replay | None = None


_decoder = msgspec.json.Decoder(Row)


def row_of(line: bytes) -> Row:
    """One record as JSON, of this version of the schema or an older one. Raises `RecordError`."""
    if _MARK not in line:
        line = to_json(from_json(line))
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        from_json(line)  # says what is wrong in the usual words
        raise RecordError(f"A record cannot be read: {error}.") from error


def row_of_record(record: Record) -> Row:
    """The same from a record that was imported."""
    return _decoder.decode(to_json(record))


def is_store(path: Path) -> bool:
    """Whether a file is a telemetry store, which can be read in parts."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    except OSError:
        return False


def read(path: Path) -> Iterator[Row]:
    """All records of any source. Raises `UserError`."""
    return (row_of_record(found.record) for found in open_source(path))


def parts_of(path: Path, rows: int) -> list[tuple[int, int]]:
    """Row numbers of a store from which to which, so that each part has about `rows` of them. Raises `UserError`."""
    with _opened(path) as database:
        first, last = database.execute("SELECT min(rowid), max(rowid) FROM records").fetchone()
    if first is None:
        return []
    return [(start, min(start + rows - 1, last)) for start in range(first, last + 1, rows)]


def count(path: Path) -> int:
    """Records in a store. Raises `UserError`."""
    with _opened(path) as database:
        return database.execute("SELECT count(*) FROM records").fetchone()[0]


def read_part(path: Path, first: int, last: int) -> Iterator[Row]:
    """The records of a store between two row numbers, both included; passes over those that cannot be read, as the
    store itself does. Raises `UserError`."""
    with _opened(path) as database:
        for key, body in database.execute("SELECT id, body FROM records WHERE rowid BETWEEN ? AND ?", (first, last)):
            try:
                yield row_of(body)
            except RecordError:
                warn_of_unreadable(path, key)


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as database:
            database.execute("SELECT 1 FROM records LIMIT 1").fetchone()
            yield database
    except sqlite3.Error as error:
        hint = "Give a telemetry store that is whole, an export or a folder."
        raise UserError(f"{path} cannot be read as a telemetry store: {error}", hint) from error
