"""Records as Parquet, for whoever works with tables: nested columns that follow the schema of records, read off its
classes, so that a file can be read back whole."""

import dataclasses
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lsp_server.errors import UserError
from lsp_server.telemetry.record import Record
from lsp_server.telemetry.serial import RecordError, from_builtins, to_builtins

MAGIC = b"PAR1"
GROUP = 5_000
"""Records in a row group: what is in memory at a time."""


def write_parquet(records: Iterable[Record], path: Path) -> int:
    """Write one row a record, nested as the record is; how many. Not all are in memory at a time, and the file is there
    whole or not at all. Raises `UserError`, also without the extra `parquet`."""
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    schema = arrow.schema([arrow.field(name, _arrow_type(arrow, hint)) for name, hint in _hints(Record)])
    count = 0
    waiting = iter(records)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
            while group := [_plain(to_builtins(record)) for record in islice(waiting, GROUP)]:
                writer.write_table(arrow.Table.from_pylist(group, schema=schema))
                count += len(group)
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error}", "Give another --out.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def read_parquet(path: Path) -> Iterator[Record]:
    """The records of a file that `write_parquet` wrote. Raises `UserError`."""
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=GROUP):
                for row in batch.to_pylist():
                    yield from_builtins(_maps(Record, row))
    except (OSError, arrow.ArrowException) as error:
        raise UserError(f"{path} cannot be read: {error}", "Export it anew.") from error
    except (AttributeError, TypeError) as error:
        raise RecordError(f"{path} holds no telemetry records.", "Export them with `dragoman export`.") from error


def _hints(kind: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(kind)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(kind)]


def _arrow_type(arrow: Any, hint: Any) -> Any:
    """The column of a field's type."""
    simple = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    hint = _without_none(hint)
    if hint in simple:
        return simple[hint]
    if dataclasses.is_dataclass(hint):
        return arrow.struct([arrow.field(name, _arrow_type(arrow, inner)) for name, inner in _hints(hint)])  # pyright: ignore[reportArgumentType]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return arrow.string()
    if origin is tuple:
        return arrow.list_(_arrow_type(arrow, arguments[0]))
    if origin is dict:
        return arrow.map_(arrow.string(), _arrow_type(arrow, arguments[1]))
    raise TypeError(hint)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(inner for inner in get_args(hint) if inner is not NoneType)
    return hint


def _plain(value: Any) -> Any:
    """Half of a surrogate pair, as broken code may hold it, has no place in a file of UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _maps(kind: Any, value: Any) -> Any:
    """Arrow's maps are lists of pairs in Python; as records have them again."""
    kind = _without_none(kind)
    if value is None:
        return None
    if dataclasses.is_dataclass(kind):
        return {name: _maps(hint, value[name]) for name, hint in _hints(kind) if name in value}  # pyright: ignore[reportArgumentType]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return [_maps(arguments[0], inner) for inner in value]
    return dict(value) if origin is dict else value


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UserError("pyarrow is not installed.", "Install it with `pip install 'dragoman[parquet]'`.") from error
