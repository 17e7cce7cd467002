"""The suggestion cache: typing along, backspace, closed brackets, bounds."""

from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.cache import LOOK_BACK_CHARS, SuggestionCache
from lsp_server.completion.request import CompletionRequest, Suggestion

ASKED = CompletionRequest("import a\nx = ", "\n\ny = 2\n", "python", uri="file:///a.py")


def typed(text: str, closed: str = "") -> CompletionRequest:
    return replace(ASKED, prefix=ASKED.prefix + text, suffix=closed + ASKED.suffix)


def cache_with(*texts: str, replace_after: int = 0) -> SuggestionCache:
    cache = SuggestionCache()
    cache.put(ASKED, tuple(Suggestion(text, text, replace_after) for text in texts))
    return cache


def test_typing_along_answers_with_the_rest() -> None:
    cache = cache_with("compute(a, b)")
    for length in range(len("compute(a, b)")):
        hit = cache.get(typed("compute(a, b)"[:length]))
        assert hit is not None
        assert [item.text for item in hit.suggestions] == ["compute(a, b)"[length:]]
        assert [item.id for item in hit.suggestions] == ["compute(a, b)"]
        assert hit.typed == "compute(a, b)"[:length]


def test_typing_something_else_or_everything_asks_the_model() -> None:
    cache = cache_with("compute(a, b)")
    assert cache.get(typed("cx")) is None
    assert cache.get(typed("compute(a, b)")) is None


def test_backspace_finds_what_was_there_before() -> None:
    cache = cache_with("compute(a, b)")
    assert cache.get(typed("compx")) is None
    assert cache.get(typed("comp")) is not None
    assert cache.get(typed("")) is not None


def test_of_several_suggestions_those_that_still_fit_are_left() -> None:
    hit = cache_with("compute(a)", "compare(a)", "x").get(typed("comp"))
    assert hit is not None
    assert [item.text for item in hit.suggestions] == ["ute(a)", "are(a)"]


def test_the_latest_question_goes_first() -> None:
    cache = cache_with("compute(a)")
    cache.put(typed("comp"), (Suggestion("later", "arable"),))
    hit = cache.get(typed("comp"))
    assert hit is not None
    assert [item.id for item in hit.suggestions] == ["later"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, suffix="\n\ny = 3\n"),
        replace(ASKED, prefix="import b\nx = "),
        replace(ASKED, uri="file:///b.py"),
    ],
)
def test_another_place_is_another_question(other: CompletionRequest) -> None:
    assert cache_with("compute(a)").get(other) is None


def test_another_variant_is_another_question() -> None:
    cache = SuggestionCache()
    cache.put(ASKED, (Suggestion("1", "a"),), variant="model-a")
    assert cache.get(ASKED, variant="model-b") is None
    assert cache.get(ASKED, variant="model-a") is not None


def test_that_nothing_was_worth_showing_is_remembered_for_that_cursor_only() -> None:
    cache = cache_with()
    hit = cache.get(ASKED)
    assert hit is not None
    assert hit.suggestions == ()
    assert cache.get(typed("c")) is None


@pytest.mark.parametrize(
    ("suggested", "written", "closed", "left", "replaced"),
    [
        ("f(a, b)", "f(", ")", "a, b", 0),
        ("f(a, b).c", "f(", ")", "a, b).c", 1),
        ("f(g(a), b).c", "f(g(", "))", "a), b).c", 2),
        ('f("a", b)', 'f("', '")', 'a", b)', 2),
        ('f("a")', 'f("', '")', "a", 0),
        ("f(a", "f(", ")", "a", 0),
        ("[a for a in b]", "[a", "]", " for a in b", 0),
    ],
)
def test_brackets_that_the_editor_closes_do_not_disturb(
    suggested: str, written: str, closed: str, left: str, replaced: int
) -> None:
    hit = cache_with(suggested).get(typed(written, closed))
    assert hit is not None
    assert [(item.text, item.replace_after) for item in hit.suggestions] == [(left, replaced)]


def test_brackets_that_were_not_typed_do_disturb() -> None:
    assert cache_with("f(a)").get(typed("f", ")")) is None
    assert cache_with("f(a)").get(typed("f(", "]")) is None
    assert cache_with("f(a)").get(typed("", ")")) is None


@given(st.text("abc(\n", min_size=1, max_size=40), st.integers(0, 40), st.text("ab\n", max_size=600))
def test_accepting_what_is_left_gives_what_accepting_at_once_had_given(text: str, length: int, above: str) -> None:
    length %= len(text)
    asked = replace(ASKED, prefix=above + ASKED.prefix)
    cache = SuggestionCache()
    cache.put(asked, (Suggestion("1", text),))
    hit = cache.get(replace(asked, prefix=asked.prefix + text[:length]))
    assert hit is not None
    assert asked.prefix + text[:length] + hit.suggestions[0].text == asked.prefix + text


def test_the_start_of_the_window_may_move() -> None:
    cache = SuggestionCache()
    above = "".join(f"line {number}\n" for number in range(200))
    cache.put(replace(ASKED, prefix=above + ASKED.prefix), (Suggestion("1", "abc"),))
    assert cache.get(replace(ASKED, prefix=above[600:] + ASKED.prefix + "a")) is not None


def test_look_back_is_bounded() -> None:
    cache = cache_with("a" * (LOOK_BACK_CHARS + 2))
    assert cache.get(typed("a" * LOOK_BACK_CHARS)) is not None
    assert cache.get(typed("a" * (LOOK_BACK_CHARS + 1))) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2000)), max_size=60))
def test_bounds_hold_and_the_sum_is_right(puts: list[tuple[int, int]]) -> None:
    cache = SuggestionCache(max_entries=10, max_bytes=12_000)
    for place, size in puts:
        cache.put(replace(ASKED, prefix=str(place)), (Suggestion("1", "x" * size),))
        assert len(cache) <= 10
        assert 0 <= cache.size_bytes <= 12_000
    for place in range(31):
        cache.put(replace(ASKED, prefix=str(place)), ())
    assert cache.size_bytes < 10 * 500
    cache.clear()
    assert (len(cache), cache.size_bytes, cache.get(ASKED)) == (0, 0, None)


def test_the_least_recently_used_goes_first() -> None:
    cache = SuggestionCache(max_entries=2)
    first, second, third = (replace(ASKED, prefix=str(number)) for number in range(3))
    cache.put(first, ())
    cache.put(second, ())
    assert cache.get(first) is not None
    cache.put(third, ())
    assert cache.get(second) is None
    assert cache.get(first) is not None


def test_a_miss_is_cheap() -> None:
    cache = SuggestionCache()
    for number in range(500):
        cache.put(replace(ASKED, prefix=ASKED.prefix + str(number)), (Suggestion("1", "abc"),))
    request = replace(ASKED, prefix="x" * 20_000)
    started = perf_counter()
    for _ in range(100):
        assert cache.get(request) is None
    assert (perf_counter() - started) / 100 < 0.005  # a tenth of a millisecond; the margin is for a busy machine
