"""The vocabulary in byte order, so that questions about beginnings are answered by bisection.

Tokens that start with given bytes lie next to each other; tokens that given bytes start with are met on the way there.
Knows bytes and ids, not what they mean.
"""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Vocabulary:
    """An index over the bytes of all tokens. Immutable."""

    def __init__(self, spelled: Sequence[bytes]) -> None:
        """`spelled[id]` is what token `id` writes; empty for control tokens, which no question about bytes finds."""
        self.spelled = spelled
        visible = [index for index, token in enumerate(spelled) if token]
        visible.sort(key=spelled.__getitem__)
        self.order: NDArray[np.int64] = np.array(visible, dtype=np.int64)
        """Ids in the order of their bytes, shape (visible,). Several tokens may write the same."""
        self.sorted: list[bytes] = [spelled[index] for index in visible]
        """The bytes of `order`."""
        self.places: dict[bytes, int] = {}
        """Where in `order` the first token stands that writes these bytes."""
        self.doubled: dict[int, list[int]] = {}
        """Where the others stand that write the same as the one at a place."""
        for place, token in enumerate(self.sorted):
            first = self.places.setdefault(token, place)
            if first != place:
                self.doubled.setdefault(first, []).append(place)
        self.longest = max(map(len, self.sorted), default=0)
        """Bytes of the longest token."""
        self.cuts = [slice(length) for length in range(self.longest + 1)]
        """For each length the slice that takes a beginning of it."""

    @property
    def size(self) -> int:
        return len(self.spelled)

    def span(self, start: bytes, low: int = 0, high: int | None = None) -> tuple[int, int]:
        """Where in `order` the tokens are that start with `start`, as a half-open range, looked for in [low, high)."""
        high = len(self.sorted) if high is None else high
        low = bisect_left(self.sorted, start, low, high)
        after = _next_after(start)
        return low, high if after is None else bisect_left(self.sorted, after, low, high)

    def starting_with(self, start: bytes) -> NDArray[np.int64]:
        """Ids of tokens that start with `start`, or are equal to it; in byte order. A view."""
        low, high = self.span(start)
        return self.order[low:high]

    def within(self, text: bytes) -> list[int]:
        """Ids of tokens that `text` starts with, the whole of it included; shortest first."""
        found: list[int] = []
        low, high = 0, len(self.sorted)
        for length in range(1, len(text) + 1):
            start = text[:length]
            low, high = self.span(start, low, high)
            if low == high:
                break
            while low < high and self.sorted[low] == start:
                found.append(int(self.order[low]))
                low += 1
        return found


def _next_after(start: bytes) -> bytes | None:
    """The least bytes above everything that starts with `start`; `None` if there are none."""
    kept = start.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None
