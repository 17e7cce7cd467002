"""The lines of a text, for readers that look at a few of them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import overload

from lsp_server.documents.text import Text

BLOCK_LINES = 64
MAX_LINE_CHARS = 100_000
"""Of a longer line only so much is shown; whoever meets one can tell that it is too long to read."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_CARRIAGE_RETURN = re.compile(r"\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """`text` as a model or a parser can take it: line breaks are `\\n`, halves of surrogate pairs U+FFFD."""
    if "\r" in text:
        text = _CARRIAGE_RETURN.sub("\n", text)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


class Lines(Sequence[str]):
    """A live view of lines with their breaks, cut out in blocks when first looked at, and anew after an edit.

    For reading, not for counting: every break is a `\\n`, and halves of surrogate pairs are U+FFFD.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        self._blocks: dict[int, list[str]] = {}
        self._revision = text.revision

    def __len__(self) -> int:
        return self._text.line_count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        if self._revision != self._text.revision:
            self._blocks.clear()
            self._revision = self._text.revision
        number, inside = divmod(index, BLOCK_LINES)
        if number not in self._blocks:
            self._blocks[number] = self._cut(number * BLOCK_LINES)
        return self._blocks[number][inside]

    def _cut(self, first: int) -> list[str]:
        last = min(first + BLOCK_LINES, len(self))
        start, end = self._text.line_start(first), self._text.line_start(last)
        if end - start > MAX_LINE_CHARS:
            starts = [self._text.line_start(line) for line in range(first, last + 1)]
            return [readable(self._text.slice(a, min(b, a + MAX_LINE_CHARS))) for a, b in pairwise(starts)]
        lines = _LINE.findall(readable(self._text.slice(start, end)))
        return lines + [""] * (last - first - len(lines))  # the empty line after the last break
