"""Lines and their indentation, as text. Line breaks are `\\n`, `\\r\\n` and `\\r`, as in LSP."""

import re

TAB = 4
"""Columns to a tab stop. Only comparisons within one file matter, so the user's own tab size need not be known."""

_BREAK = re.compile(r"\r\n|\n|\r")


def indent_width(line: str) -> int:
    """Columns of blank space before the first visible character (or before the end of a blank line)."""
    width = 0
    for character in line:
        if character == " ":
            width += 1
        elif character == "\t":
            width += TAB - width % TAB
        else:
            break
    return width


def last_line(text: str) -> str:
    """What follows the last line break."""
    return text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]


def first_line(text: str) -> str:
    """What precedes the first line break."""
    found = _BREAK.search(text)
    return text[: found.start()] if found else text


def split_lines(text: str) -> list[str]:
    """The lines of a text without their breaks; one more than there are breaks, unlike `str.splitlines`."""
    return _BREAK.split(text)


def line_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every line of a text, breaks left out."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _BREAK.finditer(text):
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, len(text)))
    return spans
