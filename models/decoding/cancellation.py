"""Cancellation as a token that is looked at between steps; asynchrony stops above this room."""

import threading

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
