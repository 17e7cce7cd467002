from concurrent.futures import Future
from typing import Any

from monitors.analysis.analyser import Place
from monitors.cache import AnswerCache, PlaceKey, place_key


def done(value: Any) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def test_an_answer_is_kept_and_shared_while_it_is_awaited() -> None:
    cache = AnswerCache[PlaceKey, int]()
    future: Future[Any] = Future()
    asked: list[int] = []

    def question() -> "Future[Any]":
        asked.append(1)
        return future

    assert cache.ask(("k",), question) is cache.ask(("k",), question)
    assert asked == [1]
    assert cache.get(("k",)) is None
    future.set_result(7)
    assert cache.get(("k",)) == 7


def test_failures_are_not_kept() -> None:
    cache = AnswerCache[PlaceKey, int]()
    failed: Future[Any] = Future()
    failed.set_exception(RuntimeError("no"))
    cache.ask(("k",), lambda: failed)
    assert cache.get(("k",)) is None
    assert cache.ask(("k",), lambda: done(1)).result() == 1


def test_the_oldest_answers_go_first_and_old_ones_are_asked_again() -> None:
    cache = AnswerCache[PlaceKey, int](capacity=2)
    for key in "abc":
        cache.ask((key,), lambda: done(1))
    assert [cache.get((key,)) for key in "abc"] == [None, 1, 1]
    stale = AnswerCache[PlaceKey, int](max_age_s=-1)
    stale.ask(("a",), lambda: done(1))
    assert stale.get(("a",)) is None


def test_an_answer_that_was_asked_for_before_everything_was_forgotten_is_not_kept() -> None:
    cache = AnswerCache[PlaceKey, int]()
    future: Future[Any] = Future()
    cache.ask(("k",), lambda: future)
    cache.forget()
    future.set_result(1)
    assert cache.get(("k",)) is None


def test_every_part_of_a_place_tells_it_from_others() -> None:
    places = [
        Place("/a", "python", "x", 1),
        Place("/b", "python", "x", 1),
        Place("/a", "java", "x", 1),
        Place("/a", "python", "y", 1),
        Place("/a", "python", "x", 0),
        Place("/a", "python", "\ud800", 1),
    ]
    keys = {place_key("complete", place) for place in places} | {place_key("symbols", places[0])}
    assert len(keys) == 7
