"""What is asked of a server next: the first try, and the tries after one that went wrong.

A *turn* is one request. Turns come in rows: when one fails, the next of its row is tried. Knows how servers can be made
to keep to something; nothing of streams.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.backends.openai_demands import (
    Structure,
    as_structures,
    as_written,
    beginning_with,
    half_typed,
    rest_of,
    retaken,
)
from models.backends.openai_regex import UnsupportedError
from models.decoding.constraint import Constraint

RETRIES = 3
"""Tries to write something else than what broke a constraint, where the server cannot be told of constraints."""


@dataclass(frozen=True)
class Turn:
    """One request to go on."""

    back: str = ""
    """The end of what stands already, which the server is to write again first."""
    structure: Structure = field(default_factory=dict[str, object])
    retry: int = 0
    """Above 0, something else is wanted than what was written before."""


class Turns:
    """Rows of turns for one kind of server; remembers which way of telling it works."""

    def __init__(self, kind: str) -> None:
        """`kind` is `RemoteSource.structured_output`."""
        self._kind = kind
        self._works = ""

    def opening(self, before: str, heal: bool) -> Iterator[Turn]:
        """Go on after `before`, and heal the boundary in it if that can be done.

        A blank is nearly always written again as it stood. Half a word often is not, so the server has to be told.
        """
        word = half_typed(before)
        back = retaken(before, word) if heal else ""
        if back and not word:
            yield Turn(back)
        if back:
            for structure in self._ordered(as_structures(self._kind, beginning_with(back))):
                yield Turn(back, structure)
        yield Turn()

    def obeying(self, constraint: Constraint, before: str) -> Iterator[Turn]:
        """Go on after `before`, where the constraint begins or the cursor is, and keep to it."""
        back = retaken(before, constraint.typed if constraint.start < 0 else "")
        try:
            structures = as_structures(self._kind, rest_of(constraint, back))
        except UnsupportedError:
            back, structures = "", as_written(self._kind, constraint)
        for structure in self._ordered(structures):
            yield Turn(back, structure)
        if not structures:
            yield from (Turn(retry=count + 1) for count in range(RETRIES))

    def worked(self, turn: Turn) -> None:
        """The server kept to this turn's structure."""
        self._works = next(iter(turn.structure), self._works)

    def _ordered(self, structures: Sequence[Structure]) -> list[Structure]:
        return sorted(structures, key=lambda structure: self._works not in structure)
