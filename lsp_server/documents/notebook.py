"""A notebook: cells in order, each of which is a document of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lsp_server.documents.uris import key_of


@dataclass(frozen=True)
class Cell:
    uri: str
    code: bool
    """A cell of code, not of prose."""


@dataclass
class Notebook:
    uri: str
    cells: list[Cell] = field(default_factory=list)

    def splice(self, start: int, deleted: int, new: Sequence[Cell]) -> None:
        """Put `new` in the place of `deleted` cells from `start` on."""
        start = min(max(start, 0), len(self.cells))
        self.cells[start : start + max(deleted, 0)] = new

    def code_before(self, uri: str) -> list[str]:
        """The addresses of the code cells before a cell, in order."""
        before: list[str] = []
        for cell in self.cells:
            if key_of(cell.uri) == key_of(uri):
                break
            if cell.code:
                before.append(cell.uri)
        return before
