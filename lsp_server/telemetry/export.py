"""Records out of a store: JSON Lines for whoever reads records, Parquet for whoever reads tables."""

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from lsp_server.errors import UserError
from lsp_server.telemetry.serial import from_json, to_builtins, to_json
from lsp_server.telemetry.store import Store

ROWS = 5_000
"""Records that are in memory at once, and in a row group."""


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


def write_parquet(store: Store, out: Path, since: float | None = None) -> int:
    """Write one row a record, nested as the record is; how many. Raises `UserError` without the extra `parquet`."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise UserError("Parquet needs pyarrow.", "Install it with `pip install 'dragoman[parquet]'`.") from None
    schema = arrow.schema(_arrow_type(arrow, _record_type()))
    temporary = out.with_name(f".{out.name}.part")
    count = 0
    try:
        with parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for rows in _batches(store, since):
                writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
                count += len(rows)
        temporary.replace(out)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error}.", "Give another --out.") from error
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


def _batches(store: Store, since: float | None) -> Iterator[list[dict[str, Any]]]:
    rows = (_row(to_builtins(from_json(line))) for line in store.lines(since))
    while batch := list(islice(rows, ROWS)):
        yield batch


def _row(value: Any) -> Any:
    """Tables of free keys become lists of pairs, which is what Parquet's maps are."""
    if isinstance(value, dict):
        return {
            key: list(inner.items()) if key in ("parameters", "stages_ms") else _row(inner)
            for key, inner in value.items()
        }
    return [_row(item) for item in value] if isinstance(value, (list, tuple)) else value


def _record_type() -> Any:
    import msgspec

    from lsp_server.telemetry.record import Record

    return msgspec.inspect.type_info(Record)


def _arrow_type(arrow: Any, info: Any) -> Any:
    """The Arrow type of one of msgspec's descriptions; of a data class the list of its fields."""
    kind = type(info).__name__
    if kind == "DataclassType":
        return [arrow.field(field.name, _field_type(arrow, field.type)) for field in info.fields]
    return _field_type(arrow, info)


def _field_type(arrow: Any, info: Any) -> Any:
    kind = type(info).__name__
    if kind == "UnionType":
        (inner,) = (one for one in info.types if type(one).__name__ != "NoneType")
        return _field_type(arrow, inner)
    if kind == "DataclassType":
        return arrow.struct(_arrow_type(arrow, info))
    if kind == "VarTupleType":
        return arrow.list_(_field_type(arrow, info.item_type))
    if kind == "DictType":
        return arrow.map_(arrow.string(), _field_type(arrow, info.value_type))
    return {
        "StrType": arrow.string(),
        "LiteralType": arrow.string(),
        "IntType": arrow.int64(),
        "FloatType": arrow.float64(),
        "BoolType": arrow.bool_(),
    }[kind]
