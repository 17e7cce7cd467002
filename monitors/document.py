"""The document under the cursor, and the view of it that a monitor gets while text is being generated into it."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, lru_cache

from monitors.analysis.analyser import Place
from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import Frame, Scan, scan
from monitors.text.virtual import missing_closers


@dataclass(frozen=True)
class Document:
    """A text with a cursor in it. Nothing need exist on disk, and nothing on disk is ever written."""

    path: str
    """Absolute path under which analysers should see it."""
    language: str
    """Language id as editors write it, such as `python` or `typescriptreact`."""
    prefix: str
    """All text before the cursor."""
    suffix: str = ""
    """All text after the cursor."""

    @cached_property
    def lexicon(self) -> Lexicon:
        """The lexical rules of the language; bare ones (brackets only) where the language is not known."""
        return lexicon_of(self.language) or Lexicon(self.language, (), ())

    @cached_property
    def at_cursor(self) -> Scan:
        """What is open at the cursor. Read once, then continued through the generated text."""
        return self.before(len(self.prefix))

    def before(self, offset: int) -> Scan:
        """What is open at an offset of the prefix. All that lies above the cursor's line is read once."""
        if offset not in self._scans:
            self._scans[offset] = self._scan(offset)
        return self._scans[offset]

    @cached_property
    def _scans(self) -> dict[int, Scan]:
        return {}

    def _scan(self, offset: int) -> Scan:
        if offset < len(self.prefix):
            # Right behind what is still open at the cursor nothing else is open than what is so there.
            opened = self.at_cursor.frames
            here = next((i for i, f in enumerate(opened, 1) if f.offset + len(f.opening) == offset and f.is_code), 0)
            if here:
                return Scan(opened[:here], (), ())
        line = self.prefix.rfind("\n") + 1
        if offset <= line or self.lexicon.starts_after:
            return scan(self.lexicon, self.prefix[:offset], _code_start(self.lexicon, self.prefix, offset))
        return scan(self.lexicon, self.prefix[:offset], line, _open_above(self.lexicon, self.prefix[:line]))

    @cached_property
    def unopened(self) -> tuple[str, ...]:
        """Closing brackets without a partner that the suffix can be relied on to supply.

        Where blocks are made by indentation, those of the cursor's own line: what is open after that was opened by
        the statement being written, whose end is not written yet. Else all of them.
        """
        suffix = self.suffix.partition("\n")[0] if self.lexicon.blocks_by_indentation else self.suffix
        return scan(self.lexicon, suffix).unopened


@dataclass(frozen=True)
class View:
    """A document and what was generated into it so far. Offsets count code points from the document's beginning."""

    document: Document
    generated: str = ""
    since: int = 0
    """Where to look for triggers: the beginning of the line in which text is new."""

    @cached_property
    def text(self) -> str:
        """Everything up to the end of what was generated."""
        return self.document.prefix + self.generated

    @property
    def language(self) -> str:
        """The language as the lexicon names it: `typescript` for `typescriptreact`."""
        return self.document.lexicon.language

    @property
    def lexicon(self) -> Lexicon:
        return self.document.lexicon

    @property
    def cursor(self) -> int:
        """Where the generated text begins."""
        return len(self.document.prefix)

    def scan_at(self, offset: int) -> Scan:
        """What is open at `offset`; cheap behind the cursor, a scan of the prefix before it."""
        if offset >= self.cursor:
            return scan(self.lexicon, self.text[:offset], self.cursor, self.document.at_cursor.frames)
        between = self.text[offset : self.cursor]
        if all(character.isalnum() or character == "_" for character in between):
            return self.document.at_cursor  # a word half typed: nothing in it can change the state
        return self.document.before(offset)

    @cached_property
    def _generated_scan(self) -> Scan:
        return scan(self.lexicon, self.text, self.cursor, self.document.at_cursor.frames)

    def in_code(self, offset: int) -> bool:
        """Whether `offset` lies in code, and not in a string or a comment."""
        if offset <= self.cursor:
            return self.scan_at(offset).in_code
        whole = self._generated_scan
        if offset == len(self.text):
            return whole.in_code
        i = bisect_left(whole.literals, (offset, 0)) - 1
        return i < 0 or offset >= whole.literals[i][1]

    def place(self, offset: int, insert: str = "") -> Place:
        """The document cut at `offset`, made whole with closing brackets, for an analyser to look at.

        What was generated or half typed after `offset` is left out; `insert` is put in before the cut.
        """
        before = self.text[:offset] + insert
        frames = self.scan_at(offset).frames
        if insert:
            frames = scan(self.lexicon, before, offset, frames).frames
        inside, outside = missing_closers(frames, self.document.unopened)
        document = self.document
        return Place(document.path, document.language, before + inside + document.suffix + outside, len(before))


@lru_cache(maxsize=8)
def _open_above(lexicon: Lexicon, text: str) -> tuple[Frame, ...]:
    """What is open at the end of the lines above the cursor's: the same for every key that is pressed in a line."""
    return scan(lexicon, text).frames


def _code_start(lexicon: Lexicon, text: str, end: int) -> int:
    marker = lexicon.starts_after
    found = text.rfind(marker, 0, end) if marker else -1
    return found + len(marker) if found >= 0 else 0
