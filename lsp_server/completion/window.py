"""The part of a document that a request looks at, at a cost that the document's size does not enter.

The window is contiguous: its prefix ends at the cursor and its suffix begins there. Where the prefix begins is the
delicate part, because everything a session has read stays valid only as long as the beginning stays put. So it begins
at a line that depends on the block of lines the cursor is in and on the text above that block, never on what is typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PREFIX_CHARS = 24_000
"""Upper limit for the prefix; half of it is for the lines above the cursor's own block."""
SUFFIX_CHARS = 6_000
_GRIDS = (64, 8, 1)
"""Lines in a block. The coarse grid keeps the start still; the finer ones fill up where lines are long."""
_COLUMN_GRID = 1_024
"""Inside a line that is longer than the window, the start moves in steps of so many characters."""


@dataclass(frozen=True)
class Window:
    prefix: str
    suffix: str


def cut_window(
    lines: Sequence[str],
    line: int,
    column: int,
    *,
    prefix_chars: int = PREFIX_CHARS,
    suffix_chars: int = SUFFIX_CHARS,
) -> Window:
    """The text around a cursor in a document of `lines` (with their line ends).

    `line` and `column` count from 0, `column` in code points; a position outside the document is moved to the nearest
    one inside. The prefix has at most `prefix_chars` characters, the suffix at most `suffix_chars`.
    """
    if not lines:
        return Window("", "")
    if line >= len(lines):
        line, column = len(lines) - 1, len(lines[-1])
    elif line < 0:
        line, column = 0, 0
    current = lines[line]
    column = max(0, min(column, len(current) - len(_line_end(current))))
    return Window(_prefix(lines, line, column, prefix_chars // 2), _suffix(lines, line, column, suffix_chars))


def _line_end(line: str) -> str:
    return next((end for end in ("\r\n", "\n", "\r") if line.endswith(end)), "")


def _prefix(lines: Sequence[str], line: int, column: int, half: int) -> str:
    current = lines[line]
    if column > half:
        start = -(-(column - half) // _COLUMN_GRID) * _COLUMN_GRID
        return current[min(start, column) : column]
    first = line
    for grid in _GRIDS:
        first = line - line % grid
        if _size(lines, first, line, half - column) <= half - column:
            break
    room = half
    for grid in _GRIDS:
        while first > 0:
            above = max(first - grid, 0)
            size = _size(lines, above, first, room)
            if size > room:
                break
            first, room = above, room - size
    return "".join([*(lines[index] for index in range(first, line)), current[:column]])


def _suffix(lines: Sequence[str], line: int, column: int, room: int) -> str:
    parts = [lines[line][column : column + room]]
    room -= len(lines[line]) - column
    for index in range(line + 1, len(lines)):
        if len(lines[index]) > room:
            break
        parts.append(lines[index])
        room -= len(lines[index])
    return "".join(parts)


def _size(lines: Sequence[str], start: int, end: int, limit: int) -> int:
    """Characters in lines `start` to `end`; counting ends once they are more than `limit`."""
    total = 0
    for index in range(start, end):
        total += len(lines[index])
        if total > limit:
            break
    return total
