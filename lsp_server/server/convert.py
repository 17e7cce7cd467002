"""Between the protocol's types and ours, one small function each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from lsp_server.completion.request import Suggestion
from lsp_server.documents import Cell, Change, Document, Position
from lsp_server.documents.units import Encoding, count_units

SECTION = "dragoman"
"""Where our settings stand in an editor's configuration."""
ACCEPT_COMMAND = "dragoman.didAccept"
LABEL_CHARS = 80


@dataclass(frozen=True)
class Place:
    """Where suggestions go, fixed when they are asked for: the document may be edited before they are there."""

    line: int
    column: int
    """In the units agreed with the editor."""
    word: str
    """The part of a word before the cursor."""
    suffix: str
    """The rest of the line after the cursor."""
    encoding: Encoding
    selected: str = ""
    """What the editor's own completion list would insert, and the suggestion goes on from."""
    selected_column: int | None = None
    """Where that insertion begins."""

    def range(self, replace_after: int, replace_before: int = 0) -> types.Range:
        """From `replace_before` units before the cursor to `replace_after` code points after it."""
        start = self.column - replace_before if self.selected_column is None else self.selected_column
        end = self.column + count_units(self.suffix[:replace_after], self.encoding)
        return types.Range(types.Position(self.line, start), types.Position(self.line, end))


def position(value: types.Position) -> Position:
    return value.line, value.character


def changes(events: Sequence[types.TextDocumentContentChangeEvent]) -> list[Change]:
    """The changes of a `didChange`; one without a range replaces everything."""
    return [
        Change(event.text, position(event.range.start), position(event.range.end))
        if isinstance(event, types.TextDocumentContentChangePartial)
        else Change(event.text)
        for event in events
    ]


def cells(values: Sequence[types.NotebookCell]) -> list[Cell]:
    return [Cell(value.document, code=value.kind == types.NotebookCellKind.Code) for value in values]


def place_of(document: Document, offset: int, encoding: Encoding) -> Place:
    """The place of an offset in a document as it is now."""
    line, column = document.text.position(offset)
    before = document.text.slice(max(document.text.line_start(line), offset - LABEL_CHARS), offset)
    word_start = len(before)
    while word_start > 0 and (before[word_start - 1].isalnum() or before[word_start - 1] == "_"):
        word_start -= 1
    end = min(document.text.line_end(line), offset + 10 * LABEL_CHARS)
    return Place(line, column, before[word_start:], document.text.slice(offset, end), encoding)


def inline_items(suggestions: Sequence[Suggestion], place: Place) -> list[types.InlineCompletionItem]:
    return [
        types.InlineCompletionItem(
            insert_text=place.selected + suggestion.text,
            range=place.range(suggestion.replace_after),
            command=types.Command("Accepted", ACCEPT_COMMAND, arguments=[suggestion.id]),
        )
        for suggestion in suggestions
    ]


def completion_items(suggestions: Sequence[Suggestion], place: Place) -> list[types.CompletionItem]:
    """Items for a completion list. They replace the word before the cursor by itself, because lists filter by it."""
    return [_completion_item(suggestion, place) for suggestion in suggestions]


def _completion_item(suggestion: Suggestion, place: Place) -> types.CompletionItem:
    text = place.word + suggestion.text
    first, *rest = text.strip().splitlines() or [""]
    units = count_units(place.word, place.encoding)
    return types.CompletionItem(
        label=first[:LABEL_CHARS] + ("…" if rest or len(first) > LABEL_CHARS else ""),
        kind=types.CompletionItemKind.Text,
        detail="Dragoman",
        filter_text=text if place.word else None,
        text_edit=types.TextEdit(place.range(suggestion.replace_after, units), text),
        insert_text_mode=types.InsertTextMode.AsIs,
        command=types.Command("Accepted", ACCEPT_COMMAND, arguments=[suggestion.id]),
    )


def member(value: Any, *path: str) -> Any:
    """What stands at a path in plain JSON; `None` if nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def item_id(item: Any) -> str:
    """The suggestion's id in an item that a client sends back, of whatever shape; empty if there is none."""
    try:
        return str(item["command"]["arguments"][0])
    except (KeyError, IndexError, TypeError):
        return ""
