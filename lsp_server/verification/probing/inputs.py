"""Inputs that are likely to tell two programs apart, made from types, from known inputs and from a program's constants.

Most faults show on small inputs (Jackson's small scope hypothesis), at boundaries (one less, equal, one more), and one
step away from an input that means something to the program. So there are three kinds: *neighbours* of known inputs,
inputs whose parts are *related* (a number as large as a list is long, a text that begins with the other one), and
*small* values of each type. Everything is drawn with a fixed seed; numbers with a fraction are multiples of a quarter,
which every language holds exactly.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from lsp_server.translation.types import Type
from lsp_server.verification.tests import Value

Arguments = tuple[Value, ...]
_T = TypeVar("_T")

_SMALL_INTS = (1, 2, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1, 15, 16, 20, 25, 30, 50, 64, 99, 100, 101, -2, -5, -10)
_SMALL_FLOATS = (1.0, 2.0, 0.5, 3.0, 1.5, 0.0, 4.0, 0.25, 10.0, 2.75, 5.0, -1.0, 100.0, -0.5, -2.5)
_ALPHABETS = ("ab", "abc", "aeiouxyz", "aAbB", "01", "ab c", "a1 b2")
_TEXTS = ("a", "ab", "aba", "abc", "aab", "abba", "Ab", "a b", "hello", "Hello World", "12", "", " ", "racecar", "a1B2")
_ENDS = "azAZ09"
_END_SHARE = 0.2
_LENGTHS = (2, 3, 1, 4, 0, 5, 6, 3, 2, 8)
_STEPS = 4
"""So many changes at most lead from a known input to one that is made of it."""


class Inputs:
    """Makes inputs of a function whose parameters have these types. The same arguments give the same inputs."""

    def __init__(self, kinds: Sequence[Type], constants: Iterable[Value] = (), seed: int = 0) -> None:
        """`constants` are those of the program: where its boundaries are likely to be."""
        self._kinds = tuple(kinds)
        self._random = random.Random(seed)
        found = [constant for constant in constants if not isinstance(constant, bool)]
        numbers = [constant for constant in found if isinstance(constant, int | float) and abs(constant) < 1 << 30]
        self._ints = _unique(int(number) + step for number in numbers for step in (0, -1, 1))
        self._floats = _unique(_quarters(number + step) for number in numbers for step in (0, -0.25, 0.25))
        self._texts = _unique(constant for constant in found if isinstance(constant, str) and len(constant) <= 40)
        self._letters = "".join(dict.fromkeys("".join(self._texts)))
        codes = [number for number in self._ints if 32 < number < 127]
        self._ends = "".join(dict.fromkeys([*_ENDS, *map(chr, codes)]))
        """Letters at the ends of their kind, and those whose codes the program may mean."""

    def pool(self, known: Sequence[Arguments], most: int) -> list[Arguments]:
        """Up to `most` inputs, each once: the known ones, then the kinds in turn."""
        kinds = [self._small()]
        if known:
            kinds = [self._one_step(known), self._related(known), self._steps(known), self._small()]
        else:
            first = list(islice(self._small(), 6))
            kinds += [self._related(first), self._steps(first)]
        found: dict[str, Arguments] = {}
        for arguments in known[:most]:
            found.setdefault(json.dumps(arguments), arguments)
        idle = 0
        while kinds and len(found) < most and idle < 50 * len(kinds):
            for kind in list(kinds):
                arguments = next(kind, None)
                if arguments is None:
                    kinds.remove(kind)
                    continue
                key = json.dumps(arguments)
                idle = idle + 1 if key in found else 0
                if len(key) < 600:
                    found.setdefault(key, arguments)
        return list(found.values())[:most]

    def _one_step(self, known: Sequence[Arguments]) -> Iterator[Arguments]:
        """Every known input with one argument changed, the known ones in turn."""
        rows = [
            self._changed(arguments, place)
            for arguments in known
            for place in range(min(len(arguments), len(self._kinds)))
        ]
        while rows:
            for row in list(rows):
                arguments = next(row, None)
                if arguments is None:
                    rows.remove(row)
                else:
                    yield arguments

    def _changed(self, arguments: Arguments, place: int) -> Iterator[Arguments]:
        values = list(self.near(arguments[place], self._kinds[place]))
        self._random.shuffle(values)
        for value in values:
            yield (*arguments[:place], value, *arguments[place + 1 :])

    def _steps(self, known: Sequence[Arguments]) -> Iterator[Arguments]:
        """Known inputs after a few changes in a row; without end."""
        while self._kinds:
            arguments = list(self._random.choice(known))
            for _ in range(self._random.randint(2, _STEPS)):
                place = self._random.randrange(min(len(arguments), len(self._kinds)))
                values = list(self.near(arguments[place], self._kinds[place]))
                if values:
                    arguments[place] = self._random.choice(values)
            yield tuple(arguments)

    def _related(self, known: Sequence[Arguments]) -> Iterator[Arguments]:
        """One argument made from another."""
        for arguments in known:
            for place, kind in enumerate(self._kinds[: len(arguments)]):
                for other, value in enumerate(arguments[: len(self._kinds)]):
                    if other != place:
                        for made in _related(value, self._kinds[other], kind):
                            yield (*arguments[:place], made, *arguments[place + 1 :])

    def _small(self) -> Iterator[Arguments]:
        """Small values, plain ones first; without end."""
        number = 0
        while True:
            shift = number // max(len(_SMALL_INTS), 1)
            yield tuple(self.small(kind, number + place * (1 + shift)) for place, kind in enumerate(self._kinds))
            number += 1

    def small(self, kind: Type, number: int) -> Value:
        """The `number`-th small value of a type."""
        pick = self._random
        if kind.kind in ("int", "long"):
            fixed = (*self._ints, *_SMALL_INTS)
            return fixed[number] if number < len(fixed) else pick.choice((*fixed, pick.randint(-20, 200)))
        if kind.kind == "float":
            fixed = (*_SMALL_FLOATS, *self._floats)
            return fixed[number] if number < len(fixed) else pick.choice((*fixed, _quarters(pick.uniform(-50, 100))))
        if kind.kind == "bool":
            return number % 2 == 0
        if kind.kind == "char":
            return pick.choice(self._letters or "abcxyzABC019 ")
        if kind.kind == "str":
            fixed = (*self._texts, *_TEXTS)
            return fixed[number] if number < len(fixed) else self._text()
        if kind.kind == "optional":
            return None if number % 5 == 4 else self.small(kind.of[0], number)
        if kind.kind == "tuple":
            return [self.small(part, number + place) for place, part in enumerate(kind.of)]
        if kind.kind == "map":
            keys = [self.small(kind.of[0], pick.randrange(30)) for _ in range(number % 4)]
            return {
                key if isinstance(key, str) else json.dumps(key): self.small(kind.of[1], pick.randrange(30))
                for key in keys
            }
        few = pick.choice((2, 4, 12, 30))
        items = [self.small(kind.of[0], pick.randrange(few)) for _ in range(_LENGTHS[number % len(_LENGTHS)])]
        return _set(items) if kind.kind == "set" else items

    def near(self, value: Value, kind: Type) -> Iterator[Value]:
        """Values one step away from a value."""
        if isinstance(value, bool):
            yield not value
        elif isinstance(value, int | float):
            yield from self._near_number(value, kind)
        elif isinstance(value, str):
            yield from self._near_text(value, kind)
        elif isinstance(value, list) and kind.of:
            yield from self._near_list(value, kind)
        elif isinstance(value, dict) and len(kind.of) == 2:
            yield from self._near_map(value, kind.of[1])
        elif value is None and kind.kind == "optional":
            yield self.small(kind.of[0], self._random.randrange(10))

    def _near_number(self, value: float, kind: Type) -> Iterator[Value]:
        if kind.kind == "float":
            whole = _quarters(value)
            yield from (whole, whole + 0.25, whole - 0.25, whole + 1, whole - 1, -whole, whole * 2, 0.0)
            yield _quarters(whole / 2)
            yield float(round(value))
            yield from self._floats
        else:
            number = int(value)
            yield from (number + 1, number - 1, number + 2, number - 2, -number, number * 2, number // 2, 0, 1)
            yield from (number + 10, number - 10, number * number if abs(number) < 1000 else 7)
            yield from self._ints

    def _near_text(self, value: str, kind: Type) -> Iterator[Value]:
        letters = self._letters + value
        if kind.kind == "char":
            yield from letters or "ab"
            return
        yield from (value[1:], value[:-1], value[::-1], value + value, value.swapcase(), value + value[::-1])
        yield from (value + value[1:2], value + value[-1:], value[:1] + value, "".join(sorted(value)), value.upper())
        for _ in range(6):
            place = self._random.randrange(len(value) + 1)
            letter = self._letter(letters)
            yield value[:place] + letter + value[place + 1 :]
            yield value[:place] + letter + value[place:]
            yield value[:place] + value[place + 1 :]
            yield value[: place + 1] + value[place:]
            if place < len(value) and 33 < ord(value[place]) < 126:
                yield value[:place] + chr(ord(value[place]) + self._random.choice((-1, 1))) + value[place + 1 :]
            yield value[place:]
            yield value[:place]
        yield from self._texts
        yield self._text()

    def _letter(self, letters: str) -> str:
        return self._random.choice(self._ends if not letters or self._random.random() < _END_SHARE else letters)

    def _near_list(self, value: list[Value], kind: Type) -> Iterator[Value]:
        if kind.kind == "tuple":
            for place, part in enumerate(kind.of[: len(value)]):
                for item in self.near(value[place], part):
                    yield [*value[:place], item, *value[place + 1 :]]
            return
        made = list(self._lists(value, kind.of[0]))
        yield from (_set(items) for items in made) if kind.kind == "set" else made

    def _lists(self, value: list[Value], item: Type) -> Iterator[list[Value]]:
        yield from (value[1:], value[:-1], value[::-1], value + value[-1:], value[:1] + value, value[1:] + value[:1])
        ordered = sorted(value, key=_order)
        yield from (ordered, ordered[::-1], [value[0]] * len(value) if value else [])
        for number in self._ints:
            if 0 <= number <= 12:
                yield (value * (number + 1))[:number]
        for _ in range(6):
            place = self._random.randrange(len(value) + 1)
            if value:
                other = self._random.choice(value)
                yield [*value[:place], other, *value[place + 1 :]]
                yield [*value[:place], other, *value[place:]]
                yield [*value[:place], *value[place + 1 :]]
            if place < len(value):
                near = list(self.near(value[place], item))
                for changed in self._random.sample(near, min(3, len(near))):
                    yield [*value[:place], changed, *value[place + 1 :]]
            yield [*value[:place], self.small(item, self._random.randrange(20)), *value[place:]]
        yield []

    def _near_map(self, value: dict[str, Value], item: Type) -> Iterator[Value]:
        for key in list(value)[:6]:
            yield {other: kept for other, kept in value.items() if other != key}
            for changed in islice(self.near(value[key], item), 4):
                yield {**value, key: changed}
        yield {}

    def _text(self) -> str:
        letters = self._random.choice((*_ALPHABETS, self._letters or "abc", self._letters or "xyz"))
        return "".join(self._random.choice(letters) for _ in range(self._random.randint(1, 8)))


def _related(value: Value, of: Type, kind: Type) -> Iterator[Value]:
    """Values of a type that are made from a value of another one."""
    number = len(value) if isinstance(value, list | str | dict) else value
    if kind.kind in ("int", "long", "float") and isinstance(number, int | float) and not isinstance(number, bool):
        exact = _quarters(number) if kind.kind == "float" else int(number)
        yield from (exact, exact - 1, exact + 1)
    elif kind.kind == "str" and isinstance(value, str):
        yield from (value, value[:1], value[-1:], value[1:], value[:-1], value[::-1], value + value, value[:2])
    elif kind.kind == "list" and isinstance(value, list) and of == kind:
        yield from (value, value[::-1], value[1:], value[:-1], sorted(value, key=_order), value + value[:1])


def _quarters(number: float) -> float:
    return round(number * 4) / 4


def _order(value: Value) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, value, "")
    return (1, 0.0, value if isinstance(value, str) else json.dumps(value))


def _set(items: list[Value]) -> list[Value]:
    return [json.loads(text) for text in sorted({json.dumps(item) for item in items})]


def _unique(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))
