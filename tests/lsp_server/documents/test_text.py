"""The chunked text against the plainest model there is: one string, cut into lines anew for every question."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.documents import text as text_module
from lsp_server.documents.text import Text
from lsp_server.documents.units import Encoding, code_points_before, count_units

ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
# Every kind of character that a column can be counted wrongly at, and separators at which no line ends.
ALPHABET = "ab\n\r\té日😀\ud83d\ude00\u2028\x0b\x0c\x85\ufeff"
texts = st.text(ALPHABET, max_size=60)
encodings = st.sampled_from(ENCODINGS)
edits = st.lists(st.tuples(st.integers(-1, 80), st.integers(-1, 80), texts), max_size=12)


@pytest.fixture(autouse=True)
def tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Boundaries everywhere."""
    with monkeypatch.context() as patch:
        patch.setattr(text_module, "CHUNK", 4)
        yield


class FullText:
    """The model."""

    def __init__(self, content: str, encoding: Encoding) -> None:
        self.content = content
        self.encoding: Encoding = encoding

    def lines(self) -> list[str]:
        return re.split(r"\r\n|\r|\n", self.content)

    def starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.content))]

    def offset(self, line: int, column: int) -> int:
        if line < 0:
            return 0
        if line >= len(self.lines()):
            return len(self.content)
        content = self.lines()[line]
        taken = 0
        for index, character in enumerate(content):
            taken += UNITS[self.encoding](character)
            if taken > column:
                return self.starts()[line] + index
        return self.starts()[line] + len(content)

    def position(self, offset: int) -> tuple[int, int]:
        offset = min(max(offset, 0), len(self.content))
        if self.content[max(offset - 1, 0) : offset + 1] == "\r\n":
            offset -= 1
        line = max(i for i, start in enumerate(self.starts()) if start <= offset)
        return line, sum(map(UNITS[self.encoding], self.content[self.starts()[line] : offset]))

    def replace(self, start: int, end: int, new: str) -> None:
        start = min(max(start, 0), len(self.content))
        end = min(max(end, start), len(self.content))
        self.content = self.content[:start] + new + self.content[end:]


UNITS: dict[Encoding, Callable[[str], int]] = {
    "utf-8": lambda c: 1 if ord(c) < 0x80 else 2 if ord(c) < 0x800 else 3 if ord(c) < 0x10000 else 4,
    "utf-16": lambda c: 1 if ord(c) < 0x10000 else 2,
    "utf-32": lambda c: 1,
}


def agree(text: Text, model: FullText) -> None:
    assert str(text) == model.content
    assert len(text) == len(model.content)
    assert text.line_count == len(model.lines())
    for line, (start, content) in enumerate(zip(model.starts(), model.lines(), strict=True)):
        assert text.line_start(line) == start
        assert text.line_end(line) == start + len(content)
    for offset in range(-1, len(model.content) + 2):
        assert text.position(offset) == model.position(offset), offset


@given(texts, encodings, edits)
def test_edits_by_offset(content: str, encoding: Encoding, changes: list[tuple[int, int, str]]) -> None:
    text, model = Text(content, encoding), FullText(content, encoding)
    agree(text, model)
    for start, end, new in changes:
        text.replace(start, end, new)
        model.replace(start, end, new)
        agree(text, model)


@given(texts, encodings, st.integers(-1, 20), st.integers(-1, 300))
def test_a_position_becomes_the_same_offset(content: str, encoding: Encoding, line: int, column: int) -> None:
    assert Text(content, encoding).offset(line, column) == FullText(content, encoding).offset(line, column)


@given(texts, encodings, st.integers(-5, 70), st.integers(-5, 70))
def test_slices(content: str, encoding: Encoding, start: int, end: int) -> None:
    assert Text(content, encoding).slice(start, end) == content[max(start, 0) : max(end, 0)]


@given(texts, encodings)
def test_a_position_survives_the_way_there_and_back(content: str, encoding: Encoding) -> None:
    text = Text(content, encoding)
    for offset in range(len(content) + 1):
        if content[max(offset - 1, 0) : offset + 1] != "\r\n":
            assert text.offset(*text.position(offset)) == offset


@given(texts, encodings)
def test_units_are_what_the_encoders_say(content: str, encoding: Encoding) -> None:
    assert count_units(content, encoding) == sum(map(UNITS[encoding], content))


@given(texts, encodings, st.integers(0, 200))
def test_a_column_inside_a_code_point_falls_back_to_its_start(content: str, encoding: Encoding, units: int) -> None:
    n = code_points_before(content, units, encoding)
    assert count_units(content[:n], encoding) <= units
    assert n == len(content) or count_units(content[: n + 1], encoding) > units


@given(edits)
@settings(max_examples=30)
def test_chunks_stay_within_bounds(changes: list[tuple[int, int, str]]) -> None:
    """Neither crumbs nor lumps, or the cost of an edit would creep up with the hours."""
    text = Text()
    for start, end, new in changes:
        text.replace(start, end, new)
        chunks = text.chunk_lengths()
        assert all(length <= 2 * text_module.CHUNK + 2 for length in chunks)
        assert all(a + b >= text_module.CHUNK // 4 for a, b in itertools.pairwise(chunks))


def test_an_insertion_can_close_a_pair_across_chunks() -> None:
    text = Text("abc\r" + "defg")
    text.replace(4, 4, "\n")
    assert text.line_count == 2
    text.replace(3, 3, "\r")
    assert text.line_count == 3
