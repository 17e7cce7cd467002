"""In which order units are translated: what is called or named before what does so."""

import re
from collections.abc import Sequence

from lsp_server.translation.outline import Unit

_WORD = re.compile(r"\b[^\W\d]\w*")
_CONSTANT = re.compile(
    r"^(?:(?:const|let|var|static|final)\s+)?(?:[\w:<>]+\s+)?(\w+)\s*(?::[^=\n]+)?=(?!=)",
    re.MULTILINE,
)


def dependencies(units: Sequence[Unit]) -> list[list[int]]:
    """For each unit, the numbers of the units that it calls, and of the types and constants that it names; without
    itself."""
    by_name: dict[str, int] = {}
    for number, unit in enumerate(units):
        by_name.setdefault(unit.name, number)
    named = {unit.name: number for number, unit in enumerate(units) if unit.kind == "type"}
    for number, unit in enumerate(units):
        if unit.kind == "statements" and not unit.calls:
            named |= dict.fromkeys(_CONSTANT.findall(unit.text), number)
    found: list[list[int]] = []
    for number, unit in enumerate(units):
        called = {by_name[call] for call in unit.calls if call in by_name}
        called |= {named[word] for word in _WORD.findall(unit.text) if word in named}
        found.append(sorted(called - {number}))
    return found


def in_dependency_order(units: Sequence[Unit]) -> list[int]:
    """Numbers of the units so that each comes after what it calls; in the source's order otherwise, and where units
    call each other in a circle."""
    needs = dependencies(units)
    order: list[int] = []
    state = [0] * len(units)
    for first in range(len(units)):
        stack = [(first, 0)]
        while stack:
            number, place = stack.pop()
            if place == 0:
                if state[number]:
                    continue
                state[number] = 1
            for index in range(place, len(needs[number])):
                other = needs[number][index]
                if not state[other]:
                    stack.append((number, index + 1))
                    stack.append((other, 0))
                    break
            else:
                order.append(number)
    return order


def closure(number: int, needs: Sequence[Sequence[int]]) -> list[int]:
    """Everything that a unit depends on, directly or through others, in no particular order; without itself."""
    found: set[int] = set()
    stack = list(needs[number])
    while stack:
        other = stack.pop()
        if other not in found and other != number:
            found.add(other)
            stack.extend(needs[other])
    return sorted(found)
