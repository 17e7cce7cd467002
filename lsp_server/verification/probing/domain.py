"""What all known inputs of a function have in common: where a program's behaviour is known to be asked for.

Likely invariants in the manner of Daikon (Ernst et al., 2001): ranges of numbers, lengths and characters, order and
difference of items, and which of two sizes is the larger. An input that breaks one of them may be one that nobody ever
meant, where two right programs are free to differ.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from lsp_server.verification.tests import Value

_MOST_FEATURES = 60
COINCIDENCE = 4
"""With fewer known inputs a fact that holds for all of them may hold by chance."""
_PLAIN = 20.0
Room = Literal["none", "numbers", "all"]


@dataclass(frozen=True)
class Domain:
    """Ranges, and facts that always hold."""

    ranges: dict[str, tuple[float, float]]
    facts: frozenset[str]
    letters: dict[str, frozenset[str]]
    open: bool = False
    """What was never seen (items of a list that was always empty) may be anything plain."""

    def holds(self, arguments: Sequence[Value]) -> bool:
        """Whether the arguments have in common what the known ones have."""
        seen = _Seen(arguments)
        for name, numbers in seen.numbers.items():
            low, high = self.ranges.get(name, (0.0, _PLAIN if self.open and " is " not in name else -1.0))
            if min(numbers) < low or max(numbers) > high:
                return False
        if not self.facts <= seen.facts():
            return False
        unseen = frozenset({"lower"}) if self.open else frozenset[str]()
        return all(found <= self.letters.get(name, unseen) for name, found in seen.letters.items())


def domain_of(known: Sequence[Sequence[Value]], room: Room = "none") -> Domain:
    """The domain that inputs span; no input is in that of none.

    It may have `room` beyond what was seen: in all respects, or for arguments that are numbers, of which a few examples
    show the ends least. There is none for changes of sign and of emptiness, the usual ends of what a function is for.
    """
    seen = [_Seen(arguments) for arguments in known]
    ranges: dict[str, tuple[float, float]] = {}
    letters: dict[str, frozenset[str]] = {}
    for one in seen:
        for name, numbers in one.numbers.items():
            low, high = ranges.get(name, (min(numbers), max(numbers)))
            ranges[name] = (min(low, *numbers), max(high, *numbers))
        for name, found in one.letters.items():
            letters[name] = letters.get(name, frozenset()) | found
    facts = frozenset[str].intersection(*(one.facts() for one in seen)) if seen else frozenset({"no input is known"})
    ranges = {
        name: (_lower(low), max(2 * high + 2, high / 2))
        if room == "all" or (room == "numbers" and name.isdigit())
        else (low, high)
        for name, (low, high) in ranges.items()
    }
    if room == "all" and len(known) < COINCIDENCE:
        return Domain(ranges, facts if not known else frozenset(), letters, open=bool(known))
    return Domain(ranges, facts, letters)


def _lower(number: float) -> float:
    return number * 2 if number < 0 else min(number, 1)


class _Seen:
    """What can be said of one input: numbers by name, kinds of letters by name."""

    def __init__(self, arguments: Sequence[Value]) -> None:
        self.numbers: dict[str, list[float]] = {}
        self.letters: dict[str, frozenset[str]] = {}
        self._facts: set[str] = set()
        self._sizes: dict[str, float] = {}
        for place, value in enumerate(arguments):
            self._add(f"{place}", value)
            size = len(value) if isinstance(value, str | list | dict) else value
            if isinstance(size, int | float) and not isinstance(size, bool):
                self._sizes[f"{place}"] = size

    def _add(self, name: str, value: Value) -> None:
        if value is None or isinstance(value, bool):
            self.numbers.setdefault(f"{name} is {value}", []).append(0)
        elif isinstance(value, int | float):
            self.numbers.setdefault(name, []).append(value)
            if value != int(value):
                self.numbers.setdefault(f"{name} is broken", []).append(0)
        elif isinstance(value, str):
            self.numbers.setdefault(f"length of {name}", []).append(len(value))
            self.letters[name] = self.letters.get(name, frozenset()) | frozenset(map(_class, value))
            for mark in {letter for letter in value if not letter.isalnum()}:
                lengths = [len(piece) for piece in value.split(mark)]
                self.numbers.setdefault(f"length of {name} between {mark}", []).extend(lengths)
        else:
            items = list(value.values()) if isinstance(value, dict) else value
            self.numbers.setdefault(f"length of {name}", []).append(len(items))
            self._order(name, [json.dumps(item) if isinstance(item, list | dict) else item for item in items])
            for item in items:
                self._add(f"{name}.", item)
            for key in value if isinstance(value, dict) else ():
                self._add(f"{name} key", key)

    def _order(self, name: str, items: list[Value]) -> None:
        texts = [json.dumps(item) for item in items]
        facts = {"different": len(set(texts)) == len(texts)}
        numbers = [item for item in items if isinstance(item, int | float)]
        if len(numbers) == len(items):
            facts["rising"] = all(a <= b for a, b in pairwise(numbers))
            facts["falling"] = all(a >= b for a, b in pairwise(numbers))
        self._facts |= {f"{name} {fact}" for fact, holds in facts.items() if holds}
        self._facts -= {f"{name} {fact}" for fact, holds in facts.items() if not holds}

    def facts(self) -> frozenset[str]:
        names = list(self._sizes)[:_MOST_FEATURES]
        related = {
            f"{a} {word} {b}"
            for a in names
            for b in names
            if a < b
            for word, holds in (("<=", self._sizes[a] <= self._sizes[b]), (">=", self._sizes[a] >= self._sizes[b]))
            if holds
        }
        return frozenset(self._facts | related)


def _class(letter: str) -> str:
    """Letters and digits by their kind; anything else is its own."""
    if letter.isascii() and letter.isalpha():
        return "upper" if letter.isupper() else "lower"
    return "digit" if letter.isdigit() else letter
