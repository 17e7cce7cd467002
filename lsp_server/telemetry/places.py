"""Places in a text that stay where they belong while the text around them is edited.

A place begins as a cursor. What is written there afterwards lies inside it: its start stays before such text, its end
goes behind it. A sealed place does not grow any more; what is written at its end follows it. An edit takes text away
and puts text there, each of which moves a place by itself; an edit that replaces much by much is first looked at for
what it left alone, because a formatter that sends the whole document again has not moved everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_ALIGNED = 4_000_000
"""Replacements are aligned if the sizes of both sides multiply to no more: some tens of milliseconds at the most."""
ALIKE = 0.5
"""Two texts that have less in common than this ratio are two texts, not one that was changed."""


@dataclass(frozen=True)
class Splice:
    """`new` in the place of what lies from `start` to `end`, in code points of the text as it was."""

    start: int
    end: int
    new: str


@dataclass(eq=False, slots=True)
class Place:
    """Where something was, and where it is now."""

    start: int
    end: int
    sealed: bool = False
    deleted: bool = False
    """A sealed place lost its last character, or an open one went together with the text on both sides."""
    _taken: tuple[str, int, int] | None = None
    """What took it away, and where the place lay in that: an undo puts both back."""

    def splice(self, start: int, removed: str, new: str) -> None:
        """`new` comes in the place of `removed`, which begins at `start`.

        What replaces a part of a sealed place, or all of it, is inside the place.
        """
        if not removed and start < self.start:
            self.start += len(new)
            self.end += len(new)
            return
        end = start + len(removed)
        if removed and new and self.sealed and self.start <= start and end <= self.end:
            self.end += len(new) - len(removed)
            return
        if removed:
            self.take(start, end, removed)
        if new:
            self.put(start, new)

    def take(self, start: int, end: int, text: str) -> None:
        """`text`, which lies from `start` to `end`, goes."""
        if start > self.end:
            return
        if self.sealed and self.start < self.end:
            gone = start <= self.start and self.end <= end
        else:
            gone = start < self.start and self.end < end
        if gone and not self.deleted:
            self.deleted = True
            self._taken = (text, self.start - start, self.end - start)
        self.start = _after_taking(self.start, start, end)
        self.end = _after_taking(self.end, start, end)

    def put(self, at: int, text: str) -> None:
        """`text` comes to stand at `at`."""
        if self._taken is not None and self._taken[0] == text and at == self.start == self.end:
            _, head, tail = self._taken
            self.start, self.end, self.deleted, self._taken = at + head, at + tail, False, None
            return
        if at > self.end:
            return
        if at < self.start:
            self.start += len(text)
        if at < self.end or (at == self.end and not (self.sealed or self.deleted)):
            self.end += len(text)


def splices(start: int, removed: str, new: str, inside: bool) -> Iterator[Splice]:
    """What an edit really changed, in order, each in code points of the text that the one before left.

    `inside` tells that a place lies strictly within what the edit replaces: only then a closer look is worth its time.
    """
    if not (removed and new):
        yield Splice(start, start + len(removed), new)
        return
    same = _common(removed, new)
    tail = _common(removed[same:][::-1], new[same:][::-1])
    removed = removed[same : len(removed) - tail]
    new = new[same : len(new) - tail]
    start += same
    if not inside or not (removed and new) or len(removed) * len(new) > MAX_ALIGNED:
        if removed or new:
            yield Splice(start, start + len(removed), new)
        return
    yield from _aligned(start, removed, new)


def _aligned(start: int, removed: str, new: str) -> Iterator[Splice]:
    from rapidfuzz.distance import Indel

    if Indel.normalized_similarity(removed, new) < ALIKE:
        yield Splice(start, start + len(removed), new)
        return
    moved = 0
    for step in Indel.opcodes(removed, new):
        if step.tag == "equal":
            continue
        written = new[step.dest_start : step.dest_end]
        at = start + step.src_start + moved
        yield Splice(at, at + step.src_end - step.src_start, written)
        moved += len(written) - (step.src_end - step.src_start)


def _after_taking(position: int, start: int, end: int) -> int:
    return position if position <= start else start if position < end else position - (end - start)


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    limit = min(len(a), len(b))
    if a[:limit] == b[:limit]:
        return limit
    low, high = 0, limit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if a[low:middle] == b[low:middle] else (low, middle)
    return low
