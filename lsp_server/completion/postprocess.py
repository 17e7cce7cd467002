"""From what the model wrote to what is worth showing.

Pure functions over text: each step either shortens a candidate or drops it, and every drop has a name that the record
keeps. A kept text is always a beginning of what the model wrote, apart from blanks at line ends; nothing is invented.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lsp_server.completion.request import CompletionRequest, Extent
from lsp_server.languages.lexical import OPENER, Scan, scan
from lsp_server.languages.lines import line_spans, split_lines
from lsp_server.languages.structure import Structure
from models import Candidate

DropReason = Literal[
    "empty",
    "blank",
    "punctuation",
    "too_short",
    "looping",
    "unbalanced",
    "redundant",
    "repeats_prefix",
    "duplicate",
]
"""Nothing written; only blanks; only closing punctuation; too little to be worth a glance; the same over and over;
closes what is not open; stands after the cursor already; stands above already; another candidate says the same."""

AUTOMATIC_CHARS = 2
"""Visible characters that an unasked suggestion must have at least."""
LOOP_CHARS = 4
"""Length from which a unit that is written three times in a row counts as a loop."""
REPEAT_LINES = 60
"""How many visible lines above the cursor are searched for copies."""
_INFORMATIVE_CHARS = 8
_CLOSING = frozenset(")]}>;,:'\"`")


@dataclass(frozen=True)
class Kept:
    index: int
    """Which of the candidates it was."""
    text: str
    replace_after: int = 0
    """Code points after the cursor that the text brings along and replaces."""


@dataclass(frozen=True)
class Dropped:
    index: int
    reason: DropReason


@dataclass(frozen=True)
class Postprocessed:
    kept: tuple[Kept, ...]
    """In the order of the candidates."""
    dropped: tuple[Dropped, ...]


def postprocess(
    candidates: Sequence[Candidate], request: CompletionRequest, extent: Extent, structure: Structure
) -> Postprocessed:
    """Sort out and trim the candidates for this cursor. Each ends up either kept or dropped.

    `structure` is the look at the request's cursor from which the extent was decided. Drops for being short or only
    punctuation happen to automatic suggestions alone: who presses a key wants to see.
    """
    cursor = _Cursor(structure, automatic=request.trigger == "automatic")
    kept: list[Kept] = []
    dropped: list[Dropped] = []
    for index, candidate in enumerate(candidates):
        text = _whole_lines(candidate) if extent == "block" else candidate.text
        outcome = _polish(text, cursor)
        if isinstance(outcome, str):
            dropped.append(Dropped(index, outcome))
        elif any(outcome.text.strip() == other.text.strip() for other in kept):
            dropped.append(Dropped(index, "duplicate"))
        else:
            kept.append(Kept(index, outcome.text, outcome.replace_after))
    return Postprocessed(tuple(kept), tuple(dropped))


@dataclass(frozen=True)
class _Polished:
    text: str
    replace_after: int


class _Cursor:
    """What the steps look at around the cursor, computed once for all candidates."""

    def __init__(self, structure: Structure, *, automatic: bool) -> None:
        self.automatic = automatic
        self.before = structure.before
        self.rest = structure.after
        self._structure = structure
        self._within = scan(self.before, structure.language).within
        """The mark of the string or comment that begins on the cursor's line and goes on at the cursor."""

    @cached_property
    def above(self) -> list[str]:
        """Visible lines above the cursor's, the nearest last, without blanks around them."""
        lines = split_lines(self._structure.prefix)[:-1]
        return [line.strip() for line in lines[-2 * REPEAT_LINES :] if line.strip()][-REPEAT_LINES:]

    @cached_property
    def below(self) -> list[str]:
        """Visible lines below the cursor's, the nearest first, without blanks at their ends."""
        return [line.rstrip() for line in split_lines(self._structure.suffix)[1:] if line.strip()]

    @cached_property
    def brackets_are_known(self) -> bool:
        """Whether brackets mean anything here and the scanner has kept its bearings from the start of the window on.

        It loses them where the window begins inside a string: then it takes code for string at the cursor.
        """
        return self._structure.region == ("string" if self._within else "code") == self._structure.region_by_text

    @cached_property
    def closed_below(self) -> Counter[str]:
        """How many open brackets of each kind the suffix closes, keyed by the opening character."""
        return Counter(OPENER[bracket.character] for bracket in self.scan(self._structure.suffix).unopened)

    @cached_property
    def open_brackets(self) -> list[str]:
        """Brackets that are open at the cursor, innermost last, as far as the window shows."""
        return [bracket.character for bracket in self._structure.brackets]

    def scan(self, text: str) -> Scan:
        """Read `text` as it would stand at the cursor."""
        return scan(text, self._structure.language, self._within)

    def closes_string(self, text: str) -> int:
        """Length of the mark after the cursor that ends the string the cursor is in, if `text` ends that string too."""
        if not self._within or self.scan(text).within or not self.rest.startswith(self._within):
            return 0
        return len(self._within)

    def is_still_within(self, text: str) -> bool:
        """Whether the cursor, moved to the end of `text`, would be in the string it is in now, or in code as now."""
        return self.scan(text).within == self._within

    def surplus(self, found: Scan) -> Counter[str]:
        """How many brackets of each kind would be closed twice, by the text that was scanned and by the suffix."""
        closed = Counter(OPENER[bracket.character] for bracket in found.unopened)
        if not self.brackets_are_known:
            return closed
        return Counter({kind: closed[kind] + self.closed_below[kind] for kind in closed}) - Counter(self.open_brackets)


def _polish(text: str, cursor: _Cursor) -> _Polished | DropReason:
    if not text:
        return "empty"
    if not text.strip():
        return "blank"
    before = ""
    while text != before:  # one step may uncover work for another; each only shortens
        before = text
        for step, reason in _STEPS:
            text = step(text, cursor)
            if not text.strip():
                return reason
    if _repeats_lines_above(text, cursor):
        return "repeats_prefix"
    visible = "".join(text.split())
    if cursor.automatic and _CLOSING.issuperset(visible):
        return "punctuation"
    if cursor.automatic and len(visible) < AUTOMATIC_CHARS:
        return "too_short"
    return _Polished(text, _replaced(text, cursor))


def _whole_lines(candidate: Candidate) -> str:
    """A text of several lines that the budget cut off loses its half-written last line."""
    text = candidate.text
    if candidate.finish_reason not in ("length", "time"):
        return text
    spans = line_spans(text)
    visible = [end for start, end in spans[:-1] if text[start:end].strip()]
    return text[: visible[-1]] if visible else text


def _without_loop(text: str, _cursor: _Cursor) -> str:
    """Cut a text that ends in a loop: after the first round if a round is whole lines, else entirely.

    A ruler (`-----`) is no loop, nor is a list of short literals.
    """
    for period in range(LOOP_CHARS, len(text) // 3 + 1):
        unit = text[-period:]
        if text[-2 * period : -period] != unit or text[-3 * period : -2 * period] != unit:
            continue
        if not any(character.isalpha() for character in unit):
            continue
        start = len(text) - 3 * period
        while start > 0 and text[start - 1] == text[start - 1 + period]:
            start -= 1
        return text[: start + period].rstrip() if "\n" in unit else ""
    return text


def _balanced(text: str, cursor: _Cursor) -> str:
    """Cut before the first bracket that closes something other than what is open there."""
    if not cursor.brackets_are_known:
        return text
    found = cursor.scan(text)
    opened_here = [bracket.offset for bracket in found.unclosed] + [opening for opening, _ in found.pairs]
    closed_here = dict(found.pairs)
    still_open = list(cursor.open_brackets)
    for bracket in found.unopened:
        opener = OPENER[bracket.character]
        if any(opening < bracket.offset < closed_here.get(opening, len(text)) for opening in opened_here):
            return text[: bracket.offset]
        if still_open and still_open[-1] == opener:
            still_open.pop()
        elif still_open or bracket.character != "}":  # the opening brace may lie above the window
            return text[: bracket.offset]
    return text


def _without_overlap(text: str, cursor: _Cursor) -> str:
    """Trim the end of the text where it repeats the beginning of what follows on the cursor's line.

    A repeated bracket is trimmed only where it would be one too many, and a quote only where both ends mean the same.
    """
    rest = cursor.rest
    found = cursor.scan(text)
    surplus = cursor.surplus(found)
    for end in sorted({len(text), len(text.rstrip())}, reverse=True):
        for length in range(min(end, len(rest)), 0, -1):
            cut = end - length
            if not text.endswith(rest[:length], 0, end) or _splits_word(text, cut) or _splits_word(rest, length):
                continue
            if any(opening < cut <= closing for opening, closing in found.pairs):
                continue
            closed = Counter(OPENER[bracket.character] for bracket in found.unopened if bracket.offset >= cut)
            if not closed - surplus and cursor.is_still_within(text[:cut]):
                return text[:cut]
    return text


def _replaced(text: str, cursor: _Cursor) -> int:
    """How many of the closing characters right after the cursor the text brings itself, so that it must replace them.

    Only where nothing but closing characters follows, as editors insert them by themselves.
    """
    rest = cursor.rest
    if not rest or not _CLOSING.issuperset(rest.rstrip()):
        return 0
    surplus = cursor.surplus(cursor.scan(text))
    count = cursor.closes_string(text)
    while count < len(rest) and surplus[OPENER.get(rest[count], "")] > 0:
        surplus[OPENER[rest[count]]] -= 1
        count += 1
    if count and rest[count : count + 1] in (";", ",") and text.rstrip().endswith(rest[count]):
        count += 1
    return count


def _without_lines_below(text: str, cursor: _Cursor) -> str:
    """Trim the last lines of the text where they are the next lines of the document."""
    if _line_goes_on(text, cursor):
        return text
    spans = [(start, end) for start, end in line_spans(text) if text[start:end].strip() or start == 0]
    lines = [text[start:end].rstrip() for start, end in spans]
    lines[0] = cursor.before + lines[0]
    pairs = cursor.scan(text).pairs
    for count in range(min(len(lines), len(cursor.below)), 0, -1):
        same = lines[-count:]
        if same != cursor.below[:count]:
            continue
        cut = spans[-count][0]
        if any(opening < cut <= closing for opening, closing in pairs):
            continue
        if cut > 0:
            return text[:cut].rstrip()
        if _is_informative("".join(same)):
            return ""
    return text


def _repeats_lines_above(text: str, cursor: _Cursor) -> bool:
    """Whether the text completes to the line right above it, or to several lines in a row that stand above."""
    lines = [line.strip() for line in split_lines(cursor.before + text) if line.strip()]
    above = cursor.above
    if not _is_informative("".join(lines), len(lines)):
        return False
    if len(lines) == 1:
        return above[-1:] == lines
    return any(above[start : start + len(lines)] == lines for start in range(len(above) - len(lines) + 1))


def _without_trailing_blanks(text: str, cursor: _Cursor) -> str:
    """Remove blanks at line ends; at the end of the text only if the line ends there."""
    *lines, last = text.split("\n")
    text = "\n".join([*(line.rstrip(" \t") for line in lines), last])
    return text if _line_goes_on(text, cursor) else text.rstrip()


_STEPS: tuple[tuple[Callable[[str, _Cursor], str], DropReason], ...] = (
    (_without_loop, "looping"),
    (_balanced, "unbalanced"),
    (_without_overlap, "redundant"),
    (_without_lines_below, "redundant"),
    (_without_trailing_blanks, "redundant"),
)
"""What shortens a text, and why it was dropped if nothing is left."""


def _line_goes_on(text: str, cursor: _Cursor) -> bool:
    """Whether something visible would follow the text on its last line."""
    return bool(cursor.rest[_replaced(text, cursor) :].strip())


def _is_informative(text: str, lines: int = 1) -> bool:
    """Whether lines say enough that standing twice is no accident; `}` and `return x` do not."""
    return sum(character.isalnum() for character in text) >= _INFORMATIVE_CHARS * min(lines, 2)


def _splits_word(text: str, offset: int) -> bool:
    """Whether this offset lies inside a word."""
    return 0 < offset < len(text) and _in_word(text[offset - 1]) and _in_word(text[offset])


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
