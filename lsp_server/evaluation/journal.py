"""What is finished stays finished: rows appended to a JSON Lines file, one by one, flushed to the disk.

A run that is interrupted or killed leaves its rows; the next one reads them and goes on. Rows are keyed by the hash of
their case and of the configuration, so that nothing is reused after a change to either.
"""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from models.atomic import write_atomically

Row = dict[str, Any]


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """Short name of everything that decides a prediction besides its case."""
    return sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()[:16]


class Journal:
    """The rows of one configuration in a file that rows of other configurations may share. A context manager."""

    def __init__(self, path: Path, configuration: str) -> None:
        """Read what is there and mend a last line that was torn by a kill. Creates the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._configuration = configuration
        self._mend_last_line()
        self._file = path.open("ab")
        self._rows = {row["case"]: row for row in _rows(path) if row["configuration"] == configuration}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def get(self, case: str) -> Row | None:
        """The row that was written for this case hash under this configuration."""
        return self._rows.get(case)

    def append(self, case: str, row: Mapping[str, Any]) -> None:
        """Write a row; on return it is on the disk."""
        whole = {"case": case, "configuration": self._configuration, **row}
        self._file.write(json.dumps(whole).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._rows[case] = whole

    def finish(self) -> None:
        """Forget this configuration's rows; the file goes when nobody else's are left."""
        self._file.close()
        others = [row for row in _rows(self.path) if row["configuration"] != self._configuration]
        if not others:
            self.path.unlink(missing_ok=True)
            return
        write_atomically(self.path, b"".join(json.dumps(row).encode() + b"\n" for row in others))

    def _mend_last_line(self) -> None:
        try:
            with self.path.open("r+b") as file:
                content = file.read()
                file.truncate(content.rfind(b"\n") + 1)
        except FileNotFoundError:
            return


def _rows(path: Path) -> list[Row]:
    """All rows that can be read; a line that cannot costs its case, never the run."""
    rows: list[Row] = []
    for line in path.read_bytes().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("case"), str) and isinstance(row.get("configuration"), str):
            rows.append(row)
    return rows
