"""Which brackets, strings and comments a fragment of source leaves open.

Linear in the text, jumping from mark to mark with one compiled pattern; it never fails, whatever the text. A scan
can be continued from where another one ended, so the document before the cursor is read once for a whole generation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from monitors.text.lexicon import Lexicon, Quote

_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Frame:
    """Something that was opened and not closed."""

    kind: Literal["bracket", "hole", "string", "comment", "line"]
    """`hole` is interpolated code inside a string, `line` a comment that ends with its line."""
    offset: int
    """Where its opening mark begins, in code points from the beginning of the first scanned text."""
    opening: str
    closing: str
    quote: Quote | None = None
    """Of a string, of a format in one, and of a hole that may have a format."""

    @property
    def is_code(self) -> bool:
        return self.kind in ("bracket", "hole")


@dataclass(frozen=True)
class Scan:
    """The state at the end of a text, and what was met on the way."""

    frames: tuple[Frame, ...]
    """What is open at the end, outermost first."""
    literals: tuple[tuple[int, int], ...]
    """Start and end of each stretch that is not code (comments, and strings without their holes), in order."""
    unopened: tuple[str, ...]
    """Closing brackets that had no partner in this text, in order."""

    @property
    def in_code(self) -> bool:
        return not self.frames or self.frames[-1].is_code

    @property
    def brackets(self) -> tuple[Frame, ...]:
        return tuple(frame for frame in self.frames if frame.is_code)


_VISIBLE = re.compile(r"[^\n]")
EMPTY = Scan((), (), ())


def scan(lexicon: Lexicon, text: str, start: int = 0, frames: tuple[Frame, ...] = ()) -> Scan:
    """Read `text` from offset `start` on, with `frames` open there."""
    plain_marks = _code_marks(lexicon)
    stack = list(frames)
    literals: list[tuple[int, int]] = []
    unopened: list[str] = []
    position = literal_start = start
    while position < len(text):
        top = stack[-1] if stack else None
        if top is None or top.is_code:
            quote = top.quote if top is not None else None
            marks = _code_marks(lexicon, True, quote.multiline) if quote is not None else plain_marks
            match = marks.search(text, position)
            if match is None:
                break
            position = match.end()
            group = match.lastgroup or ""
            mark = match.group()
            if group == "bracket":
                _bracket(mark, match.start(), stack, unopened)
                if stack and not stack[-1].is_code:  # a hole was closed: its string goes on
                    literal_start = position - 1
            elif group == "literal":
                literals.append((match.start(), match.end()))
            elif group == "end":
                _end_line(stack)
            elif group == "format" and top is not None:
                literal_start = match.start()
                stack[-1] = replace(top, kind="string")
            else:
                literal_start = match.start()
                stack.append(_literal_frame(lexicon, group, text, match.start(), mark))
            continue
        match = _inside(top, lexicon.nested_comments).search(text, position)
        if match is None:
            break
        position = match.end()
        group = match.lastgroup
        if group == "close":
            stack.pop()
            if stack and stack[-1].kind == "string":  # a format was closed, and with it a hole: its string goes on
                literals.append((literal_start, match.start()))
                literal_start = match.start()
            elif not (stack and stack[-1].kind == "comment"):
                literals.append((literal_start, match.end()))
        elif group == "line":
            _end_line(stack)
            position = match.start() if top.kind == "line" else match.end()
            literals.append((literal_start, match.start()))
        elif group == "hole" and top.quote is not None and top.quote.hole is not None:
            literals.append((literal_start, match.end()))
            quote = top.quote if top.quote.formats else None
            stack.append(Frame("hole", match.start(), match.group(), top.quote.hole[1], quote))
        elif group == "nest":
            stack.append(Frame("comment", match.start(), match.group(), top.closing))
    if stack and not stack[-1].is_code:
        literals.append((literal_start, len(text)))
    return Scan(tuple(stack), tuple(literals), tuple(unopened))


def blanked(text: str, spans: Iterable[tuple[int, int]], start: int = 0) -> str:
    """The text from `start` on, with blanks in the place of some spans; its lines stay lines."""
    parts: list[str] = []
    for opened, closed in spans:
        parts += text[start:opened], _VISIBLE.sub(" ", text[opened:closed])
        start = closed
    return "".join(parts) + text[start:]


def _bracket(mark: str, offset: int, stack: list[Frame], unopened: list[str]) -> None:
    if mark in _CLOSING:
        stack.append(Frame("bracket", offset, mark, _CLOSING[mark]))
        return
    for depth in range(len(stack) - 1, -1, -1):
        frame = stack[depth]
        if not frame.is_code:
            break
        if frame.closing == mark:
            del stack[depth:]
            return
        if frame.kind == "hole":
            break
    unopened.append(mark)


def _end_line(stack: list[Frame]) -> None:
    """Close what the newline ends: a comment, or a string with the hole or the format in it."""
    quote = stack.pop().quote
    while quote is not None and quote.formats and stack and stack[-1].quote is quote:
        stack.pop()


def _literal_frame(lexicon: Lexicon, group: str, text: str, offset: int, mark: str) -> Frame:
    if group == "line":
        return Frame("line", offset, mark, "\n")
    number = int(group[1:])
    if group[0] == "c":
        return Frame("comment", offset, mark, lexicon.block_comments[number][1])
    quote = lexicon.quotes[number]
    match = re.compile(quote.opening).match(text, offset)
    closing = match.expand(quote.closing) if match and match.re.groups else quote.closing
    return Frame("string", offset, mark, closing, quote)


@lru_cache(maxsize=64)
def _code_marks(lexicon: Lexicon, may_format: bool = False, multiline: bool = True) -> re.Pattern[str]:
    """Everything that changes the state while reading code, or code in a hole that may have a format."""
    parts = [f"(?P<c{i}>{re.escape(opening)})" for i, (opening, _) in enumerate(lexicon.block_comments)]
    if lexicon.line_comments:
        parts.append(f"(?P<line>{'|'.join(map(re.escape, lexicon.line_comments))})")
    parts.extend(f"(?P<literal>{literal})" for literal in lexicon.literals)
    parts.extend(f"(?P<q{i}>{quote.opening})" for i, quote in enumerate(lexicon.quotes))
    parts.append(r"(?P<bracket>[()\[\]{}])")
    if may_format:
        parts.append("(?P<format>:)")
    if not multiline:
        parts.append(r"(?P<end>\n)")
    return re.compile("|".join(parts))


def _inside(frame: Frame, nested: bool) -> re.Pattern[str]:
    if frame.kind == "line":
        return _literal_marks("", "", False, False, "")
    if frame.quote is None:
        return _literal_marks(frame.closing, "", False, True, frame.opening if nested else "")
    hole = frame.quote.hole[0] if frame.quote.hole else ""
    return _literal_marks(frame.closing, hole, frame.quote.escapes, frame.quote.multiline, "")


@lru_cache(maxsize=256)
def _literal_marks(closing: str, hole: str, escapes: bool, multiline: bool, nest: str) -> re.Pattern[str]:
    """Everything that changes the state inside a string or a comment."""
    parts: list[str] = []
    if escapes:
        parts.append(r"(?s:\\.)")
    if hole:
        # A doubled brace is a brace that is meant literally.
        parts.extend([r"\{\{", f"(?P<hole>{hole})"] if hole.startswith(r"\{(?!") else [f"(?P<hole>{hole})"])
    if nest:
        parts.append(f"(?P<nest>{re.escape(nest)})")
    if closing:
        parts.append(f"(?P<close>{re.escape(closing)})")
    if not multiline:
        parts.append(r"(?P<line>\n)")
    return re.compile("|".join(parts))
