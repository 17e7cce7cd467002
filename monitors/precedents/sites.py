"""The dereferences of a text, each with the words before it and the line below it. The text need not parse."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitors.text.lexicon import Lexicon

REACH = 16
"""Words before a dereference that are compared at most; every mark is a word, and so is a line's beginning."""
BEGINNING = "\n"
"""The word for a line's beginning. How far the line is indented makes no difference."""
LONGEST_LINE = 2_000
"""Longer lines are made by machines, and not read."""
_FAR = 10_000
"""Code points to each side of a place that are looked at most for what stands around it."""
_NEAR = 40
"""The same in lines below."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a member is named, or will be."""

    before: str
    """The words before its operator, the nearest first, each with a space behind it: texts that end alike begin alike
    here."""
    member: str
    below: str
    """The next line that is not blank, without its margin."""

    @property
    def receiver(self) -> str:
        """The last word before the operator."""
        return self.before.partition(" ")[0]


def read_sites(lexicon: Lexicon, text: str, receiver: str | None = None) -> Iterator[Site]:
    """The dereferences in `text`: all, or those of receivers whose last word is `receiver`."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if (receiver is not None and receiver not in line) or not any(map(line.__contains__, lexicon.dereferences)):
            continue
        words = _words(lexicon, line)
        above: list[str] | None = None
        for place in range(1, len(words) - 1):
            if words[place] in lexicon.dereferences and receiver in (None, words[place - 1]):
                member = words[place + 1]
                if member[0].isalpha() or member[0] in "_$":
                    above = _words_above(lexicon, lines, number) if above is None else above
                    before = [*above, *words[:place]] if place < REACH else words[place - REACH : place]
                    yield Site(_nearest_first(before), member, _line_below(lines, number))


def site_at(lexicon: Lexicon, text: str, operator_start: int, below: str) -> Site:
    """The place of a member that is not written yet, after the operator at `operator_start`; `below` is the text from
    there on."""
    lines = text[max(operator_start - _FAR, 0) : operator_start].split("\n")
    words = [*_words_above(lexicon, lines, len(lines) - 1), *_words(lexicon, lines[-1])]
    return Site(_nearest_first(words), "", _line_below(below[:_FAR].split("\n"), 0))


def _words_above(lexicon: Lexicon, lines: Sequence[str], number: int) -> list[str]:
    """The last words above a line, and the mark of its own beginning."""
    words = [BEGINNING]
    while number > 0 and len(words) < REACH:
        number -= 1
        if line := _words(lexicon, lines[number]):
            words = [BEGINNING, *line, *words]
    return words


def _nearest_first(words: Sequence[str]) -> str:
    return " ".join([*reversed(words[-REACH:]), ""])


def _line_below(lines: Sequence[str], number: int) -> str:
    return next((line.strip()[:LONGEST_LINE] for line in lines[number + 1 : number + _NEAR] if line.strip()), "")


def _words(lexicon: Lexicon, line: str) -> tuple[str, ...]:
    return _words_of(lexicon, line) if len(line) <= LONGEST_LINE else ()


@lru_cache(maxsize=1 << 14)
def _words_of(lexicon: Lexicon, line: str) -> tuple[str, ...]:
    comment, word = _patterns(lexicon)
    return tuple(word.findall(comment.sub("", line)))


@lru_cache(maxsize=16)
def _patterns(lexicon: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of a comment up to the line's end, and of a word or a mark."""
    # A comment's mark inside a string seldom has a blank before it.
    marks = "|".join(map(re.escape, lexicon.line_comments)) or r"(?!)"
    operators = "|".join(re.escape(operator) for operator in lexicon.dereferences if len(operator) > 1) or r"(?!)"
    extra = re.escape(lexicon.word_extra)
    return re.compile(rf"(?:^|\s)(?:{marks}).*"), re.compile(rf"[^\W\d][\w{extra}]*|\d+|{operators}|[^\w\s]")
