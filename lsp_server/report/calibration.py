"""Whether a model that says 70% is right seven times in ten."""

from typing import Any

import numpy as np

from lsp_server.report.observations import Column

BINS = 10
LEAST = 30
"""Predictions below which nothing is said."""


def calibration(confidence: Column, happened: Column) -> dict[str, Any]:
    """Expected calibration error, Brier score, and the reliability curve in ten bins of equal width.

    ECE is the mean distance between confidence and frequency over bins, weighted by size (Naeini et al. 2015); Brier
    the mean squared distance (Brier 1950), beside that of always saying the base rate. Empty with few predictions.
    """
    known = ~np.isnan(confidence) & ~np.isnan(happened)
    said = np.clip(confidence[known].astype(np.float64), 0, 1)
    truth = happened[known].astype(np.float64)
    if len(said) < LEAST:
        return {}
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    mean_said = np.bincount(bins, weights=said, minlength=BINS) / np.maximum(counts, 1)
    frequency = np.bincount(bins, weights=truth, minlength=BINS) / np.maximum(counts, 1)
    base = float(truth.mean())
    return {
        "n": len(said),
        "ece": round(float((counts * np.abs(mean_said - frequency)).sum() / len(said)), 4),
        "brier": round(float(np.mean((said - truth) ** 2)), 4),
        "brier_of_base_rate": round(base * (1 - base), 4),
        "base_rate": round(base, 4),
        "reliability": [
            {"confidence": round(float(mean_said[i]), 4), "frequency": round(float(frequency[i]), 4), "n": int(n)}
            for i, n in enumerate(counts)
            if n
        ],
    }
