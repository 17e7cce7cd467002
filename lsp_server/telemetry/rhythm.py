"""How a user types, and how much: what a record says of the time before its request."""

import time
from collections import Counter, deque
from collections.abc import Callable

TYPING_S = 1.0
"""A longer pause ends a stretch of typing."""
STRETCH = 30
"""So many keys back at most."""


class Rhythm:
    """Told of edits, requests, suggestions seen and accepted. Not thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._keys: deque[float] = deque(maxlen=STRETCH)
        self._typed: Counter[str] = Counter()
        self._inserted: Counter[str] = Counter()

    def note(self, what: str) -> None:
        """A request came, or a suggestion was shown or accepted, just now."""
        self._last[what] = self._clock()

    def edited(self, document: str, added: int, *, key: bool) -> None:
        """So many characters came into a document at once; `key` says that a key may have brought one."""
        now = self._clock()
        self._last["keystroke"] = now
        self._inserted[document] += added
        if added != 1 or not key:
            return
        self._typed[document] += 1
        if self._keys and now - self._keys[-1] > TYPING_S:
            self._keys.clear()
        self._keys.append(now)

    def since_ms(self, what: str) -> float | None:
        """Time since something was last noted; `None` if it never was."""
        last = self._last.get(what)
        return None if last is None else round((self._clock() - last) * 1000, 3)

    def chars_per_s(self) -> float | None:
        """Over the latest stretch without a pause; `None` if that is a single key."""
        if len(self._keys) < 2 or self._keys[-1] <= self._keys[0]:
            return None
        return round((len(self._keys) - 1) / (self._keys[-1] - self._keys[0]), 3)

    def take(self, document: str) -> tuple[int, int]:
        """Characters typed into and put into a document since the last call for it."""
        return self._typed.pop(document, 0), self._inserted.pop(document, 0)
