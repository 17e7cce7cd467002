"""From what the model wrote to what is worth showing.

Pure functions over text: each step either shortens a candidate or drops it, and every drop has a name that the record
keeps. A kept text is always a beginning of what the model wrote, apart from blanks at line ends; nothing is invented.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from lsp_server.completion.around_cursor import AroundCursor
from lsp_server.completion.closers import CLOSING, balanced, closed_once, replaced, without_overlap
from lsp_server.completion.request import CompletionRequest, Extent
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
_INFORMATIVE_CHARS = 8


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
    cursor = AroundCursor(request, structure)
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


def _polish(text: str, cursor: AroundCursor) -> _Polished | DropReason:
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
    if cursor.automatic and CLOSING.issuperset(visible):
        return "punctuation"
    if cursor.automatic and len(visible) < AUTOMATIC_CHARS:
        return "too_short"
    return _Polished(text, replaced(text, cursor))


def _whole_lines(candidate: Candidate) -> str:
    """A text of several lines that the budget cut off loses its half-written last line."""
    text = candidate.text
    if candidate.finish_reason not in ("length", "time"):
        return text
    spans = line_spans(text)
    visible = [end for start, end in spans[:-1] if text[start:end].strip()]
    return text[: visible[-1]] if visible else text


def _without_loop(text: str, _cursor: AroundCursor) -> str:
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


def _without_lines_below(text: str, cursor: AroundCursor) -> str:
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


def _repeats_lines_above(text: str, cursor: AroundCursor) -> bool:
    """Whether the text completes to the line right above it, or to several lines in a row that stand above."""
    lines = [line.strip() for line in split_lines(cursor.before + text) if line.strip()]
    above = cursor.above
    if not _is_informative("".join(lines), len(lines)):
        return False
    if len(lines) == 1:
        return above[-1:] == lines
    return any(above[start : start + len(lines)] == lines for start in range(len(above) - len(lines) + 1))


def _without_trailing_blanks(text: str, cursor: AroundCursor) -> str:
    """Remove blanks at line ends; at the end of the text only if the line ends there."""
    *lines, last = text.split("\n")
    text = "\n".join([*(line.rstrip(" \t") for line in lines), last])
    return text if _line_goes_on(text, cursor) else text.rstrip()


_STEPS: tuple[tuple[Callable[[str, AroundCursor], str], DropReason], ...] = (
    (_without_loop, "looping"),
    (balanced, "unbalanced"),
    (without_overlap, "redundant"),
    (_without_lines_below, "redundant"),
    (_without_trailing_blanks, "redundant"),
    (closed_once, "redundant"),
)
"""What shortens a text, and why it was dropped if nothing is left."""


def _line_goes_on(text: str, cursor: AroundCursor) -> bool:
    """Whether something visible would follow the text on its last line."""
    return bool(cursor.rest[replaced(text, cursor) :].strip())


def _is_informative(text: str, lines: int = 1) -> bool:
    """Whether lines say enough that standing twice is no accident; `}` and `return x` do not."""
    return sum(character.isalnum() for character in text) >= _INFORMATIVE_CHARS * min(lines, 2)
