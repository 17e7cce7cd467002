"""The figures of a comparison, worked out by hand on models that say what they are told to."""

from collections.abc import Sequence
from math import log
from typing import Any, cast

import numpy as np
import pytest

from models.backends.model import LanguageModel
from models.backends.session import Logits, TokenIds
from scripts.check_conversion import compare, windows_of


class Parrot:
    """Says the same logits after every token; model and session in one."""

    def __init__(self, *row: float) -> None:
        self._row = np.array(row, dtype=np.float32)

    def new_session(self) -> "Parrot":
        return self

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        assert len(tokens) == last
        return np.tile(self._row, (last, 1))


def parrot(*row: float) -> LanguageModel:
    return cast(LanguageModel, Parrot(*row))


def test_equal_models_differ_in_nothing() -> None:
    result = compare(parrot(0.0, 1.0), parrot(0.0, 1.0), [np.array([0, 1, 1]), np.array([1, 0])])
    assert (result.tokens, result.max_abs_difference, result.mean_kl, result.top1_agreement) == (3, 0, 0, 100)


def test_differences_are_measured_where_they_are() -> None:
    even, uneven = (0.0, 0.0, -50.0), (log(3), 0.0, -50.0, 7.0)  # three parts in four, and a padded vocabulary
    result = compare(parrot(*even), parrot(*uneven), [np.array([0, 1, 0])])
    assert result.tokens == 2
    assert result.max_abs_difference == pytest.approx(log(3))
    assert result.mean_abs_difference == pytest.approx(log(3) / 3)
    assert result.top1_agreement == 100  # the first of equals
    assert result.mean_kl == pytest.approx(0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25))
    assert result.reference_nll == pytest.approx(log(2))
    assert result.converted_nll == pytest.approx((log(4) + log(4 / 3)) / 2)
    assert compare(parrot(0.0, 1.0), parrot(1.0, 0.0), [np.array([0, 1])]).top1_agreement == 0


def test_windows_come_from_every_text_in_turn() -> None:
    class Letters:
        def encode(self, text: str) -> TokenIds:
            return np.array([ord(letter) for letter in text], dtype=np.int64)

    tokenizer: Any = Letters()
    windows = windows_of(["aabbcc", "dde", "f"], tokenizer, length=2, most=7)
    assert ["".join(map(chr, window)) for window in windows] == ["aa", "dd", "bb"]
