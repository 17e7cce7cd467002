"""Work that begins before its result is needed."""

import threading

import pytest

from models import Ahead


def test_it_begins_before_anybody_asks() -> None:
    begun = threading.Event()
    ahead = Ahead(lambda: begun.set() or 7)
    assert begun.wait(10)
    assert ahead.result() == ahead.result() == 7


def test_what_it_raises_is_raised_where_the_result_is_wanted() -> None:
    ahead = Ahead(lambda: 1 // 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            ahead.result()
