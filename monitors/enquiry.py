"""How a monitor asks: first the cache alone, then an analyser with a deadline."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Literal, Protocol

from monitors.analysis.analyser import Completions, Place, Signature, Symbol
from monitors.cache import AnswerCache, PlaceKey, place_key
from monitors.errors import NotYet, TooLate

Question = Literal["complete", "signatures", "symbols"]


class Source(Protocol):
    """Where answers come from; the analysis host, or a plain analyser in a test."""

    def ask(self, question: Question, place: Place) -> "Future[Any]":
        """Start answering and return at once. The future may end in `NoAnswer`."""
        ...


class Enquirer:
    """An `Analyser` that answers from the cache, and asks `source` only if it has a deadline to wait until."""

    def __init__(self, source: Source, cache: AnswerCache[PlaceKey, Any], deadline: float | None = None) -> None:
        """`deadline` is a `time.monotonic()`; without one, only cached answers are given."""
        self._source = source
        self._cache = cache
        self._deadline = deadline
        self.analyser = ""
        """Who gave the last answer, where it is known."""

    def complete(self, place: Place) -> Completions:
        answer: Completions = self._ask("complete", place)
        self.analyser = answer.analyser
        return answer

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        return self._ask("signatures", place)

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        return self._ask("symbols", place)

    def _ask(self, question: Question, place: Place) -> Any:
        key = place_key(question, place)
        answer = self._cache.get(key)
        if answer is not None:
            return answer
        if self._deadline is None:
            raise NotYet("not asked before")
        future = self._cache.ask(key, lambda: self._source.ask(question, place))
        try:
            return future.result(max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            raise TooLate("no answer within the budget") from None


class DirectSource:
    """Asks an analyser in this process, on the calling thread. For tests and for measuring."""

    def __init__(self, analyser: Any) -> None:
        self._analyser = analyser

    def ask(self, question: Question, place: Place) -> "Future[Any]":
        method: Callable[[Place], Any] = getattr(self._analyser, question)
        future: Future[Any] = Future()
        try:
            future.set_result(method(place))
        except Exception as error:  # noqa: BLE001 - whatever an analyser raises belongs to whoever waits for it
            future.set_exception(error)
        return future
