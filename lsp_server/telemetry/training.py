"""Training the show filter from one's own records: logistic regression by Newton's method, judged on later records than
it has seen.

A filter that shows less is always accepted more often. So it is judged by two numbers together: the acceptance rate of
what it shows, and how much of the code that suggestions could have written it still writes. The threshold is the
highest that keeps the promised share of the latter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsp_server.errors import UserError
from lsp_server.telemetry.features import NAMES, features, suggestion_of
from lsp_server.telemetry.record import Record
from lsp_server.telemetry.show_filter import ShowFilter

LEAST_RECORDS = 200
LEAST_ACCEPTED = 20
"""With fewer of one's own, a filter would learn noise."""
STEPS = 50
TEST_SHARE = 0.25

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A suggestion that was seen, and what became of it."""

    time: float
    values: list[float]
    accepted: bool
    accepted_chars: int


def example_of(record: Record) -> Example | None:
    """An example of an automatic suggestion that was shown and decided; `None` of any other record."""
    outcome, candidate = record.outcome, suggestion_of(record)
    if record.request.trigger != "automatic" or not record.decision.shown_to_client or candidate is None:
        return None
    if record.decision.cached_from or outcome.result in ("not_shown", "unknown", "superseded"):
        return None
    values = features(record)
    return None if values is None else Example(record.time, values, outcome.accepted_chars > 0, outcome.accepted_chars)


def train_filter(
    records: Iterable[Record], *, keep: float = 0.95, strength: float = 1.0
) -> tuple[ShowFilter, dict[str, Any]]:
    """A filter, and how it does on the latest quarter of the records.

    `keep` is the share of accepted characters that must still be shown, `strength` that of the regularisation. Raises
    `UserError` where there is too little to learn from.
    """
    examples = sorted(filter(None, map(example_of, records)), key=lambda example: example.time)
    accepted = sum(example.accepted for example in examples)
    if len(examples) < LEAST_RECORDS or min(accepted, len(examples) - accepted) < LEAST_ACCEPTED:
        raise UserError(
            f"There are {len(examples)} decided suggestions, {accepted} of them accepted: too few to learn from.",
            f"It takes {LEAST_RECORDS}, and {LEAST_ACCEPTED} of each kind.",
        )
    split = int(len(examples) * (1 - TEST_SHARE))
    trained = _fit(examples[:split], keep, strength)
    report = {"trained_on": split, "judged_on": len(examples) - split, **judge(trained, examples[split:])}
    return trained, report


def judge(trained: ShowFilter, examples: list[Example]) -> dict[str, Any]:
    """Acceptance with and without the filter, and the share of accepted code that it keeps."""
    shown = [example for example in examples if trained.chance(example.values) >= trained.threshold]
    characters = sum(example.accepted_chars for example in examples)
    return {
        "shown": _share(len(shown), len(examples)),
        "acceptance_without": _share(sum(e.accepted for e in examples), len(examples)),
        "acceptance_with": _share(sum(e.accepted for e in shown), len(shown)),
        "completed_code_kept": _share(sum(e.accepted_chars for e in shown), characters),
        "auc": _auc([(trained.chance(e.values), e.accepted) for e in examples]),
    }


def _fit(examples: list[Example], keep: float, strength: float) -> ShowFilter:
    raw: Matrix = np.array([example.values for example in examples])
    target: Matrix = np.array([float(example.accepted) for example in examples])
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    spread[spread < 1e-9] = 1.0
    scaled: Matrix = np.column_stack([(raw - mean) / spread, np.ones(len(raw))])
    weights = _newton(scaled, target, strength)
    plain = weights[:-1] / spread
    bias = float(weights[-1] - plain @ mean)
    chances = 1 / (1 + np.exp(-np.clip(raw @ plain + bias, -700, 700)))
    characters: Matrix = np.array([float(example.accepted_chars) for example in examples])
    return ShowFilter(
        tuple(float(f"{weight:.8g}") for weight in plain), float(f"{bias:.8g}"), _threshold(chances, characters, keep)
    )


def _newton(scaled: Matrix, target: Matrix, strength: float) -> Matrix:
    """Weights of the penalised maximum likelihood; the bias, last, is free."""
    penalty: Matrix = np.full(scaled.shape[1], strength)
    penalty[-1] = 1e-6
    weights: Matrix = np.zeros(scaled.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(scaled @ weights, -700, 700)))
        gradient = scaled.T @ (chances - target) + penalty * weights
        curvature = (scaled * (chances * (1 - chances))[:, None]).T @ scaled + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights


def _threshold(chances: Matrix, characters: Matrix, keep: float) -> float:
    """The highest chance from which on at least `keep` of the accepted characters lie."""
    order = np.argsort(-chances)
    kept = np.cumsum(characters[order])
    last = int(np.searchsorted(kept, keep * kept[-1] - 1e-9))
    return float(f"{chances[order][min(last, len(order) - 1)] * (1 - 1e-6):.8g}")


def _auc(scored: list[tuple[float, bool]]) -> float | None:
    """The chance that an accepted suggestion scores higher than one that was not."""
    accepted = np.array([score for score, good in scored if good])
    others = np.sort(np.array([score for score, good in scored if not good]))
    if not len(accepted) or not len(others):
        return None
    below = np.searchsorted(others, accepted, side="left") + np.searchsorted(others, accepted, side="right")
    return round(float(below.mean()) / 2 / len(others), 4)


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def most_telling(trained: ShowFilter, count: int = 8) -> list[tuple[str, float]]:
    """The features with the largest weights."""
    return sorted(zip(NAMES, trained.weights, strict=True), key=lambda item: -abs(item[1]))[:count]
