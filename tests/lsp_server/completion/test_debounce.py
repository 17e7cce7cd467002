"""Adaptive debounce, with a clock that the test turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.debounce import USUAL_PAUSE_MS, AdaptiveDebounce, DebounceLimits
from lsp_server.completion.request import CompletionRequest, Trigger


class Hand:
    """A clock's hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def turn(self, ms: float) -> None:
        self.seconds += ms / 1000


def typist(interval_ms: float, keys: int = 40, limits: DebounceLimits | None = None) -> tuple[AdaptiveDebounce, Hand]:
    hand = Hand()
    debounce = AdaptiveDebounce(limits, hand)
    for _ in range(keys):
        hand.turn(interval_ms)
        debounce.keystroke()
    return debounce, hand


def at(before: str, after: str = "", trigger: Trigger = "automatic") -> CompletionRequest:
    return CompletionRequest(before, after + "\n", "python", trigger=trigger)


def test_a_slow_typist_is_waited_for_longer_than_a_fast_one() -> None:
    fast, slow = typist(80)[0], typist(240)[0]
    assert fast.delay_ms(at("x = ")) == pytest.approx(80)
    assert slow.delay_ms(at("x = ")) == pytest.approx(240)


def test_rhythm_is_learnt_little_by_little() -> None:
    assert typist(300, keys=1)[0].pause_ms == USUAL_PAUSE_MS
    assert USUAL_PAUSE_MS < typist(300, keys=4)[0].pause_ms < 300
    assert typist(300, keys=10)[0].pause_ms == pytest.approx(300)


def test_pastes_and_pauses_are_no_rhythm() -> None:
    debounce, hand = typist(100)
    for interval in (1, 2, 5_000, 60_000):
        hand.turn(interval)
        debounce.keystroke()
    assert debounce.pause_ms == pytest.approx(100)


def test_places() -> None:
    debounce, _ = typist(100)
    waits = {before: debounce.delay_ms(at(before)) for before in ("a.", "f(", "    ", "x = ", "x = na")}
    assert waits["a."] == waits["f("] < waits["    "] < waits["x = "] < waits["x = na"]
    assert debounce.delay_ms(at("x = a", " + b")) > waits["x = "]
    assert debounce.delay_ms(at("f(a", ")")) == waits["x = na"]


def test_who_presses_a_key_does_not_wait() -> None:
    assert typist(100)[0].delay_ms(at("x = na", trigger="invoked")) == 0


def test_where_nobody_has_typed_nobody_waits() -> None:
    assert AdaptiveDebounce().delay_ms(at("x = na")) == 0


def test_the_answering_time_counts_as_waiting() -> None:
    debounce, _ = typist(200)
    for _ in range(5):
        debounce.answered(150)
    assert debounce.delay_ms(at("x = ")) == pytest.approx(50)
    for _ in range(40):
        debounce.answered(900)
    assert debounce.delay_ms(at("x = ")) == 0


def test_what_has_passed_since_the_keystroke_is_subtracted() -> None:
    debounce, hand = typist(200)
    hand.turn(150)
    assert debounce.delay_ms(at("x = ")) == pytest.approx(50)
    hand.turn(150)
    assert debounce.delay_ms(at("x = ")) == 0


@given(
    st.lists(st.floats(0, 10_000), max_size=60),
    st.lists(st.floats(0, 5_000), max_size=60),
    st.text("ab. (\n", max_size=8),
    st.floats(0, 100),
    st.floats(100, 1000),
)
def test_the_limits_hold(intervals: list[float], answers: list[float], before: str, low: float, high: float) -> None:
    debounce, hand = typist(100, 1, DebounceLimits(low, high))
    for interval in intervals:
        hand.turn(interval)
        debounce.keystroke()
    for answer in answers:
        debounce.answered(answer)
    assert low - 1e-6 <= debounce.delay_ms(at(before)) <= high
