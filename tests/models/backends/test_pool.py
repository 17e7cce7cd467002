"""Which session a prompt gets."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from models.backends.model import LanguageModel
from models.backends.pool import SessionPool
from models.backends.session import Logits, TokenIds


class Memory:
    """A session that computes nothing."""

    capacity = 100

    def __init__(self) -> None:
        self.tokens: TokenIds = np.zeros(0, np.int64)

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        self.tokens = np.concatenate((self.tokens, np.asarray(tokens, np.int64)))
        return np.zeros((last, 1), np.float32)

    def truncate(self, length: int) -> None:
        self.tokens = self.tokens[:length]


class Memories:
    """A model that counts its sessions."""

    def __init__(self) -> None:
        self.opened: list[Memory] = []

    def new_session(self) -> Memory:
        self.opened.append(Memory())
        return self.opened[-1]


def text(start: int, length: int = 40) -> TokenIds:
    return np.arange(start, start + length, dtype=np.int64)


def make_pool(size: int) -> tuple[SessionPool, Memories]:
    model = Memories()
    return SessionPool(cast(LanguageModel, model), size), model


def fill(pool: SessionPool, tokens: TokenIds) -> Memory:
    session = cast(Memory, pool.acquire(tokens))
    session.tokens = tokens
    return session


def test_a_prompt_gets_the_session_that_knows_it() -> None:
    pool, model = make_pool(3)
    sessions = [fill(pool, text(start)) for start in (0, 100, 200)]
    assert len(model.opened) == 3
    for session, start in zip(reversed(sessions), (200, 100, 0), strict=True):
        assert fill(pool, text(start, 60)) is session
    assert len(model.opened) == 3


def test_the_longest_unused_is_given_up_and_no_more_are_opened() -> None:
    pool, model = make_pool(2)
    first, second = fill(pool, text(0)), fill(pool, text(100))
    fill(pool, text(0))
    assert fill(pool, text(200)) is second
    assert fill(pool, text(300)) is first
    assert len(model.opened) == 2
    pool.clear()
    fill(pool, text(0))
    assert len(model.opened) == 3


def test_a_few_common_sentinels_do_not_make_a_session_worth_losing() -> None:
    pool, _ = make_pool(2)
    header = np.array([1, 2, 3], dtype=np.int64)
    first = fill(pool, np.concatenate((header, text(100))))
    other = fill(pool, np.concatenate((header, text(200))))
    assert first is not other
    assert fill(pool, np.concatenate((header, text(200, 20)))) is other


def test_a_long_session_is_not_cut_for_a_short_prompt_that_shares_its_head() -> None:
    pool, _ = make_pool(2)
    long = fill(pool, text(0, 400))
    short = np.concatenate((text(0, 50), text(1000, 50)))
    assert fill(pool, short) is not long
    assert fill(pool, text(0, 410)) is long


def test_a_long_session_is_cut_where_hardly_anything_is_left_to_read() -> None:
    pool, _ = make_pool(2)
    long = fill(pool, text(0, 400))
    assert fill(pool, np.concatenate((text(0, 50), text(1000, 3)))) is long
