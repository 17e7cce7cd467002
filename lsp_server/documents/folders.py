"""The workspace folders, and where a document lies in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from lsp_server.documents.uris import file_of, name_of

MAX_LOCATED = 1024
"""So many answers are remembered: an editor asks about the same few documents with every key."""


@dataclass(frozen=True)
class Location:
    """Where a document lies."""

    path: str
    """Relative to `root` with forward slashes; only the name outside any workspace folder."""
    root: str = ""
    """The absolute path of the innermost workspace folder around it; empty outside one."""
    file: str = ""
    """Its own absolute path, inside a workspace folder or not; empty without a file."""


class Folders:
    """The folders of the editor's workspace."""

    def __init__(self) -> None:
        self._roots: list[Path] = []
        self._located: dict[str, Location] = {}

    @property
    def roots(self) -> tuple[Path, ...]:
        """Absolute paths, in the editor's order."""
        return tuple(self._roots)

    def add(self, uris: Iterable[str]) -> None:
        """Folders that are not files of this machine are left out."""
        for root in map(Path, filter(None, map(file_of, uris))):
            if root not in self._roots:
                self._roots.append(root)
        self._located.clear()

    def remove(self, uris: Iterable[str]) -> None:
        removed = {Path(path) for path in map(file_of, uris) if path}
        self._roots = [root for root in self._roots if root not in removed]
        self._located.clear()

    def locate(self, uri: str) -> Location:
        """Where a document lies; documents without a file lie nowhere, and have no path either."""
        if uri not in self._located:
            if len(self._located) >= MAX_LOCATED:
                self._located.clear()
            self._located[uri] = self._locate(uri)
        return self._located[uri]

    def _locate(self, uri: str) -> Location:
        path = file_of(uri)
        if not path:
            return Location("")
        around = [root for root in self._roots if PurePath(path).is_relative_to(root)]
        if not around:
            return Location(name_of(uri), file=path)
        root = max(around, key=lambda root: len(root.parts))
        return Location(PurePath(path).relative_to(root).as_posix(), str(root), path)
