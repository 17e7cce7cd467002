"""Choices: what is permitted, how often what is drawn, and what masks do not change."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoding.generation import DecodingParameters
from models.decoding.sampling import Row, Sampler, log_probability, make_sampler

SIZE = 60


class Only:
    """A restriction to some tokens, of which some may be worth more than others."""

    def __init__(self, tokens: set[int], worths: Mapping[int, float] | None = None) -> None:
        self.tokens = tokens
        self.worths = worths or {}

    def permits(self, token: int) -> bool:
        return token in self.tokens

    def worth(self, token: int) -> float:
        return self.worths.get(token, 0.0)

    @property
    def most_worth(self) -> float:
        return max((self.worth(token) for token in self.tokens), default=0.0)

    def allowed(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(sorted(self.tokens), dtype=np.int64)


def make_row(seed: int, size: int = SIZE) -> Row:
    return np.random.default_rng(seed).normal(0, 3, size).astype(np.float32)


parameters = st.builds(
    DecodingParameters,
    temperature=st.sampled_from([0.0, 0.2, 1.0, 2.0]),
    top_p=st.sampled_from([0.3, 0.9, 1.0]),
    top_k=st.sampled_from([0, 1, 5]),
    seed=st.integers(0, 3),
)


@given(parameters, st.integers(0, 50), st.integers(0, 9), st.sets(st.integers(0, SIZE - 1)))
@settings(deadline=None)
def test_a_mask_changes_only_what_it_forbids(
    parameters: DecodingParameters, seed: int, position: int, permitted: set[int]
) -> None:
    row, sampler = make_row(seed), make_sampler(parameters)
    kept = row.copy()
    free = sampler.choose(row, position)
    masked = sampler.choose(row, position, Only(permitted))
    assert np.array_equal(row, kept)
    if not permitted:
        assert masked is None
    elif free in permitted:
        assert masked == free
    else:
        assert masked in permitted
    if parameters.temperature == 0 and permitted:
        assert masked == max(sorted(permitted), key=lambda token: row[token])


@given(
    parameters,
    st.integers(0, 50),
    st.sets(st.integers(0, 299)),
    st.dictionaries(st.integers(0, 299), st.floats(-9, 9)),
)
@settings(deadline=None)
def test_worth_is_added_to_what_the_model_says(
    parameters: DecodingParameters, seed: int, permitted: set[int], worths: dict[int, float]
) -> None:
    row, sampler = make_row(seed, 300), make_sampler(parameters)
    chosen = sampler.choose(row, 0, Only(permitted, worths))
    assert chosen in permitted if permitted else chosen is None
    if parameters.temperature == 0 and permitted:
        assert chosen is not None
        best = max(float(row[token]) + worths.get(token, 0.0) for token in permitted)
        assert float(row[chosen]) + worths.get(chosen, 0.0) == pytest.approx(best)
    nothing = dict.fromkeys(worths, 0.0)
    assert sampler.choose(row, 0, Only(permitted, nothing)) == sampler.choose(row, 0, Only(permitted))


def draws(sampler: Sampler, row: Row, count: int = 4000) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.bincount([sampler.choose(row, position) or 0 for position in range(count)], minlength=len(row))


def test_draws_follow_the_distribution() -> None:
    row = make_row(1, 12)
    for temperature in (0.5, 1.0):
        expected = np.exp(row / temperature) / np.exp(row / temperature).sum()
        seen = draws(make_sampler(DecodingParameters(temperature=temperature)), row) / 4000
        assert np.abs(seen - expected).max() < 0.03


def test_cuts() -> None:
    row = make_row(2, 12)
    order = np.argsort(-row)
    seen = draws(make_sampler(DecodingParameters(temperature=2, top_k=3)), row)
    assert set(np.flatnonzero(seen)) == set(order[:3])
    probability = np.exp(row) / np.exp(row).sum()
    needed = int(np.searchsorted(np.cumsum(probability[order]), 0.9)) + 1
    seen = draws(make_sampler(DecodingParameters(temperature=1, top_p=0.9)), row)
    assert set(np.flatnonzero(seen)) <= set(order[:needed])
    assert set(np.flatnonzero(draws(make_sampler(DecodingParameters(temperature=1, top_p=1e-9)), row))) == {order[0]}


def test_seeds_and_streams_draw_differently_but_always_the_same() -> None:
    row = np.zeros(SIZE, dtype=np.float32)

    def drawn(seed: int, stream: int) -> list[int | None]:
        sampler = make_sampler(DecodingParameters(temperature=1, seed=seed), stream)
        return [sampler.choose(row, position) for position in range(20)]

    assert drawn(0, 0) == drawn(0, 0)
    assert len({tuple(drawn(seed, stream)) for seed in (0, 1, -1) for stream in (0, 1)}) == 6


def test_log_probability() -> None:
    row = make_row(3)
    exact = np.log(np.exp(row.astype(np.float64)) / np.exp(row.astype(np.float64)).sum())
    assert log_probability(row, 7) == pytest.approx(exact[7], abs=1e-5)
    among = np.array([3, 7, 9])
    assert log_probability(row, 7, among) == pytest.approx(exact[7] - np.log(np.exp(exact[among]).sum()), abs=1e-5)
