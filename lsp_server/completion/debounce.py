"""How long to wait after a keystroke before the model is asked.

Too soon, and every letter of a word starts work that the next letter throws away; too late, and the suggestion comes
when the user has typed it. The right moment depends on the person and on the place: we wait for a pause that is long
for *this* user's rhythm, less where a suggestion is likely to be wanted (after a dot), more where it is not (in the
middle of a word). The model's own answering time counts as waiting, so a slow model is asked earlier. (Tabby's
debouncer is the peer; it takes the mean interval, we take a high quantile, because typing comes in bursts.)
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsp_server.completion.request import CompletionRequest
from lsp_server.languages.lines import first_line, last_line

Clock = Callable[[], float]
"""Seconds from an arbitrary start."""

USUAL_PAUSE_MS = 150.0
"""What is taken for the user's rhythm until it is known."""


@dataclass(frozen=True)
class DebounceLimits:
    min_ms: float = 0.0
    """Never ask sooner after a keystroke than this."""
    max_ms: float = 400.0
    """Never wait longer than this."""


_SAMPLES = 40
_FEW_SAMPLES = 8
_PAUSE_QUANTILE = 0.75
_TYPING_MS = (20.0, 2_000.0)
"""Intervals outside are not typing: a paste or a formatter on one side, thinking on the other."""
_SOON = frozenset(".([{:>@")
_SOON_FACTOR = 0.5
_LINE_START_FACTOR = 0.75
_WORD_FACTOR = 1.5
_MIDDLE_FACTOR = 1.5


class AdaptiveDebounce:
    """One user's typing. Told of keystrokes and answers, it says how long to wait. Not thread-safe."""

    def __init__(self, limits: DebounceLimits | None = None, clock: Clock = time.monotonic) -> None:
        self._limits = limits or DebounceLimits()
        self._clock = clock
        self._last_keystroke: float | None = None
        self._intervals: deque[float] = deque(maxlen=_SAMPLES)
        self._answers: deque[float] = deque(maxlen=_SAMPLES)

    def keystroke(self) -> None:
        """The user has changed the document just now."""
        now = self._clock()
        if self._last_keystroke is not None:
            interval = (now - self._last_keystroke) * 1000
            if _TYPING_MS[0] <= interval <= _TYPING_MS[1]:
                self._intervals.append(interval)
        self._last_keystroke = now

    def answered(self, elapsed_ms: float) -> None:
        """The model has answered an automatic request after this time, waiting not counted."""
        self._answers.append(elapsed_ms)

    @property
    def pause_ms(self) -> float:
        """The interval that three of four of the user's keystrokes stay under."""
        known = _quantile(self._intervals, _PAUSE_QUANTILE, USUAL_PAUSE_MS)
        weight = min(len(self._intervals) / _FEW_SAMPLES, 1.0)
        return weight * known + (1 - weight) * USUAL_PAUSE_MS

    def delay_ms(self, request: CompletionRequest) -> float:
        """Milliseconds to wait from now on; 0 for a request that was made by key, and where nobody has typed yet.

        What has passed since the last keystroke is subtracted, be it the client's own delay or the way of the message.
        """
        if request.trigger == "invoked" or self._last_keystroke is None:
            return 0.0
        wanted = self.pause_ms * _factor(request) - _quantile(self._answers, 0.5, 0.0)
        since = (self._clock() - self._last_keystroke) * 1000
        return max(min(max(wanted, self._limits.min_ms), self._limits.max_ms) - since, 0.0)


def _factor(request: CompletionRequest) -> float:
    """How much longer or shorter than a usual pause to wait at this place."""
    before, after = last_line(request.prefix), first_line(request.suffix)
    if after[:1].isalnum() or (before[-1:].isalnum() and after.strip(")]};,'\"` \t")):
        return _MIDDLE_FACTOR
    if not before.strip():
        return _LINE_START_FACTOR
    if before[-1] in _SOON:
        return _SOON_FACTOR
    return _WORD_FACTOR if before[-1].isalnum() or before[-1] == "_" else 1.0


def _quantile(values: Sequence[float], share: float, default: float) -> float:
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))] if ordered else default
