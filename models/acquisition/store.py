"""Folders that are made once, found whole or not at all, and made again when they are damaged.

A folder is named by what went into it (a hash of its source and of the converter), so that nothing in it is ever
changed. It is made as a hidden sibling, flushed, and renamed into place; a process killed at any moment leaves at most
hidden siblings, which the next maker of the same folder sweeps away. Makers in several processes take turns through a
lock file, which the operating system releases when its holder dies. Knows nothing of models: only of folders and files.
"""

import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from os import getpid
from pathlib import Path
from typing import Any

from models.acquisition.integrity import Manifest, damage, read_manifest, write_manifest
from models.acquisition.progress import Progress, silent
from models.atomic import flush_folder
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import ModelError

FORGOTTEN_S = 2 * 24 * 3600
"""Nobody works on one folder for so long."""

Make = Callable[[Path], Mapping[str, Any]]
"""Fills an empty folder; returns the details to record in its manifest."""


class Store:
    """All folders below one root, each two names deep: a *shelf* (a model) and a *key* (what it was made from)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, shelf: str, key: str, *, thorough: bool = False) -> Path | None:
        """The folder if it is there and whole. Takes a millisecond, or the time to read it all with `thorough`."""
        folder = self.root / shelf / key
        return folder if folder.is_dir() and not damage(folder, thorough=thorough) else None

    def details(self, shelf: str, key: str) -> dict[str, Any]:
        """What the maker of a folder recorded; empty if the folder is not there."""
        return (read_manifest(self.root / shelf / key) or Manifest({})).details

    def ensure(
        self,
        shelf: str,
        key: str,
        make: Make,
        *,
        progress: Progress = silent,
        cancellation: Cancellation = NEVER,
        thorough: bool = False,
    ) -> Path:
        """The folder, made by `make` if it is missing or damaged. Blocks while another process makes it.

        Raises `Cancelled`, `ModelError` when the disk does not let us, and what `make` raises: nothing is left then.
        """
        if found := self.find(shelf, key, thorough=thorough):
            return found
        try:
            with self._lock(shelf, key, progress, cancellation):
                self._sweep(shelf, key)
                return self.find(shelf, key, thorough=thorough) or self._make(shelf, key, make)
        except OSError as error:
            raise ModelError(
                f"{self.root / shelf} cannot be written: {error.strerror or error}.",
                "Free some space or mend its permissions, or set DRAGOMAN_HOME to a folder on another disk.",
            ) from error

    def keys(self, shelf: str, start: str = "") -> list[str]:
        """The folders on a shelf whose names begin with `start`."""
        shelves = self.root / shelf
        found = sorted(path.name for path in shelves.iterdir()) if shelves.is_dir() else []
        return [key for key in found if key.startswith(start) and not key.startswith(".")]

    def prune(self, shelf: str, start: str, keep: str) -> None:
        """Delete what older versions of the maker made: the folders that begin with `start`, but for `keep`."""
        for key in self.keys(shelf, start):
            if key != keep:
                shutil.rmtree(self.root / shelf / key, ignore_errors=True)

    def remove(self, shelf: str) -> int:
        """Delete everything on a shelf; returns the bytes freed."""
        folder = self.root / shelf
        freed = folder_size(folder)
        shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _make(self, shelf: str, key: str, make: Make) -> Path:
        folder = self.root / shelf / key
        partial = self._hidden(shelf, key)
        partial.mkdir(parents=True)
        try:
            details = make(partial)
            write_manifest(partial, details)
            if folder.exists():
                folder.rename(self._hidden(shelf, key))
            partial.rename(folder)
            flush_folder(folder.parent)
        finally:
            self._sweep(shelf, key)
        return folder

    def _sweep(self, shelf: str, key: str) -> None:
        """Delete what makers of this folder left behind when they were killed, and what others left days ago.

        Call it with the lock held.
        """
        for leftover in (self.root / shelf).glob(".*"):
            with suppress(OSError):
                if leftover.name.startswith(f".{key}.") or time.time() - leftover.stat().st_mtime > FORGOTTEN_S:
                    shutil.rmtree(leftover, ignore_errors=True)

    def _hidden(self, shelf: str, key: str) -> Path:
        return self.root / shelf / f".{key}.{getpid()}-{secrets.token_hex(4)}"

    def _lock(self, shelf: str, key: str, progress: Progress, cancellation: Cancellation) -> Any:
        """The lock of one folder, taken; says so when it has to wait."""
        from filelock import FileLock, Timeout

        path = self.root / ".locks" / f"{shelf}.{key}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        with suppress(Timeout):
            return lock.acquire(timeout=0)
        while True:
            cancellation.raise_if_cancelled()
            progress(-1, f"waiting for another process that prepares {shelf}")
            with suppress(Timeout):
                return lock.acquire(timeout=0.5, poll_interval=0.05)


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            sizes += path.stat().st_size if path.is_file() else 0
    return sizes
