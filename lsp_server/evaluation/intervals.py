"""95% confidence intervals of mean scores: how much of a difference may be the luck of the cases drawn.

Cases are taken as independent draws; many cases from one file make the truth wider.
"""

from collections.abc import Sequence
from math import sqrt

Z95 = 1.959963984540054
"""Quantile 0.975 of the standard normal distribution."""

RESAMPLES = 1000
_DRAWS_AT_ONCE = 1_000_000

Interval = tuple[float, float]


def wilson(successes: int, n: int) -> Interval:
    """Wilson score interval of a proportion, in percent (Wilson 1927). `n >= 1`.

    Right where the usual one is not: few cases, and shares near 0 or 100.
    """
    share = successes / n
    scale = 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / scale
    half = Z95 / scale * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return max(0.0, 100 * (centre - half)), min(100.0, 100 * (centre + half))


def bootstrap(values: Sequence[float], seed: int) -> Interval:
    """Percentile bootstrap interval of the mean of at least one value (Efron 1979), from `RESAMPLES` resamples.

    The same values in the same order with the same seed give the same interval.
    """
    import numpy as np

    observed = np.asarray(values, dtype=np.float64)
    n = len(observed)
    generator = np.random.default_rng(seed)
    rows = max(1, _DRAWS_AT_ONCE // n)
    means = np.concatenate(
        [
            observed[generator.integers(0, n, size=(min(rows, RESAMPLES - done), n))].mean(axis=1)
            for done in range(0, RESAMPLES, rows)
        ]
    )
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
