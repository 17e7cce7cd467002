"""What followed before, as odds against what never did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.precedents.odds import odds

counts = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=1), min_size=1, max_size=5)


def test_after_one_match() -> None:
    # Of four, two kinds: a third is left to names that never followed.
    assert odds([{"a": 3, "b": 1}]) == pytest.approx({"a": 3 / 2, "b": 1 / 2})
    assert odds([]) == {}
    assert odds([{}]) == {}


def test_the_longest_match_counts_most() -> None:
    found = odds([{"a": 8, "b": 2}, {"b": 2}])
    assert found["b"] > found["a"] > 0


@given(counts)
def test_shares_and_what_is_left_make_one(levels: list[dict[str, int]]) -> None:
    found = odds(levels)
    rest = 1.0
    for level in levels:
        rest *= len(level) / (sum(level.values()) + len(level))
    assert sum(found.values()) == pytest.approx((1 - rest) / rest)
    assert found.keys() == set().union(*levels)


@given(counts, st.sampled_from("abcdef"))
def test_another_precedent_speaks_for_its_name(levels: list[dict[str, int]], name: str) -> None:
    more = [*levels[:-1], {**levels[-1], name: levels[-1].get(name, 0) + 1}]
    total = sum(odds(more).values()) or 1.0
    assert odds(more)[name] / total >= odds(levels).get(name, 0.0) / sum(odds(levels).values()) - 1e-9
