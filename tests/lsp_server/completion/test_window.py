"""Windows around a cursor: contiguous, bounded, still while typing."""

from collections.abc import Sequence
from typing import overload

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.window import cut_window

LINES = st.lists(st.text("ab \t", max_size=30).map(lambda line: line + "\n"), min_size=1, max_size=200)


class Counting(Sequence[str]):
    """A document that counts how many lines were looked at."""

    def __init__(self, line: str, length: int) -> None:
        self.line, self.length, self.looks = line, length, 0

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        assert isinstance(index, int), "slices cost what the document costs"
        self.looks += 1
        return self.line


@given(LINES, st.integers(0, 250), st.integers(0, 40), st.integers(10, 400), st.integers(10, 400))
def test_the_window_is_contiguous_and_bounded(
    lines: list[str], line: int, column: int, prefix_chars: int, suffix_chars: int
) -> None:
    window = cut_window(lines, line, column, prefix_chars=prefix_chars, suffix_chars=suffix_chars)
    text = "".join(lines)
    row = min(line, len(lines) - 1)
    in_row = min(column, len(lines[row]) - 1) if line < len(lines) else len(lines[row]) - 1
    cursor = sum(len(item) for item in lines[:row]) + in_row
    assert text[:cursor].endswith(window.prefix)
    assert text[cursor:].startswith(window.suffix)
    assert len(window.prefix) <= prefix_chars
    assert len(window.suffix) <= suffix_chars


@given(LINES, st.integers(0, 199), st.text("xyz ", min_size=1, max_size=20), st.integers(200, 4000))
def test_the_start_stays_put_while_a_line_is_typed(lines: list[str], row: int, typed: str, prefix_chars: int) -> None:
    row %= len(lines)
    starts: set[int] = set()
    for length in range(len(typed) + 1):
        changed = [*lines[:row], typed[:length] + "\n", *lines[row + 1 :]]
        window = cut_window(changed, row, length, prefix_chars=prefix_chars, suffix_chars=100)
        starts.add(sum(len(item) for item in changed[:row]) + length - len(window.prefix))
    block = row - row % 64
    own_block_is_small = sum(len(item) for item in lines[block:row]) + len(typed) <= prefix_chars // 2
    assert len(starts) == 1 or not own_block_is_small


def test_the_start_moves_only_from_block_to_block() -> None:
    lines = [f"line {number} of a long document\n" for number in range(2000)]
    starts = {cut_window(lines, row, 0).prefix[:20] for row in range(1024, 1088)}
    assert len(starts) == 1


def test_half_of_the_room_is_used_for_what_is_above() -> None:
    lines = ["x" * 99 + "\n"] * 5000
    assert len(cut_window(lines, 4096, 0).prefix) > 11_000


def test_cost_does_not_depend_on_the_size_of_the_document() -> None:
    document = Counting("some code here\n", 10_000_000)
    cut_window(document, 5_000_000, 3)
    assert document.looks < 10_000


def test_a_line_longer_than_the_window_is_cut_on_a_grid() -> None:
    lines = ["short\n", "a" * 10_000_000 + "\n", "next\n"]
    starts = set[int]()
    for column in range(5_000_000, 5_000_200):
        window = cut_window(lines, 1, column)
        starts.add(column - len(window.prefix))
        assert 8_000 < len(window.prefix) <= 24_000
        assert len(window.suffix) == 6_000
    assert len(starts) <= 2
    assert all(start % 1024 == 0 for start in starts)


def test_a_long_line_above_ends_the_window() -> None:
    lines = ["a\n", "b" * 100_000 + "\n", "c\n", "d\n"]
    assert cut_window(lines, 3, 1).prefix == "c\nd"


def test_positions_outside_are_moved_inside() -> None:
    assert cut_window([], 3, 4).prefix == ""
    assert cut_window(["ab\n", "cd"], 9, 0).prefix == "ab\ncd"
    assert cut_window(["ab\r\n", "cd"], 0, 99).suffix == "\r\ncd"
    assert cut_window(["ab\n"], -1, -1).suffix == "ab\n"
    assert cut_window(["ab\n"], 0, -5).suffix == "ab\n"
