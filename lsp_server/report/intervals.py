"""95% confidence intervals of ratios when observations come in clusters: the completions of one user on one day are
alike, so that half a million of them say less than half a million strangers' would.

The Poisson bootstrap over clusters (Efron 1979; Chamandy et al. 2012 for its Poisson form): clusters are drawn again
and again, and with each all that is in it. Of many clusters random groups are drawn instead, which changes nothing but
the cost. The same seed gives the same interval.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
MOST_GROUPS = 800
"""More clusters than this are thrown together at random into so many groups."""
FEWEST = 5
"""With fewer clusters no interval is given: there is nothing to tell luck from."""


@dataclass(frozen=True)
class Estimate:
    """A ratio of sums with its interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """Observations behind it."""
    clusters: int

    def to_json(self) -> dict[str, float | int | None]:
        """With the figures rounded."""
        low, value, high = (None if v is None else round(v, 4) for v in (self.low, self.value, self.high))
        return {"value": value, "low": low, "high": high, "n": self.n, "clusters": self.clusters}


NOTHING = Estimate(None, None, None, 0, 0)


def ratio(
    numerators: NDArray[np.floating], denominators: NDArray[np.floating], clusters: NDArray[np.integer], seed: int
) -> Estimate:
    """The sum of `numerators` over that of `denominators`, one pair an observation, `clusters` naming its cluster."""
    if not len(numerators) or not denominators.sum():
        return NOTHING
    names, places = np.unique(clusters, return_inverse=True)
    count = len(names)
    value = float(numerators.sum(dtype=np.float64) / denominators.sum(dtype=np.float64))
    if count < FEWEST:
        return Estimate(value, None, None, len(numerators), count)
    if count > MOST_GROUPS:
        places = np.random.default_rng(seed).permutation(count)[places] % MOST_GROUPS
    groups = min(count, MOST_GROUPS)
    above = np.bincount(places, weights=numerators, minlength=groups)
    below = np.bincount(places, weights=denominators, minlength=groups)
    weights = _weights(groups, seed)
    drawn = weights @ below
    ratios = (weights @ above)[drawn > 0] / drawn[drawn > 0]
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Estimate(value, float(low), float(high), len(numerators), count)


def mean(values: NDArray[np.floating], clusters: NDArray[np.integer], seed: int) -> Estimate:
    """The mean of those values that are known (not `nan`)."""
    known = ~np.isnan(values)
    values = values[known]
    return ratio(values, np.ones(len(values)), clusters[known], seed)


@lru_cache(maxsize=32)
def _weights(groups: int, seed: int) -> Floats:
    """How often each group is drawn, shape (resamples, groups)."""
    return np.random.default_rng(seed).poisson(1.0, (RESAMPLES, groups)).astype(np.float64)
