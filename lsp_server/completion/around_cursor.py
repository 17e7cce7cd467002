"""What the post-filters look at around one cursor."""

from collections import Counter
from functools import cached_property

from lsp_server.completion.request import CompletionRequest
from lsp_server.languages.lexical import OPENER, Scan, scan
from lsp_server.languages.lines import split_lines
from lsp_server.languages.structure import Structure

REPEAT_LINES = 60
"""How many visible lines above the cursor are searched for copies."""


class AroundCursor:
    """Computed once for all candidates."""

    def __init__(self, request: CompletionRequest, structure: Structure) -> None:
        self.automatic = request.trigger == "automatic"
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
