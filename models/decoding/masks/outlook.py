"""How names stand before they are written: what speaks for each, and what the rest of it will cost.

Under a set of names the likeliest token is not always the beginning of the likeliest name. A model that wants a name
which does not exist begins with its first letters, and is then led down to whatever exists with those. So each
beginning is worth what its best name is worth, less what the model can be expected to charge for the rest of it; at
the next token that guess gives way to what the model really says. Lu et al. (*NeuroLogic A\\*esque Decoding*, NAACL
2022) look ahead in the same way, by generating; here the names themselves are the future, and it costs no forward pass.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from math import exp

import numpy as np

from models.decoding.masks.words import words_of

FAMILIAR = 0.1
"""Nats a byte for the rest of a name that occurs in the texts at hand: the model can copy it."""
UNFAMILIAR = 0.3
"""The same for a name that only the constraint knows. Both were chosen on completions at dereferences of Python
(docs/monitors.md); up to twice as much does nearly as well."""

Familiar = Callable[[frozenset[str]], frozenset[str]]
"""Which of some names occur in the texts at hand."""


def none_familiar(names: frozenset[str]) -> frozenset[str]:
    """For those who have no text at hand."""
    return frozenset()


class TextsAtHand:
    """Answers which names occur in some texts; they are read when it is first asked."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words: Set[str] | None = None

    def __call__(self, names: frozenset[str]) -> frozenset[str]:
        if self._words is None:
            self._words = frozenset[str]().union(*map(_words_of, self._texts))
        return names & self._words


def _words_of(text: str) -> frozenset[str]:
    """Of a text whose last line may be different at the next key."""
    end = text.rfind("\n") + 1
    return _words_above(text[:end]) | words_of(text[end:])


@lru_cache(maxsize=8)
def _words_above(text: str) -> frozenset[str]:
    return words_of(text)


class Outlook:
    """The worth of every beginning of some names. Immutable."""

    def __init__(self, names: Sequence[bytes], weights: Mapping[bytes, float], familiar: Set[bytes]) -> None:
        """`names` in byte order; a name without a weight weighs 0."""
        self._weights = np.array([weights.get(name, 0.0) for name in names], dtype=np.float64)
        self._cost = np.array([FAMILIAR if name in familiar else UNFAMILIAR for name in names], dtype=np.float64)
        self._whole = self._weights - self._cost * np.array([len(name) for name in names], dtype=np.float64)

    def weight(self, place: int) -> float:
        """Of the name at `place`, once it is written."""
        return float(self._weights[place])

    def best(self, low: int, high: int, length: int) -> float:
        """The worth of the names in [low, high), not empty, when `length` bytes of them are written."""
        return float((self._whole[low:high] + self._cost[low:high] * length).max())

    def likeliest(self, low: int, high: int, length: int, other: float) -> tuple[int, float]:
        """Of the names in [low, high), not empty, when `length` bytes of them are written: where the best one is, and
        its share of them all, each counting as likely as it is worth. `other` is the worth of anything else."""
        worths = self._whole[low:high] + self._cost[low:high] * length
        best = int(worths.argmax())
        rest = float(np.exp(worths - worths[best]).sum()) + exp(min(other - float(worths[best]), 99.0))
        return low + best, 1 / rest

    def bound(self, low: int, high: int) -> float:
        """No beginning of a name in [low, high), not empty, is worth more."""
        return float(self._weights[low:high].max())
