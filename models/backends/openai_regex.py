"""Regular expressions as trees: what is left of one after some text.

A server that is asked to go on in the middle of a constraint must be given the rest of it, which is the derivative of
the expression by the text that already stands (Brzozowski 1964, *Derivatives of Regular Expressions*). How trees are
read and written is `openai_syntax`'s business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LAST = 0x10FFFF
MAX_GROWTH = 1000
"""Nodes that a derivative may have more than its expression: most have fewer, and no server takes what explodes."""


class UnsupportedError(ValueError):
    """The expression has something in it that is not translated."""


@dataclass(frozen=True)
class Chars:
    """One character of a set."""

    ranges: tuple[tuple[int, int], ...]
    """Code points, both ends included, ascending and apart."""


@dataclass(frozen=True)
class Seq:
    """One after the other; empty, it matches the empty text."""

    items: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Alt:
    """Any of these; empty, it matches nothing at all."""

    items: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Repeat:
    item: "Node"
    least: int
    most: int | None


Node = Chars | Seq | Alt | Repeat

EMPTY = Seq()
NOTHING = Alt()


def chars(*ranges: tuple[int, int], negated: bool = False) -> Chars:
    """A set of characters from ranges in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return Chars(complement(merged) if negated else tuple(merged))


def complement(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The ranges between `ranges`, which ascend and do not touch."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    return (*gaps, (start, LAST)) if start <= LAST else tuple(gaps)


ANY = chars((0, LAST))
NEWLINE = chars((10, 10))
DIGIT = chars((48, 57))
SPACE = chars((9, 13), (32, 32))
WORD = chars((48, 57), (65, 90), (95, 95), (97, 122), (0x80, LAST))
"""What may continue a word; everything beyond ASCII is taken for a letter."""
ANYTHING = Repeat(ANY, 0, None)


def literal(text: str) -> Node:
    return sequence(*(chars((ord(char), ord(char))) for char in text))


def sequence(*items: Node) -> Node:
    flat: list[Node] = []
    for item in items:
        if item == NOTHING:
            return NOTHING
        flat.extend(item.items if isinstance(item, Seq) else (item,))
    return flat[0] if len(flat) == 1 else Seq(tuple(flat))


def either(*items: Node) -> Node:
    flat: dict[Node, None] = {}
    for item in items:
        flat.update(dict.fromkeys(item.items if isinstance(item, Alt) else (item,)))
    return next(iter(flat)) if len(flat) == 1 else Alt(tuple(flat))


def repeat(item: Node, least: int, most: int | None) -> Node:
    if most == 0 or item == EMPTY:
        return EMPTY
    if item == NOTHING:
        return EMPTY if least == 0 else NOTHING
    return item if (least, most) == (1, 1) else Repeat(item, least, most)


def words(names: Iterable[str]) -> Node:
    """One of `names` (an empty one stands already), then nothing or a character that cannot continue a word."""
    end = repeat(sequence(chars(*WORD.ranges, negated=True), ANYTHING), 0, 1)
    return sequence(either(*(literal(name) for name in sorted(set(names)))), end)


def after(node: Node, text: str) -> Node:
    """What may follow `text`; `NOTHING` if no match begins with it. Raises `UnsupportedError` if it grows too large."""
    limit = _size(node) + MAX_GROWTH
    for char in text:
        node = _derive(node, ord(char))
        if _size(node) > limit:
            raise UnsupportedError("too large")
    return node


@lru_cache(maxsize=4096)
def matches_empty(node: Node) -> bool:
    match node:
        case Chars():
            return False
        case Seq(items):
            return all(matches_empty(item) for item in items)
        case Alt(items):
            return any(matches_empty(item) for item in items)
        case Repeat(item, least, _):
            return least == 0 or matches_empty(item)


def _derive(node: Node, char: int) -> Node:
    match node:
        case Chars(ranges):
            return EMPTY if any(low <= char <= high for low, high in ranges) else NOTHING
        case Seq(items):
            if not items:
                return NOTHING
            first, follow = items[0], sequence(*items[1:])
            taken = sequence(_derive(first, char), follow)
            return either(taken, _derive(follow, char)) if matches_empty(first) else taken
        case Alt(items):
            return either(*(_derive(item, char) for item in items))
        case Repeat(item, least, most):
            fewer = repeat(item, max(least - 1, 0), None if most is None else most - 1)
            return sequence(_derive(item, char), fewer)


def _size(node: Node) -> int:
    match node:
        case Chars():
            return 1
        case Seq(items) | Alt(items):
            return 1 + sum(_size(item) for item in items)
        case Repeat(item, _, _):
            return 1 + _size(item)
