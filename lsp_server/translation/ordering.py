"""In which order units are translated: what is called before what calls it."""

from collections.abc import Sequence

from lsp_server.translation.outline import Unit


def dependencies(units: Sequence[Unit]) -> list[list[int]]:
    """For each unit, the numbers of the units that it calls, without itself."""
    by_name: dict[str, int] = {}
    for number, unit in enumerate(units):
        by_name.setdefault(unit.name, number)
    found: list[list[int]] = []
    for number, unit in enumerate(units):
        called = (by_name[call] for call in unit.calls if call in by_name)
        found.append(sorted({other for other in called if other != number}))
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
