"""Cancellation as a token that is looked at between steps; asynchrony stops above this room."""

import threading
from time import perf_counter

from models.errors import Cancelled


class Cancellation:
    """Set from any thread, looked at by the decoder before every forward pass."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled


NEVER = Cancellation()
"""For callers that cannot be interrupted. Nobody cancels it."""


class OutOfTime(Exception):  # noqa: N818 - it is an outcome, not an error
    """The time budget is spent; what there is has to do."""


class Deadline(Cancellation):
    """A caller's cancellation together with a budget of milliseconds, from now on."""

    def __init__(self, parent: Cancellation, milliseconds: float | None) -> None:
        super().__init__()
        self._parent = parent
        self._end = None if milliseconds is None else perf_counter() + milliseconds / 1000

    @property
    def cancelled(self) -> bool:
        return self._parent.cancelled

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` once the parent is cancelled, `OutOfTime` once the budget is spent."""
        self._parent.raise_if_cancelled()
        if self._end is not None and perf_counter() >= self._end:
            raise OutOfTime
