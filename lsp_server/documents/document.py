"""One document that an editor has open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lsp_server.documents.lines import Lines
from lsp_server.documents.text import Text

Position = tuple[int, int]
"""Line and column from 0, the column in the units that were agreed with the editor."""


@dataclass(frozen=True)
class Change:
    """`text` in the place of what lies from `start` to `end`; in the place of everything where both are `None`."""

    text: str
    start: Position | None = None
    end: Position | None = None


@dataclass
class Document:
    """What the editor said last. Changed only by the thread that reads the editor's messages.

    `lines` is a live view of the text for readers.
    """

    uri: str
    language_id: str
    version: int
    text: Text
    cursor: int = 0
    """Where something last happened, as an offset: the end of the last change, or the last completion."""
    touched: int = 0
    """Grows with every opening, change and focus of any document: the most recent one has the highest."""
    before_edit: Callable[["Document", int, int, str], None] | None = None
    """Called before each edit with the offsets between which text goes, and the text that comes in its place."""

    def __post_init__(self) -> None:
        self.lines = Lines(self.text)

    def apply(self, changes: Iterable[Change]) -> None:
        """Apply changes one after the other, each to the result of the one before."""
        for change in changes:
            if change.start is None or change.end is None:
                self._tell(0, len(self.text), change.text)
                self.text.set(change.text)
                self.cursor = min(self.cursor, len(self.text))
            else:
                start = self.text.offset(*change.start)
                end = start if change.end == change.start else self.text.offset(*change.end)
                self._tell(start, max(start, end), change.text)
                self.text.replace(start, end, change.text)
                self.cursor = start + len(change.text)

    def _tell(self, start: int, end: int, new: str) -> None:
        if self.before_edit is not None:
            self.before_edit(self, start, end, new)
