"""What stands before a place in the text: the receiver of a dereference, the word being typed, the line's beginning."""

from collections.abc import Iterator

_PAIRS = {")": "(", "]": "[", "}": "{"}
_LIMIT = 400
"""How far back an expression is followed, in code points: nobody writes longer receivers on purpose."""


def word_start(text: str, offset: int, extra: str = "") -> int:
    """Where the word that ends at `offset` begins; `offset` itself where there is none."""
    while offset > 0 and (text[offset - 1].isalnum() or text[offset - 1] == "_" or text[offset - 1] in extra):
        offset -= 1
    return offset


def receiver_start(text: str, end: int, operators: tuple[str, ...]) -> int:
    """Where the expression begins that ends at `end` and is followed by a dereference.

    Follows names, calls, subscripts and earlier dereferences: for `x = a.b(c)[0]` it is the place of `a`. Returns `end`
    where no expression stands there, or where it begins too far back.
    """
    position = end
    while position > 0 and end - position < _LIMIT:
        before = text[position - 1]
        if before in _PAIRS:
            opened = _matching(text, position - 1)
            if opened is None:
                return end
            position = opened
            continue
        start = word_start(text, position, "$")
        if start < position:
            position = start
        elif before in "\"'`":
            return end
        operator = next((op for op in operators if text.endswith(op, 0, position)), None)
        if operator is None:
            break
        position -= len(operator)
    return position


def _matching(text: str, close: int) -> int | None:
    depth = 0
    for position in range(close, max(-1, close - _LIMIT), -1):
        character = text[position]
        if character in _PAIRS:
            depth += 1
        elif character in "([{":
            depth -= 1
            if depth == 0:
                return position
    return None


def line_start(text: str, offset: int) -> int:
    """Offset of the first character of the line in which `offset` lies."""
    return text.rfind("\n", 0, offset) + 1


def indentation(line: str) -> int:
    """Columns of white space before the first visible character, a tab counting as 8."""
    margin = line[: len(line) - len(line.lstrip())]
    return len(margin.expandtabs(8)) if "\t" in margin else len(margin)


def lines_around(text: str, offset: int, longest: int, passed_over: str = "") -> Iterator[tuple[int, str]]:
    """The lines above that of `offset` which are indented less and less, the nearest first, with their places.

    Goes at most `longest` code points up. Blank lines count for nothing, and neither do those whose first visible
    character is in `passed_over`.
    """
    start = line_start(text, offset)
    margin = indentation(text[start:offset])
    while margin > 0 and start > 0 and offset - start < longest:
        end = start - 1
        start = line_start(text, end)
        line = text[start:end]
        code = line.lstrip()
        if code and code[0] not in passed_over and indentation(line) < margin:
            margin = indentation(line)
            yield start, line
