"""What was paid for once. Keyed by the exact virtual text, so that nothing is ever used for another document."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from hashlib import blake2b
from typing import Generic, TypeVar

from monitors.analysis.analyser import Place

PlaceKey = tuple[str, ...]
Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def place_key(question: str, place: Place) -> PlaceKey:
    """What identifies a question about a place: everything the analyser gets to see."""
    digest = blake2b(place.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return (question, place.path, place.language, str(place.offset), digest)


class AnswerCache(Generic[Key, Answer]):
    """Least recently used answers, with questions that are still being answered shared between all who ask.

    An exception is an answer only for those who were waiting for it: the next one asks again. Answers older than
    `max_age_s` are asked again, because other files of the workspace may have changed. Thread-safe.
    """

    def __init__(self, capacity: int = 512, max_age_s: float = 120.0) -> None:
        self._capacity = capacity
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, tuple[float, Answer]] = OrderedDict()
        self._pending: dict[Key, Future[Answer]] = {}
        self._generation = 0

    def get(self, key: Key) -> Answer | None:
        """`None` where there is no answer; nobody answers with that."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or time.monotonic() - found[0] > self._max_age_s:
                return None
            self._answers.move_to_end(key)
            return found[1]

    def ask(self, key: Key, question: Callable[[], "Future[Answer]"]) -> "Future[Answer]":
        """The future answer to `key`; `question` is called only if nobody else is waiting for the same one."""
        with self._lock:
            pending = self._pending.get(key)
            if pending is not None:
                return pending
            generation = self._generation
            future = question()
            self._pending[key] = future
        future.add_done_callback(lambda done: self._keep(key, done, generation))
        return future

    def forget(self) -> None:
        """Drop all answers: another file of the workspace was saved."""
        with self._lock:
            self._answers.clear()
            self._pending.clear()
            self._generation += 1

    def _keep(self, key: Key, done: "Future[Answer]", generation: int) -> None:
        with self._lock:
            if self._pending.get(key) is done:
                del self._pending[key]
            if done.cancelled() or done.exception() is not None or generation != self._generation:
                return
            self._answers[key] = (time.monotonic(), done.result())
            self._answers.move_to_end(key)
            while len(self._answers) > self._capacity:
                self._answers.popitem(last=False)
