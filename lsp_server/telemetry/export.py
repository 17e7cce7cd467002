"""Records out of a store as JSON Lines, for whoever reads records; tables are `lsp_server.telemetry.parquet`'s."""

import sys
from pathlib import Path
from typing import BinaryIO

from lsp_server.errors import UserError
from lsp_server.telemetry.serial import to_json
from lsp_server.telemetry.store import Store


def write_jsonl(store: Store, out: Path | None, since: float | None = None) -> int:
    """Write records, of today's schema, to a file or to stdout; how many."""
    if out is None:
        return _write_lines(store, sys.stdout.buffer, since)
    temporary = out.with_name(f".{out.name}.part")
    try:
        with temporary.open("wb") as file:
            count = _write_lines(store, file, since)
        temporary.replace(out)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}.", "Give another --out.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _write_lines(store: Store, file: BinaryIO, since: float | None) -> int:
    count = 0
    for record in store.records(since):
        file.write(to_json(record) + b"\n")
        count += 1
    file.flush()
    return count
