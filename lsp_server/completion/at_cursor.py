"""From a place in a text to a request: the one way in, for an editor and for the command line alike."""

from dataclasses import dataclass

from lsp_server.completion.request import CompletionRequest, Extent, Surroundings, Trigger
from lsp_server.completion.trigger_point import trigger_point
from lsp_server.completion.window import PREFIX_CHARS, SUFFIX_CHARS, Window, cut_window
from lsp_server.documents.lines import MAX_LINE_CHARS, Lines, readable
from lsp_server.documents.text import Text
from lsp_server.languages import language_for, language_of_path

_COLUMN_GRID = 1024


@dataclass(frozen=True)
class Source:
    """What is known of the document that a text belongs to."""

    language_id: str = ""
    """As the editor names it; empty to go by the path."""
    path: str = ""
    """Relative to `root` with forward slashes; empty for an unnamed document."""
    root: str = ""
    uri: str = ""
    version: int | None = None
    before: str = ""
    """What a reader has read before the text begins, ending with a line break: a notebook's cells above this one."""


def request_at(
    text: Text,
    offset: int,
    source: Source,
    *,
    trigger: Trigger = "automatic",
    candidates: int = 1,
    extent: Extent | None = None,
    max_tokens: int | None = None,
    hurried: bool = False,
) -> CompletionRequest:
    """The request of a cursor at `offset`, with text that is `readable`."""
    window = window_at(text, offset, source.before)
    language = language_for(source.language_id)
    if not language.id:
        language = language_of_path(source.path)
    return CompletionRequest(
        prefix=window.prefix,
        suffix=window.suffix,
        language=language.id,
        path=source.path,
        root=source.root,
        uri=source.uri,
        version=source.version,
        trigger=trigger,
        trigger_point=trigger_point(window.prefix) if trigger == "automatic" else "",
        candidates=candidates,
        extent=extent,
        max_tokens=max_tokens,
        hurried=hurried,
        surroundings=Surroundings(text.pieces, offset, len(window.prefix), len(window.suffix), source.before),
    )


def window_at(text: Text, offset: int, before: str = "") -> Window:
    """The `readable` text around a cursor; what lies far from it, or on a very long line, costs nothing."""
    if before:
        text, offset = Text(before + str(text)), offset + len(before)
    line = text.line_of(offset)
    start, end = text.line_start(line), text.line_end(line)
    if end - start > MAX_LINE_CHARS:
        head = start + max(offset - start - PREFIX_CHARS, 0) // _COLUMN_GRID * _COLUMN_GRID
        return cut_window([readable(text.slice(head, min(offset + SUFFIX_CHARS, end)))], 0, offset - head)
    return cut_window(Lines(text), line, offset - start)
