"""Where texts end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decoding.generation import DecodingParameters
from models.decoding.stopping import Stops, find_loop


def end(text: str, **parameters: object) -> int | None:
    found = Stops(DecodingParameters(**parameters)).check(text)  # pyright: ignore[reportArgumentType] - names of fields
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo", None),
        ("foo\n", "foo"),
        ("foo\r\nbar", "foo"),
        ("\n    foo", None),
        ("\n    foo \nbar", "\n    foo "),
        ("\n\n", None),
        (" \t\n", None),
        ("", None),
    ],
)
def test_a_single_line_ends_after_something_visible(text: str, expected: str | None) -> None:
    found = end(text, single_line=True)
    assert (None if found is None else text[:found]) == expected


def test_the_first_end_counts() -> None:
    stops = Stops(DecodingParameters(stop_strings=("", ";", "\n\n")), lambda text: 99 if "!" in text else None)
    assert stops.check("a;b\n\n") == (1, "stop")
    assert stops.check("a!;") == (2, "stop")
    assert stops.check("a!") == (2, "stop")
    assert stops.check("ab") is None
    assert Stops(DecodingParameters(), lambda text: 0).check("ab") == (0, "stop")


@given(st.text("ab\n ", max_size=12), st.text("ab\n ", max_size=6))
def test_what_is_settled_is_never_taken_back_by_a_stop_string(text: str, more: str) -> None:
    stops = Stops(DecodingParameters(stop_strings=("ab\n", "bb")))
    if stops.check(text) is None:
        found = stops.check(text + more)
        assert found is None or found[1] != "stop" or found[0] >= stops.settled(text)


def test_loops() -> None:
    line = "x = x + 1\n"
    assert find_loop("a" + line * 4) is None
    looping = "a" + line * 5
    found = find_loop(looping)
    assert found is not None
    assert looping[:found] == "a" + line
    assert find_loop("0, " * 12) is None
    assert find_loop("0, " * 20) == 3
    assert find_loop("# " + "-" * 120) is None
    assert find_loop("# " + "-" * 300) is not None
    assert find_loop("".join(f"x{i} = {i}\n" for i in range(40))) is None


@given(st.text("ab1 (\n", min_size=1, max_size=30), st.text("xyz", max_size=5), st.integers(1, 4))
def test_a_loop_is_found_and_cut_to_one_round(unit: str, before: str, extra: int) -> None:
    rounds = max(4, -(-160 // len(unit))) + extra
    text = before + unit * rounds
    found = find_loop(text)
    assert found is not None
    assert found <= len(before) + len(unit)
