"""Intervals against published and independently computed values."""

import pytest

from lsp_server.evaluation.intervals import bootstrap, wilson


def test_wilson_agrees_with_worked_examples() -> None:
    # Newcombe (1998), *Two-sided confidence intervals for the single proportion*, table I, method 3.
    assert wilson(81, 263) == pytest.approx((25.53, 36.62), abs=0.005)
    assert wilson(15, 148) == pytest.approx((6.24, 16.05), abs=0.005)
    assert wilson(0, 20) == pytest.approx((0, 16.11), abs=0.005)
    assert wilson(1, 29) == pytest.approx((0.61, 17.18), abs=0.005)


def test_wilson_is_symmetric() -> None:
    low, high = wilson(3, 10)
    assert wilson(7, 10) == pytest.approx((100 - high, 100 - low))


def test_bootstrap_is_near_the_normal_interval_of_many_values() -> None:
    values = [float(i % 101) for i in range(1010)]  # mean 50, standard deviation 29.155
    half = 1.96 * 29.155 / 1010**0.5
    assert bootstrap(values, seed=1) == pytest.approx((50 - half, 50 + half), abs=0.35)


def test_bootstrap_is_repeatable_and_tight_where_nothing_varies() -> None:
    values = [0.0, 10.0, 100.0]
    assert bootstrap(values, seed=7) == bootstrap(values, seed=7)
    assert bootstrap([42.0] * 5, seed=0) == (42, 42)


def test_bootstrap_draws_large_sets_in_parts() -> None:
    low, high = bootstrap([0.0, 100.0] * 20_000, seed=0)
    assert 49 < low < 50 < high < 51
