"""Choosing a token from logits.

Every choice is a maximum: greedy decoding takes the largest logit, sampling the largest logit plus noise (the
Gumbel-max trick; Maddison, Tarlow and Minka, *A\\* Sampling*, NIPS 2014). The noise is a function of seed, position and
token. So the same position always draws the same token, a draft can be checked against what would have been drawn, and
what was drawn without a mask stays drawn when a mask that allows it, and prefers nothing else, arrives.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.decoding.generation import DecodingParameters

Row = NDArray[np.float32]
"""Logits after one token, shape (vocabulary,)."""
TokenIds = NDArray[np.int64]

NEGLIGIBLE = 30.0
"""Tokens that are less probable than the best by this many nats are never drawn (once in 10^13)."""
NEAR = 12.0
"""Nats below the best token, within which the best `ATTEMPTS` are looked for first."""
ATTEMPTS = 64
"""Best tokens that are asked one by one whether they are permitted, before all that are permitted are listed: one asks
in microseconds, and lists in milliseconds where a constraint is large."""


class Restriction(Protocol):
    """What may be chosen."""

    def permits(self, token: int) -> bool: ...

    def worth(self, token: int) -> float:
        """What speaks for a permitted token beside the model, in nats."""
        ...

    @property
    def most_worth(self) -> float:
        """What no permitted token is worth more than."""
        ...

    def allowed(self) -> TokenIds:
        """All tokens that are permitted; may be empty. Where all are, those that are worth more than the others do."""
        ...


class Sampler(Protocol):
    def choose(self, row: Row, position: int, restriction: Restriction | None = None) -> int | None:
        """The token to write at `position`; `None` if nothing is permitted."""
        ...


def make_sampler(parameters: DecodingParameters, stream: int = 0) -> Sampler:
    """The sampler that `parameters` ask for; each `stream` draws other tokens."""
    return Gumbel(parameters, stream) if parameters.temperature > 0 else Greedy()


class Greedy:
    """The most probable token."""

    def choose(self, row: Row, position: int, restriction: Restriction | None = None) -> int | None:
        best = int(row.argmax())
        if restriction is None or _is_unbeatable(best, restriction):
            return best
        better = _best_tokens(row, float(row[best]))
        return _best(better, row[better], restriction, lambda ids: row[ids], whole=len(better) == len(row))


class Gumbel:
    """A token drawn from the softmax of the logits over the temperature, cut by top-k and then by top-p.

    The cuts are made on the model's own distribution, before the restriction; where nothing permitted is left by them,
    all that is permitted is drawn from.
    """

    def __init__(self, parameters: DecodingParameters, stream: int) -> None:
        self._parameters = parameters
        self._key = _mix(np.array([(parameters.seed & 0xFFFFFFFF) << 32 | stream], dtype=np.uint64))

    def choose(self, row: Row, position: int, restriction: Restriction | None = None) -> int | None:
        scaled = row / np.float32(self._parameters.temperature)
        kept = self._cut(scaled)
        noisy = scaled[kept] + self._noise(kept, position)
        if restriction is None:
            return int(kept[noisy.argmax()])
        order = np.argsort(-noisy)[:ATTEMPTS]

        def values(ids: TokenIds) -> NDArray[np.floating]:
            inside = np.isin(ids, kept)
            drawn = scaled[ids] + self._noise(ids, position)
            return np.where(inside, drawn, -np.inf) if inside.any() else drawn

        temperature = self._parameters.temperature
        return _best(kept[order], noisy[order], restriction, values, temperature, whole=len(order) == len(kept))

    def _cut(self, scaled: Row) -> TokenIds:
        top_k, top_p = self._parameters.top_k, self._parameters.top_p
        best = scaled.max()
        kept = np.flatnonzero(scaled > best - NEGLIGIBLE)
        if 0 < top_k < len(kept):
            kept = kept[np.argpartition(-scaled[kept], top_k - 1)[:top_k]]
        if top_p < 1:
            weights = np.exp(scaled[kept] - best)
            order = np.argsort(-weights)
            before = np.cumsum(weights[order]) - weights[order]
            kept = kept[order[before < top_p * weights.sum()]]
        return kept

    def _noise(self, ids: TokenIds, position: int) -> NDArray[np.float64]:
        """Standard Gumbel noise, one number for each token at each position."""
        bits = _mix(_mix(self._key + np.uint64(position)) + ids.astype(np.uint64))
        uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        return -np.log(-np.log(uniform))


def _best_tokens(row: Row, best: float) -> TokenIds:
    """The best `ATTEMPTS` tokens, best first; `best` is the value of the first one."""
    near = np.flatnonzero(row >= best - NEAR)  # mostly some hundreds, and sorted sooner than all of a vocabulary
    if len(near) < ATTEMPTS:
        near = np.arange(len(row))
    values = row[near]
    if len(near) > ATTEMPTS:
        kept = np.argpartition(values, -ATTEMPTS)[-ATTEMPTS:]
        near, values = near[kept], values[kept]
    return near[np.argsort(-values)]


def _is_unbeatable(best: int, restriction: Restriction) -> bool:
    """Whether the token that the model prefers is permitted, and nothing is worth more."""
    return restriction.permits(best) and restriction.worth(best) >= restriction.most_worth


def _best(
    tokens: TokenIds,
    values: NDArray[np.floating],
    restriction: Restriction,
    all_values: Callable[[TokenIds], NDArray[np.floating]],
    temperature: float = 1.0,
    *,
    whole: bool,
) -> int | None:
    """The permitted token with the largest value and worth together; `None` if nothing is permitted.

    `tokens` are asked first, best `values` first; all that is permitted only if those cannot decide it. They can if one
    of them is permitted and they are the `whole` of what may be chosen.
    """
    bound = restriction.most_worth / temperature
    found: int | None = None
    score = -np.inf
    for token, value in zip(tokens.tolist(), values.tolist(), strict=True):
        if found is not None and value + bound <= score:
            return found
        if restriction.permits(token):
            total = value + restriction.worth(token) / temperature
            if found is None or total > score:
                found, score = token, total
    if found is not None and whole:
        return found
    ids = restriction.allowed()
    values = all_values(ids)
    order = np.argsort(-values)
    for token, value in zip(ids[order].tolist(), values[order].tolist(), strict=True):
        if value + bound <= score:
            break
        total = value + restriction.worth(token) / temperature
        if total > score:
            found, score = token, total
    return found


def log_probability(row: Row, token: int, among: TokenIds | None = None) -> float:
    """Natural logarithm of the softmax of `row` at `token`; `among` some tokens only, if given."""
    chosen = row if among is None else row[among]
    best = chosen.max()
    return float(row[token] - best - np.log(np.exp(chosen - best).sum()))


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a hash of 64 bits to 64 bits."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
