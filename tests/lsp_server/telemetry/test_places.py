"""Places against a slow reference: a list of characters with two markers in it that edits never touch."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.telemetry.places import Place, Splice, splices

START, END = "start", "end"


@dataclass
class Marked:
    """The slow reference: what is put at a marker goes behind the start, and before the end of an open place."""

    cells: list[str]
    """Characters, and the two markers by their names."""
    sealed: bool
    deleted: bool = False

    def take(self, start: int, end: int) -> None:
        whole = self.cells.index(END) - self.cells.index(START) - 1
        kept: list[str] = []
        offset = 0
        sides = set[str]()
        for cell in self.cells:
            if cell in (START, END):
                kept.append(cell)
                continue
            if start <= offset < end:
                sides.add("before" if START not in kept else "within" if END not in kept else "after")
            else:
                kept.append(cell)
            offset += 1
        self.cells = kept
        left = kept.index(END) - kept.index(START) - 1
        if self.sealed and whole:
            self.deleted |= left == 0
        else:
            self.deleted |= left == 0 and {"before", "after"} <= sides

    def splice(self, at: int, removed: int, new: str) -> None:
        """What replaces cells between the markers of a sealed place stays between them."""
        first, last = self.place()
        inside = self.sealed and removed and new and first <= at and at + removed <= last
        if inside:
            self.sealed, deleted = False, self.deleted
            self.take(at, at + removed)
            self.deleted = False
            self.put(at, new)
            self.sealed, self.deleted = True, deleted
        else:
            if removed:
                self.take(at, at + removed)
            if new:
                self.put(at, new)

    def put(self, at: int, text: str) -> None:
        index = self._cell(at)
        while index < len(self.cells) and self.cells[index] in (START, END):
            if self.cells[index] == END and not (self.sealed or self.deleted):
                break
            index += 1
        self.cells[index:index] = list(text)

    def _cell(self, offset: int) -> int:
        """The first index at which so many characters stand before."""
        seen = 0
        for index, cell in enumerate(self.cells):
            if seen == offset:
                return index
            seen += cell not in (START, END)
        return len(self.cells)

    def place(self) -> tuple[int, int]:
        start = sum(cell not in (START, END) for cell in self.cells[: self.cells.index(START)])
        end = sum(cell not in (START, END) for cell in self.cells[: self.cells.index(END)])
        return start, end

    def __str__(self) -> str:
        return "".join(cell for cell in self.cells if cell not in (START, END))


texts = st.text("ab\n😀", max_size=12)
edits = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.text("xy\n", max_size=4)), max_size=8)


@given(texts, st.integers(0, 12), st.integers(0, 6), st.booleans(), edits)
def test_a_place_is_where_the_markers_are(
    text: str, start: int, length: int, sealed: bool, edits: list[tuple[int, int, str]]
) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    place = Place(start, end, sealed)
    marked = Marked([*text[:start], START, *text[start:end], END, *text[end:]], sealed)
    taken: set[str] = set()
    for at, removed, new in edits:
        at = min(at, len(text))
        gone = text[at : at + removed]
        taken.add(gone)
        if new in taken:  # putting back what was taken is an undo, tested below
            new = ""
        place.splice(at, gone, new)
        marked.splice(at, len(gone), new)
        text = text[:at] + new + text[at + len(gone) :]
        assert str(marked) == text
        assert ((place.start, place.end), place.deleted) == (marked.place(), marked.deleted)


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30), st.booleans(), st.text("ab", max_size=5))
def test_splices_make_of_a_text_what_the_edit_makes_of_it(removed: str, new: str, inside: bool, around: str) -> None:
    text = around + removed + around
    for splice in splices(len(around), removed, new, inside):
        text = text[: splice.start] + splice.new + text[splice.end :]
    assert text == around + new + around


def moved(place: Place, text: str, new: str) -> Place:
    for splice in splices(0, text, new, inside=True):
        removed = text[splice.start : splice.end]
        place.splice(splice.start, removed, splice.new)
        text = text[: splice.start] + splice.new + text[splice.end :]
    assert text == new
    return place


def test_a_formatter_that_sends_everything_again_moves_nothing_that_it_left_alone() -> None:
    before = "def f( x ):\n  return  x+1\n\n\n\nprint( f(1) )\n"
    after = "def f(x):\n    return x + 1\n\n\nprint(f(1))\n"
    place = moved(Place(before.index("f(1)"), before.index("f(1)") + 4, sealed=True), before, after)
    assert after[place.start : place.end] == "f(1)"
    assert not place.deleted


def test_another_text_takes_the_place_away() -> None:
    assert moved(Place(10, 15, sealed=True), "import os\nhello\nworld\n", "#!/bin/sh\n\nls | wc -l; exit 7\n").deleted


def test_what_replaces_an_accepted_text_stands_in_its_place() -> None:
    place = Place(2, 8, sealed=True)
    place.splice(4, "ight", "X")
    assert (place.start, place.end) == (2, 5)
    place.splice(2, "heX", "depth")
    assert (place.start, place.end, place.deleted) == (2, 7, False)
    place.splice(7, "", ")")
    assert (place.start, place.end) == (2, 7)


def test_an_undo_brings_a_place_back() -> None:
    place = Place(5, 9, sealed=True)
    place.take(2, 12, "cdefghijkl")
    assert place.deleted
    place.put(2, "cdefghijkl")
    assert (place.start, place.end, place.deleted) == (5, 9, False)


def test_unwriting_what_was_written_at_a_cursor_leaves_the_cursor() -> None:
    place = Place(5, 5)
    place.put(5, "abc")
    place.take(5, 8, "abc")
    assert (place.start, place.end, place.deleted) == (5, 5, False)


@pytest.mark.parametrize(
    ("removed", "new", "expected"),
    [
        ("", "abc", [Splice(7, 7, "abc")]),
        ("abc", "", [Splice(7, 10, "")]),
        ("print", "printf(x)", [Splice(12, 12, "f(x)")]),
        ("abcd", "abXd", [Splice(9, 10, "X")]),
        ("same", "same", []),
    ],
)
def test_an_edit_is_no_larger_than_what_it_changed(removed: str, new: str, expected: list[Splice]) -> None:
    assert list(splices(7, removed, new, inside=False)) == expected
