"""A batch of records as it comes over the wire: JSON Lines of `{"revision": N, "record": {...}}`, gzipped or not.

A batch is taken whole or not at all. What is wrong is named line by line, so that the uploader can leave out just that.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from lsp_server.collector.database import Upload
from lsp_server.telemetry.policy import code_in
from lsp_server.telemetry.record import SCHEMA_VERSION, Record
from lsp_server.telemetry.serial import RecordError, from_json

MAX_RECORDS = 2000
MAX_RECORD_BYTES = 1_000_000
"""Many times what a record with all its texts has."""
MAX_MEMBERS = 8
"""Gzip files in a row."""
MAX_ID_CHARS = 200
MAX_REVISION = 2**62
_CHUNK = 65_536
_Code = str


class RefusedError(Exception):
    """A batch that is not taken."""

    def __init__(self, status: int, code: _Code, message: str, lines: "tuple[Fault, ...]" = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.lines = lines


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    line: int
    """From 1."""
    code: _Code
    message: str


class _Envelope(msgspec.Struct):
    revision: int
    record: msgspec.Raw


_envelopes = msgspec.json.Decoder(_Envelope)


def unpack(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """The JSON Lines in a body. Raises `RefusedError`; a small body that swells beyond `max_bytes` is never unpacked
    whole."""
    match encoding.strip().lower():
        case "" | "identity":
            if len(body) > max_bytes:
                raise too_large(max_bytes)
            return body
        case "gzip":
            return _gunzip(body, max_bytes)
        case other:
            raise RefusedError(
                415, "encoding", f"Content-Encoding {other[:40]!r} is not understood; send gzip or none."
            )


def read_batch(text: bytes) -> list[Upload]:
    """The records of a batch. Raises `RefusedError` that names every line that is wrong."""
    uploads: list[Upload] = []
    faults: list[Fault] = []
    for number, line in _lines(text):
        try:
            uploads.append(_upload(line))
        except _FaultyError as faulty:
            faults.append(Fault(number, faulty.code, str(faulty)))
    if faults:
        worst = "malformed_json" if any(f.code == "malformed_json" for f in faults) else faults[0].code
        status = 400 if worst == "malformed_json" else 422
        first = faults[0]
        more = f" (and {len(faults) - 1} more lines)" if len(faults) > 1 else ""
        raise RefusedError(status, worst, f"Line {first.line}: {first.message}{more}", tuple(faults))
    return uploads


def too_large(max_bytes: int) -> RefusedError:
    """The answer to a body beyond the limit."""
    return RefusedError(
        413, "too_large", f"The batch is larger than {max_bytes:,} bytes; send fewer records at a time."
    )


class _FaultyError(Exception):
    def __init__(self, code: _Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def _lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and text of every line that is not blank. One by one: a small body can hold millions of lines."""
    number = records = start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        line = text[start:] if end < 0 else text[start:end]
        start += len(line) + 1
        number += 1
        is_record = bool(line.strip())
        records += is_record
        if records > MAX_RECORDS or number - records > MAX_RECORDS:
            message = f"A batch holds {MAX_RECORDS} records at most, and as many blank lines."
            raise RefusedError(413, "too_many_records", message)
        if is_record:
            yield number, line


def _upload(line: bytes) -> Upload:
    if len(line) > MAX_RECORD_BYTES:  # reading it would hold up all threads
        raise _FaultyError("not_a_record", f"A record has {MAX_RECORD_BYTES:,} bytes at most.")
    try:
        envelope = _envelopes.decode(line)
    except msgspec.ValidationError as error:
        raise _FaultyError("not_a_record", f'Not {{"revision": N, "record": {{...}}}}: {error}') from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _FaultyError("malformed_json", f"Malformed JSON: {error}") from error
    body = bytes(envelope.record)
    try:
        record = from_json(body)
    except RecordError as error:
        code = "schema_version" if _has_other_schema(body) else "not_a_record"
        raise _FaultyError(code, error.message) from error
    except RecursionError as error:
        raise _FaultyError("malformed_json", "Malformed JSON: nested too deeply") from error
    _check(record, envelope.revision)
    return Upload(record.id, record.time, body, envelope.revision)


def _check(record: Record, revision: int) -> None:
    if not 0 <= revision <= MAX_REVISION:
        raise _FaultyError("not_a_record", "`revision` is out of range.")
    if not record.id or len(record.id) > MAX_ID_CHARS or "\0" in record.id or not _is_text(record.id):
        raise _FaultyError("not_a_record", f"`id` must have 1 to {MAX_ID_CHARS} characters.")
    if not 0 <= record.time < 1e11:  # later ones are no dates, which reports need
        raise _FaultyError("not_a_record", "`time` is no time.")
    if record.consent == "off" or (record.consent == "metrics" and any(code_in(record))):
        raise _FaultyError("consent", "The record holds what its consent does not allow.")


def _is_text(text: str) -> bool:
    """Whether it can be stored: half of a surrogate pair cannot."""
    return text.isprintable() and text.encode("utf-8", "replace").decode() == text


class _Version(msgspec.Struct):
    schema: int = SCHEMA_VERSION


def _has_other_schema(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=_Version).schema != SCHEMA_VERSION
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    unpacked = bytearray()
    start = members = 0
    try:
        while start < len(body):  # gzip files may follow one another
            members += 1
            if members > MAX_MEMBERS:
                raise RefusedError(400, "malformed_gzip", f"The body is more than {MAX_MEMBERS} gzip files in a row.")
            inflater = zlib.decompressobj(wbits=31)
            while start < len(body) and not inflater.eof:
                piece = body[start : start + _CHUNK]  # what is left of it is copied each time
                unpacked += inflater.decompress(piece, min(_CHUNK, max_bytes + 1 - len(unpacked)))
                if len(unpacked) > max_bytes:
                    raise too_large(max_bytes)
                start += len(piece) - len(inflater.unconsumed_tail) - len(inflater.unused_data)
            if not inflater.eof:
                raise RefusedError(400, "malformed_gzip", "The gzipped body ends in the middle.")
    except zlib.error as error:
        raise RefusedError(400, "malformed_gzip", "The body is not gzip, although it says so.") from error
    if not body:
        raise RefusedError(400, "malformed_gzip", "The gzipped body is empty.")
    return bytes(unpacked)
