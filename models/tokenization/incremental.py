"""Tokenising a text again after an edit, at the price of what changed.

Words (the pieces of the pre-tokenizer) are found from left to right and tokenised each by itself. So a text that
differs from a known one in one place has the same tokens up to a word shortly before that place, and again from where
both have the same words after it. Only what lies between is tokenised; the slow reference is `Tokenizer.encode`.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tokenization.tokenizer import TokenIds, Tokenizer

KNOWN_TEXTS = 16
SHORT = 512
"""Texts of fewer characters are not worth remembering."""
MARGIN = 3
"""Words on either side of a change that are tokenised again. Pre-tokenizers look at most one word ahead."""
NEAR = 256
"""A known text that differs in fewer bytes is near enough: no other is looked at."""
REACHES = (256, 2048)
"""Bytes after a change that are tokenised in order to meet the old words again; then everything to the end."""

Offsets = NDArray[np.int64]
Cuts = NDArray[np.bool_]


@dataclass(frozen=True)
class _Known:
    """A text with its tokens."""

    data: NDArray[np.uint8]
    ids: TokenIds
    bounds: Offsets
    """The byte at which each token starts, and the end of the last one; shape (tokens + 1,)."""
    cuts: Cuts
    """For each token whether the text can be cut before it."""


class IncrementalTokenizer:
    """A `Tokenizer` that remembers the last few texts. Not thread-safe."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lengths = np.zeros(0, np.int64)
        """How many bytes each token writes that was met so far; -1 for the others."""

    def token_id(self, token: str) -> int | None:
        """See `Tokenizer.token_id`."""
        return self._tokenizer.token_id(token)

    def encode(self, text: str) -> TokenIds:
        """The same as `Tokenizer.encode`. The answer is shared: do not write into it."""
        if len(text) < SHORT:
            return self._tokenizer.encode(text)
        known = self._known.get(text) or self._encode(text)
        if known is None:
            return self._tokenizer.encode(text)
        self._known[text] = known
        self._known.move_to_end(text)
        if len(self._known) > KNOWN_TEXTS:
            self._known.popitem(last=False)
        return known.ids

    def _encode(self, text: str) -> _Known | None:
        """`text` by way of the nearest known text; `None` if its tokens do not spell it (a byte without a token)."""
        try:
            data = np.frombuffer(text.encode(), dtype=np.uint8)
        except UnicodeEncodeError:
            return None
        known, head, tail = self._nearest(data)
        ids, cuts = (known and self._patch(known, data, head, tail)) or self._tokenizer.encode_words(text)
        bounds = self._bounds(ids)
        return _Known(data, ids, bounds, cuts) if bounds[-1] == len(data) else None

    def _bounds(self, ids: TokenIds) -> Offsets:
        above = int(ids.max(initial=-1)) + 1 - len(self._lengths)
        if above > 0:
            self._lengths = np.pad(self._lengths, (0, above), constant_values=-1)
        for token in set(ids[self._lengths[ids] < 0].tolist()):
            self._lengths[token] = len(self._tokenizer.token_bytes(token))
        return np.concatenate((np.zeros(1, np.int64), np.cumsum(self._lengths[ids])))

    def _nearest(self, data: NDArray[np.uint8]) -> tuple[_Known | None, int, int]:
        """The known text with most bytes in common, and how many those are at either end."""
        best: tuple[_Known | None, int, int] = None, 0, 0
        for known in reversed(self._known.values()):
            head = _common(known.data, data)
            tail = _common(known.data[head:][::-1], data[head:][::-1])
            if head + tail > best[1] + best[2]:
                best = known, head, tail
            if head + tail > len(data) - NEAR:
                break
        return best if best[1] + best[2] > len(data) // 2 else (None, 0, 0)

    def _patch(self, known: _Known, data: NDArray[np.uint8], head: int, tail: int) -> tuple[TokenIds, Cuts] | None:
        """Tokens and cuts of `data`, which shares its first `head` and last `tail` bytes with `known`."""
        places = np.flatnonzero(known.cuts)
        positions = known.bounds[places]
        shift = len(data) - len(known.data)

        # 1. begin some words before the change
        before = int(np.searchsorted(positions, head, side="right")) - 1 - MARGIN
        begin = int(places[before]) if before > 0 else 0
        start = int(known.bounds[begin])

        # 2. tokenise beyond the change until the words are the old ones again, or to the end
        for reach in REACHES:
            after = int(np.searchsorted(positions, len(known.data) - tail + reach))
            if after == len(positions):
                break
            ids, cuts = self._words(data[start : int(positions[after]) + shift])
            there = int(np.searchsorted(positions, max(len(known.data) - tail, start)))
            meeting = _meeting(self._bounds(ids)[np.flatnonzero(cuts)] + start, positions[there:after] + shift)
            if meeting:
                mine, theirs = np.flatnonzero(cuts)[meeting[0]], places[there + meeting[1]]
                return (
                    np.concatenate((known.ids[:begin], ids[:mine], known.ids[theirs:])),
                    np.concatenate((known.cuts[:begin], cuts[:mine], known.cuts[theirs:])),
                )
        ids, cuts = self._words(data[start:])
        return np.concatenate((known.ids[:begin], ids)), np.concatenate((known.cuts[:begin], cuts))

    def _words(self, data: NDArray[np.uint8]) -> tuple[TokenIds, Cuts]:
        return self._tokenizer.encode_words(data.tobytes().decode())


def _common(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """How many elements two arrays share from the start."""
    length = min(len(a), len(b))
    different = a[:length] != b[:length]
    first = int(different.argmax()) if length else 0
    return first if length and different[first] else length


def _meeting(mine: Offsets, theirs: Offsets) -> tuple[int, int] | None:
    """Where two rows of word starts have `MARGIN` words in common: an index into each of them."""
    _, at_mine, at_theirs = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    for i, j in zip(at_mine.tolist(), at_theirs.tolist(), strict=True):
        if i + MARGIN < len(mine) and np.array_equal(mine[i : i + MARGIN + 1], theirs[j : j + MARGIN + 1]):
            return i, j
    return None
