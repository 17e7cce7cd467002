"""Between catalog entries and the plain tables in which they are written down (TOML for ours, JSON for the user's)."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, TypeVar

from models.catalog.entry import (
    FileSource,
    FimFormat,
    HubSource,
    ModelEntry,
    PackagedSource,
    RemoteSource,
    Source,
    WheelSource,
)
from models.errors import ModelError

Table = Mapping[str, Any]
T = TypeVar("T", FimFormat, WheelSource, PackagedSource, HubSource, FileSource, RemoteSource)

SOURCES: dict[str, Callable[[object], Source]] = {
    "wheel": lambda value: _structure(WheelSource, value),
    "packaged": lambda value: _structure(PackagedSource, value),
    "hub": lambda value: _structure(HubSource, {"repository": value} if isinstance(value, str) else value),
    "file": lambda value: _structure(FileSource, {"path": value} if isinstance(value, str) else value),
    "remote": lambda value: _structure(RemoteSource, value),
}
KINDS: dict[type, str] = {
    WheelSource: "wheel",
    PackagedSource: "packaged",
    HubSource: "hub",
    FileSource: "file",
    RemoteSource: "remote",
}
CHOICES = {
    "architecture": ("decoder", "encoder-decoder"),
    "order": ("psm", "spm"),
    "runtime": ("auto", "torch"),
    "structured_output": ("none", "vllm", "llama.cpp"),
}
ENTRY_FIELDS = {field.name for field in fields(ModelEntry)} - {"source"}


def entry_from_table(table: Table, family: Table | None = None) -> ModelEntry:
    """The entry that `table` describes; what it leaves out comes from its family's table.

    Raises `ModelError` that names the field which is missing, unknown or of the wrong kind.
    """
    values: dict[str, Any] = {"architecture": "decoder", **(family or {}), **table}
    kinds = [kind for kind in SOURCES if kind in values]
    if len(kinds) != 1:
        raise ModelError(f"it needs exactly one of {', '.join(SOURCES)}, and has {len(kinds)}")
    values["source"] = SOURCES[kinds[0]](values.pop(kinds[0]))
    if values.get("fim") is not None:
        values["fim"] = _structure(FimFormat, values["fim"])
    if isinstance(values.get("stop_tokens"), list):
        values["stop_tokens"] = tuple(values["stop_tokens"])
    _check(ModelEntry, values)
    return ModelEntry(**values)


def table_from_entry(entry: ModelEntry) -> dict[str, Any]:
    """The inverse of `entry_from_table`, with defaults left out."""
    kind = KINDS[type(entry.source)]
    table: dict[str, Any] = {"name": entry.name, kind: asdict(entry.source)}
    for field in fields(entry):
        value = getattr(entry, field.name)
        if field.name in ENTRY_FIELDS and value != field.default:
            table[field.name] = asdict(value) if isinstance(value, FimFormat) else value
    return table


def _structure(kind: type[T], value: object) -> T:
    if not isinstance(value, Mapping):
        raise ModelError(f"{kind.__name__} must be a table, not {value!r}")
    values: dict[str, Any] = dict(value)
    _check(kind, values)
    return kind(**values)


def _check(kind: type, values: Table) -> None:
    """Every value known and of the type of its field's default, or a string where there is none."""
    known = {field.name: field for field in fields(kind)}
    for name in known:
        if name not in values and known[name].default is MISSING:
            raise ModelError(f"'{name}' is missing")
    for name, value in values.items():
        if name not in known:
            raise ModelError(f"'{name}' is not something that can be said of {kind.__name__}")
        if name in ("source", "fim"):
            continue
        default = known[name].default
        wanted = int if name == "context_length" else str if default is MISSING else type(default)
        items = value if wanted is tuple else ()
        if type(value) is not wanted or not all(isinstance(item, str) for item in items):
            kinds = {tuple: "a list of strings", str: "text", int: "a number", bool: "true or false"}
            raise ModelError(f"'{name}' must be {kinds[wanted]}, not {value!r}")
        if name in CHOICES and value not in CHOICES[name]:
            raise ModelError(f"'{name}' must be one of {', '.join(CHOICES[name])}, not {value!r}")
