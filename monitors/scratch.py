"""A folder below the system's temporary one, for what analysers write, that goes with the process it was made for.

A process that is killed cannot remove its folder, so those that others left are swept away at the next start. The file
`lock` in a folder tells the living: its lock ends with the process that holds it, however that ends. Process ids would
not do, because containers that share a temporary folder count them each for itself.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

_PREFIX = "dragoman-analysis-"
_LOCK = "lock"


class Scratch:
    """A new folder, until `remove` is called."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = _locked(self.folder)

    def remove(self) -> None:
        """Safe to call twice."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()


def sweep() -> None:
    """Remove the folders of our own user's processes that are dead."""
    if sys.platform == "win32":
        return  # what is open cannot be removed there, and who holds it cannot be asked
    import fcntl

    for folder in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        with suppress(OSError):  # somebody else's, still in use, or gone meanwhile
            if folder.lstat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def _locked(folder: Path) -> IO[bytes] | None:
    """The lock of a folder, held as long as the file is open; `None` where there are none, and nobody sweeps."""
    if sys.platform == "win32":
        return None
    import fcntl

    beside = folder / f"{_LOCK}.new"
    lock = beside.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        beside.rename(folder / _LOCK)  # nobody ever sees it unlocked while we live
    except OSError:
        lock.close()
        return None
    return lock
