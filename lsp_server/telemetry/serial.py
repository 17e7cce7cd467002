"""Records as JSON, and records of older versions of the schema as today's.

One line of JSON is a record: in the store, in an export and on the wire to a collector. Unknown members are ignored, so
that an older collector can read what a newer server sends as long as the version is the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lsp_server.errors import UserError
from lsp_server.telemetry.record import SCHEMA_VERSION, Record

Json = dict[str, Any]


class RecordError(UserError):
    """Something that should be a record and is not."""


MIGRATIONS: Mapping[int, Callable[[Json], Json]] = {}
"""From each version before today's to the one after it, on plain JSON."""

# Cannot be feigned by recorded code: there each quote is escaped.
_TODAYS_MARK = f'"schema":{SCHEMA_VERSION}'.encode()
_decoder = msgspec.json.Decoder(Record)
_encoder = msgspec.json.Encoder()


def to_json(record: Record) -> bytes:
    """One line, without its break."""
    return _encoder.encode(record)


def from_json(line: bytes | str) -> Record:
    """A record of this version of the schema or of an older one. Raises `RecordError`."""
    line = line.encode() if isinstance(line, str) else line
    if _TODAYS_MARK in line:  # the usual case, several times faster
        try:
            record = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _no_record(error) from error
        if record.schema == SCHEMA_VERSION:
            return record
    return from_builtins(_parse(line))


def from_builtins(value: Any) -> Record:
    """The same from parsed JSON. Raises `RecordError`."""
    try:
        return msgspec.convert(migrated(value), Record)
    except msgspec.ValidationError as error:
        raise _no_record(error) from error


def to_builtins(record: Record) -> Json:
    """Plain JSON values."""
    return msgspec.to_builtins(record)


def migrated(value: Any) -> Json:
    """Parsed JSON of any version as JSON of today's. Raises `RecordError`."""
    version = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise RecordError("This is no telemetry record: it has no schema version.", "Export it with `dragoman export`.")
    if version > SCHEMA_VERSION:
        raise RecordError(
            f"The record has schema version {version}; this Dragoman knows up to {SCHEMA_VERSION}.",
            "Update Dragoman where it is read.",
        )
    for older in range(version, SCHEMA_VERSION):
        value = MIGRATIONS[older](value)
    return value


def _parse(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_record(error) from error


def _no_record(error: Exception) -> RecordError:
    return RecordError(f"This is no telemetry record: {error}.", "docs/telemetry.md lists the fields.")
