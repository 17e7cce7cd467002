"""The user's own models: one small JSON file in Dragoman's data folder, written whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.atomic import write_atomically
from models.catalog.entry import ModelEntry
from models.catalog.fields import entry_from_table, table_from_entry
from models.errors import ModelError
from models.folders import folder

MEND = "Mend the file, or delete it and add your models again."


def registry_path() -> Path:
    return folder("data") / "models.json"


def read_registry() -> dict[str, ModelEntry]:
    """The user's entries by name. Raises `ModelError` that names the file and what is wrong in it."""
    return {name: _entry(name, table) for name, table in _read_tables().items()}


def register(entry: ModelEntry) -> None:
    """Add `entry`, in the place of one of the same name."""
    _change(lambda tables: tables.update({entry.name: table_from_entry(entry)}))


def unregister(name: str) -> bool:
    """Forget `name`; whether it was there."""
    removed: list[Any] = []
    _change(lambda tables: removed.append(tables.pop(name, None)))
    return removed[0] is not None


def _change(change: Callable[[dict[str, Any]], object]) -> None:
    """Read, change and write under a lock, so that two commands at once lose nothing. Raises `ModelError`."""
    from filelock import FileLock

    path = registry_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            tables = _read_tables()
            change(tables)
            text = json.dumps({"models": tables}, indent=2, ensure_ascii=False) + "\n"
            write_atomically(path, text.encode())
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Free some space or mend its permissions, or set DRAGOMAN_HOME to another folder.",
        ) from error


def _read_tables() -> dict[str, Any]:
    path = registry_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", MEND) from error
    tables = document.get("models") if isinstance(document, dict) else None
    if not isinstance(tables, dict):
        raise ModelError(f"{path} has no table 'models'.", MEND)
    return tables


def _entry(name: str, table: Any) -> ModelEntry:
    try:
        if not isinstance(table, dict):
            raise ModelError(f"it must be a table, not {table!r}")
        return entry_from_table({**table, "name": name})
    except ModelError as error:
        raise ModelError(
            f"The model '{name}' in {registry_path()} is wrong: {error.message}.",
            f"Mend it there, or run `dragoman models remove {name}` and add it again.",
        ) from error
