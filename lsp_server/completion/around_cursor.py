"""What the post-filters look at around one cursor."""

import re
from collections import Counter
from dataclasses import replace
from functools import cached_property

from lsp_server.completion.request import CompletionRequest
from lsp_server.languages.lexical import OPENER, Scan, scan
from lsp_server.languages.lines import last_line, split_lines
from lsp_server.languages.structure import Structure

REPEAT_LINES = 60
"""How many visible lines above the cursor are searched for copies."""
_WHOLE_CHARS = 10_000
"""A prefix shorter than this begins where the document does: windows hold more."""


class AroundCursor:
    """Computed once for all candidates."""

    def __init__(self, request: CompletionRequest, structure: Structure) -> None:
        self.automatic = request.trigger == "automatic"
        self.before = structure.before
        self.rest = structure.after
        self.brace_may_be_above = structure.language.block_style == "braces" or len(request.prefix) >= _WHOLE_CHARS
        """Whether a brace that nothing visible opens may be opened above the window."""
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
        return closed_by(self.scan(self._structure.suffix))

    @cached_property
    def closed_nearby(self) -> Counter[str]:
        """How many of them the cursor's line closes, and the lines right below that begin with a closing bracket.

        What is counted further down may be a slip of the scanner, or of the author.
        """
        lines = [self.rest]
        for line in self.below:
            if line.lstrip()[:1] not in OPENER:
                break
            lines.append(line)
        return closed_by(self.scan("\n".join(lines)))

    @cached_property
    def open_brackets(self) -> list[str]:
        """Brackets that are open at the cursor, innermost last, as far as the window shows."""
        return [bracket.character for bracket in self._structure.brackets]

    def scan(self, text: str) -> Scan:
        """Read `text` as it would stand at the cursor."""
        found = scan(text, self._structure.language, self._within)
        if not self._structure.language.unpaired or not found.unopened or "(" in self.open_brackets:
            return found
        return replace(found, unopened=tuple(b for b in found.unopened if not self._is_unpaired(text, b.offset)))

    def closes_string(self, text: str) -> int:
        """Length of the mark after the cursor that ends the string the cursor is in, if `text` ends that string too."""
        if not self._within or self.scan(text).within or not self.rest.startswith(self._within):
            return 0
        return len(self._within)

    def string_closed_twice(self, text: str, found: Scan, taken: int) -> int | None:
        """Where `text`, scanned as `found`, ends the cursor's string that the rest ends too, but for `taken` of it."""
        if not self._within:
            return None
        end = found.literals[0][1]
        if not text.endswith(self._within[-1], 0, end) or self.is_still_within(text[:end]):
            return None
        alone = self.scan(self.rest).within
        behind = scan(self.rest[taken:], self._structure.language, found.within).within
        if alone == self._within or behind in ("", alone):
            return None  # the rest needs a quote before it, or has none too many
        return end - (len(self._within) if text.endswith(self._within, 0, end) else 1)

    def is_still_within(self, text: str) -> bool:
        """Whether the cursor, moved to the end of `text`, would be in the string it is in now, or in code as now."""
        return self.scan(text).within == self._within

    def surplus(self, found: Scan) -> Counter[str]:
        """How many brackets of each kind would be closed twice, by the text that was scanned and by the suffix."""
        closed = closed_by(found)
        if not self.brackets_are_known:
            return closed
        return Counter({kind: closed[kind] + self.closed_below[kind] for kind in closed}) - Counter(self.open_brackets)

    def closed_twice(self, found: Scan, taken: int) -> Counter[str]:
        """How many more brackets than without the text have no partner, if `taken` characters of the rest are replaced.

        Unlike the surplus, this leaves to the rest what the text opens for it.
        """
        closed, opened = closed_by(found), Counter(self.open_brackets)
        left = opened - closed + Counter(bracket.character for bracket in found.unclosed)
        without_partner = (closed - opened) + (self.closed_below - left) - (self.closed_below - opened)
        taken_along = Counter(OPENER[character] for character in self.rest[:taken] if character in OPENER)
        return (without_partner - taken_along) & (self.closed_nearby - taken_along)

    def _is_unpaired(self, text: str, offset: int) -> bool:
        """Whether the closing bracket at this offset is none of a pair."""
        line = last_line(self.before + text[: offset + 1])
        return re.fullmatch(self._structure.language.unpaired, line) is not None


def closed_by(found: Scan) -> Counter[str]:
    """How many brackets of each kind a text closes that it has not opened, keyed by the opening character."""
    return Counter(OPENER[bracket.character] for bracket in found.unopened)
