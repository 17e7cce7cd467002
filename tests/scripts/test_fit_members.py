"""The fit of what a place says about its members."""

import numpy as np
import pytest

from monitors.properties.likelihood import WEIGHTS
from scripts.fit_members import Choice, first, fit, loss_of, read_choice

SIGNS = list(WEIGHTS)


def choices(count: int, truth: np.ndarray, seed: int = 1) -> list[Choice]:
    """Made as the model says that people choose."""
    random = np.random.default_rng(seed)
    made: list[Choice] = []
    for number in range(count):
        evidence = np.column_stack([random.normal(-4, 2, 8), random.integers(0, 2, (8, len(SIGNS))).astype(float)])
        odds = np.exp(evidence @ truth)
        right = int(random.choice(8, p=odds / odds.sum()))
        made.append(Choice(f"project {number % 5}", evidence, right, free=False, binding=True))
    return made


def test_the_slope_is_that_of_the_loss() -> None:
    some, at, prior = choices(20, np.ones(1 + len(SIGNS))), np.full(1 + len(SIGNS), 0.3), np.zeros(1 + len(SIGNS))
    loss, slope, curve = loss_of(some, at, prior)
    for place in range(len(at)):
        step = np.zeros_like(at)
        step[place] = 1e-5
        ahead, steeper, _ = loss_of(some, at + step, prior)
        assert (ahead - loss) / 1e-5 == pytest.approx(slope[place], abs=1e-2)
        assert (steeper - slope) / 1e-5 == pytest.approx(curve[:, place], abs=1e-2)


def test_it_finds_what_people_go_by() -> None:
    truth = np.zeros(1 + len(SIGNS))
    truth[:3] = 1.0, 3.0, -2.0
    at = fit(choices(600, truth))
    assert at[:3] == pytest.approx(truth[:3], abs=0.5)
    assert np.abs(at[3:]).max() < 0.5
    others, alone = choices(200, truth, seed=2), np.eye(1 + len(SIGNS))[0]
    assert first(others, at) > first(others, alone)


def test_a_row_without_a_constraint_is_no_choice() -> None:
    row = {"project": "p", "path": "x.py", "prefix": "def f(a):\n    if a.", "suffix": "\n", "word": "b", "right": "ok"}
    members = [["b", "field", "int", -1.0], ["ok", "field", "bool", -2.5]]
    said = {"binding": True, "choices": 2, "missing": [], "precedents": [["b", 0.5, 0.0]]}
    assert read_choice({**row, "reason": "an assignment may make the member"}) is None
    assert read_choice({**row, **said, "members": members[:1]}) is None
    choice = read_choice({**row, **said, "members": members})
    assert choice is not None
    assert (choice.right, choice.free, choice.binding) == (1, False, True)
    assert choice.evidence[:, 0].tolist() == [-1.0, -2.5]
    sign = 1 + SIGNS.index("a condition that is true or false")
    assert choice.evidence[:, sign].tolist() == [0.0, 1.0]
    sign = 1 + SIGNS.index("written after the same words")
    assert choice.evidence[:, sign] == pytest.approx([np.log(2), 0.0])
