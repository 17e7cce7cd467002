"""One of a set of names, then free text; or any text, but some names sooner than others.

Each name is looked up, beginning by beginning, among the tokens, so that the cost follows the names and not the
vocabulary. A name may be spelled by tokens that end inside a code point, and its last token may say more than the name.
"""

from bisect import bisect_left
from collections.abc import Mapping, Set
from functools import lru_cache
from math import inf

import numpy as np

from models.decoding.masks.mask import Likely, TokenIds
from models.decoding.masks.outlook import Outlook
from models.decoding.masks.words import ascii_ranges, ends_word, may_end_word
from models.tokenization.vocabulary import Vocabulary

LONGEST_PARTIAL = 3
"""Bytes of a code point that is not whole."""


class NameSet:
    """Names in byte order, shared by all masks over them. Immutable."""

    def __init__(self, names: Set[str], weights: Mapping[str, float], familiar: Set[str]) -> None:
        """`weights` of some names, 0 for the others; `familiar` are those that the texts at hand hold too."""
        self.whole = frozenset(_bytes(name) for name in names if name)
        self.sorted = sorted(self.whole)
        weighed = {_bytes(name): weight for name, weight in weights.items()}
        self.outlook = Outlook(self.sorted, weighed, frozenset(map(_bytes, familiar)))

    def begins_one(self, said: bytes) -> bool:
        """Whether some name starts with `said`."""
        place = bisect_left(self.sorted, said)
        return place < len(self.sorted) and self.sorted[place].startswith(said)

    def span(self, start: bytes, low: int, high: int) -> tuple[int, int]:
        """The names in [low, high) that start with `start`, as a half-open range."""
        low = bisect_left(self.sorted, start, low, high)
        return low, bisect_left(self.sorted, start + b"\xff", low, high)  # no UTF-8 text holds 0xFF

    def weight(self, name: bytes) -> float:
        """Of one of the names."""
        return self.outlook.weight(bisect_left(self.sorted, name))


class NameMask:
    """See `Mask`. What is said is kept as bytes, `None` once a name was said and ended."""

    def __init__(self, names: NameSet, vocabulary: Vocabulary, *, binding: bool = True) -> None:
        """Unless it is `binding` any text is allowed, and the names' weights are all that is said."""
        self._names = names
        self._vocabulary = vocabulary
        self._binding = binding
        self._said: list[bytes | None] = [b""]
        self._stood: tuple[bytes | None, float] = (None, 0.0)

    @property
    def satisfied(self) -> bool:
        return self._said[-1] is None

    @property
    def accepts_end(self) -> bool:
        said = self._said[-1]
        return not self._binding or said is None or said in self._names.whole

    def allows(self, data: bytes) -> bool:
        said = self._said[-1]
        if not self._binding or said is None or not data:
            return True
        text = said + data
        if self._names.begins_one(text):
            return True
        return any(may_end_word(text[length:]) for length in self._complete(said, text))

    def advance(self, data: bytes) -> None:
        said = self._said[-1]
        if said is not None and data:
            text = said + data
            ended = any(ends_word(text[length:]) for length in self._complete(said, text))
            said = None if ended or not (self._binding or self._may_become_one(said, text)) else text
        self._said.append(said)

    def retreat(self, steps: int) -> None:
        del self._said[len(self._said) - steps :]

    def forced(self) -> bytes:
        said = self._said[-1]
        if not self._binding or said is None or said in self._names.whole:
            return b""
        low, high = self._names.span(said, 0, len(self._names.sorted))
        if low == high:
            return b""
        first, last = self._names.sorted[low], self._names.sorted[high - 1]
        same = next(
            (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
        )
        return first[len(said) : same]

    def likely(self, after: bytes = b"") -> Likely:
        said = self._said[-1]
        if said is None:
            return Likely()
        said += after
        low, high = self._names.span(said, 0, len(self._names.sorted))
        if low == high:
            return Likely()
        best, share = self._names.outlook.likeliest(low, high, len(said), -inf if self._binding else 0.0)
        return Likely(self._names.sorted[best][len(said) :], share, bool(said))

    def allowed(self, after: bytes) -> TokenIds:
        said = self._said[-1]
        low, high = self._vocabulary.span(after)
        low = self._skip_equal(after, low, high)
        if said is None or not self._binding:
            return self._vocabulary.order[low:high]
        return self.preferred(after)

    def preferred(self, after: bytes) -> TokenIds:
        said = self._said[-1]
        if said is None:
            return np.zeros(0, np.int64)
        low, high = self._vocabulary.span(after)
        low = self._skip_equal(after, low, high)
        found = self._along_names(after, said)
        for length in self._complete(said, said):
            if length < len(said):  # a name and part of a code point: only bytes that go on with it can follow
                below = [self._vocabulary.span(after + bytes([byte]), low, high) for byte in range(0x80, 0xC0)]
                found += [_that_end(self._vocabulary, after, *span, said[length:]) for span in below]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def worth(self, data: bytes) -> float:
        said = self._said[-1]
        if said is None or not data:
            return 0.0
        return self._standing(said, said + data) - self._standing_now(said)

    @property
    def worth_of_end(self) -> float:
        said = self._said[-1]
        if said is None:
            return 0.0
        return (self._names.weight(said) if said in self._names.whole else 0.0) - self._standing_now(said)

    @property
    def most_worth(self) -> float:
        said = self._said[-1]
        if said is None:
            return 0.0
        low, high = self._names.span(said, 0, len(self._names.sorted))
        bounds = [self._names.outlook.bound(low, high)] if low < high else []
        if not self._binding:
            bounds.append(0.0)
        return max([*bounds, *self._ended(said, said)]) - self._standing_now(said)

    def _standing_now(self, said: bytes) -> float:
        """What is said is worth by itself; asked for with every token that may follow."""
        if self._stood[0] != said:
            self._stood = said, self._standing(said, said)
        return self._stood[1]

    def _standing(self, said: bytes, text: bytes) -> float:
        """What `text`, which goes on from `said`, is worth by itself: the best that it can still become."""
        worths = self._ended(said, text)
        if not self._binding and not worths:
            worths.append(0.0)  # of any other text that it can become
        low, high = self._names.span(text, 0, len(self._names.sorted))
        if low < high:
            worths.append(self._names.outlook.best(low, high, len(text)))
        return max(worths, default=-inf)

    def _may_become_one(self, said: bytes, text: bytes) -> bool:
        """Whether `text`, which goes on from `said`, begins a name, or may end one."""
        return self._names.begins_one(text) or bool(self._ended(said, text))

    def _ended(self, said: bytes, text: bytes) -> list[float]:
        """The weights of the names after which something stands in `text`, or part of something, that may end them."""
        lengths = [length for length in self._complete(said, text) if length < len(text)]
        return [self._names.weight(text[:length]) for length in lengths if may_end_word(text[length:])]

    def _complete(self, said: bytes, text: bytes) -> list[int]:
        """Lengths at which `text` starts with a whole name that `said` did not already leave behind."""
        shortest = max(len(said) - LONGEST_PARTIAL, 1)
        return [length for length in range(shortest, len(text) + 1) if text[:length] in self._names.whole]

    def _along_names(self, after: bytes, said: bytes) -> list[TokenIds]:
        """Tokens that start with `after`, are longer, and then go on along the names that `said` begins, or say the
        rest of one and something that ends it."""
        vocabulary, skip, shortest = self._vocabulary, len(said), len(after) + 1
        places, longest = vocabulary.places, vocabulary.longest
        looked_up: list[int | None] = []
        found: list[TokenIds] = []
        for name in self._names.sorted[slice(*self._names.span(said, 0, len(self._names.sorted)))]:
            rest = after + name[skip:]
            beginnings = map(rest.__getitem__, vocabulary.cuts[shortest : min(len(rest), longest) + 1])
            looked_up += map(places.get, beginnings)
            if not rest:
                found.append(_all_endings(vocabulary))
            elif len(rest) < longest:
                low = self._skip_equal(rest, bisect_left(vocabulary.sorted, rest), len(vocabulary.sorted))
                if low < len(vocabulary.sorted) and vocabulary.sorted[low].startswith(rest):
                    found += _endings(vocabulary, rest, low, vocabulary.span(rest, low)[1])
        on_the_way = [place for place in looked_up if place is not None]
        if vocabulary.doubled:
            on_the_way += [p for place in on_the_way for p in vocabulary.doubled.get(place, ())]
        found.append(vocabulary.order[on_the_way])
        return found

    def _skip_equal(self, key: bytes, low: int, high: int) -> int:
        while low < high and self._vocabulary.sorted[low] == key:
            low += 1
        return low


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _endings(vocabulary: Vocabulary, key: bytes, low: int, high: int) -> list[TokenIds]:
    """Tokens in [low, high), all of them longer than `key`, that end a word right after it."""
    found: list[TokenIds] = []
    for first, last in ASCII_RANGES:
        start = bisect_left(vocabulary.sorted, key + first, low, high)
        stop = bisect_left(vocabulary.sorted, key + bytes([last[0] + 1]), start, high)
        found.append(vocabulary.order[start:stop])
    start = bisect_left(vocabulary.sorted, key + b"\x80", low, high)
    return [*found, _that_end(vocabulary, key, start, high, b"")]


def _that_end(vocabulary: Vocabulary, key: bytes, low: int, high: int, partial: bytes) -> TokenIds:
    """Tokens in [low, high) whose bytes after `key` end a word, given the first bytes of a code point."""
    length = len(key)
    keep = [place for place in range(low, high) if may_end_word(partial + vocabulary.sorted[place][length:])]
    return vocabulary.order[keep]


@lru_cache(maxsize=4)
def _all_endings(vocabulary: Vocabulary) -> TokenIds:
    """All tokens that end a word; some milliseconds where a vocabulary has much beyond ASCII."""
    return np.concatenate(_endings(vocabulary, b"", 0, len(vocabulary.sorted)))


ASCII_RANGES = ascii_ranges()
