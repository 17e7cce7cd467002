"""Terms, chunks, BM25, the ring and the selection."""

from collections import Counter
from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.request import CompletionRequest
from lsp_server.context import bm25
from lsp_server.context.bm25 import Bm25, counted
from lsp_server.context.chunks import MAX_CHARS, MAX_LINES, Chunk, chunks_of
from lsp_server.context.ring import Ring
from lsp_server.context.selection import OVERHEAD_CHARS, as_snippets, query_of, select, visible_in
from lsp_server.context.terms import terms_of
from models import Snippet

WORDS = st.lists(st.sampled_from(["parse", "header", "maxSize", "read_all", "x1", "if"]), min_size=1, max_size=12)
TEXTS = WORDS.map(" ".join)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("maxRetryCount", ["maxretrycount", "max", "retry", "count"]),
        ("read_all(HTTPServer)", ["read_all", "read", "all", "httpserver", "http", "server"]),
        ("x + 12", []),
        ("größe_neu", ["größe_neu", "größe", "neu"]),
        ("a" * 200, []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


@given(st.lists(st.text("ab {}\t", max_size=50).map(lambda line: line + "\n"), max_size=80))
def test_chunks_are_bounded_in_order_and_say_where_they_stand(lines: list[str]) -> None:
    chunks = chunks_of("a.py", lines, 100)
    for chunk in chunks:
        assert chunk.text.count("\n") < MAX_LINES
        assert len(chunk.text) <= MAX_CHARS
        count = chunk.text.count("\n") + 1
        shown = "".join(lines[chunk.line - 100 : chunk.line - 100 + count])
        assert shown.rstrip() == chunk.text
    assert all(not a.overlaps(b) and a.line < b.line for a, b in pairwise(chunks))
    assert "".join("".join(chunk.text for chunk in chunks).split()) == "".join("".join(lines).split())


def test_minified_lines_are_left_out() -> None:
    chunks = chunks_of("a.js", ["a = 1;\n", "x" * 5_000 + "\n", "b = 2;\n"])
    assert [chunk.text for chunk in chunks] == ["a = 1;", "b = 2;"]


def reference(query: Counter[str], texts: list[str]) -> list[float]:
    """BM25 as the paper has it, term by term and chunk by chunk."""
    counts = [Counter(terms_of(text)) for text in texts]
    average = sum(count.total() for count in counts) / len(texts)
    scores: list[float] = []
    for count in counts:
        score = 0.0
        for term, weight in query.items():
            frequency = sum(term in other for other in counts)
            idf = log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
            norm = bm25.K1 * (1 - bm25.B + bm25.B * count.total() / average)
            if count[term]:
                score += idf * min(weight, bm25.MAX_TERM_WEIGHT) * count[term] * (bm25.K1 + 1) / (count[term] + norm)
        scores.append(score)
    return scores


@given(st.lists(TEXTS, min_size=1, max_size=20, unique=True), TEXTS)
def test_scores_are_the_ones_of_the_paper(texts: list[str], query: str) -> None:
    index = Bm25()
    index.add("a", counted(Chunk("a", number, text) for number, text in enumerate(texts)))
    weights = Counter(terms_of(query))
    expected = reference(weights, texts)
    found = index.search(weights, len(texts))
    assert [score for score, _ in found] == sorted((score for score, _ in found), reverse=True)
    assert {chunk.line for _, chunk in found} == {number for number, score in enumerate(expected) if score > 0}
    for score, chunk in found:
        assert score == pytest.approx(expected[chunk.line])


@given(st.lists(TEXTS, min_size=1, max_size=10), st.lists(TEXTS, min_size=1, max_size=10), TEXTS)
def test_what_was_removed_leaves_no_trace(kept: list[str], gone: list[str], query: str) -> None:
    alone, both = Bm25(), Bm25()
    alone.add("kept", counted(Chunk("kept", number, text) for number, text in enumerate(kept)))
    both.add("gone", counted(Chunk("gone", number, text) for number, text in enumerate(gone)))
    both.add("kept", counted(Chunk("kept", number, text) for number, text in enumerate(kept)))
    both.remove(both.ids("gone"))
    assert both.ids("gone") == []
    weights = Counter(terms_of(query))
    assert both.search(weights, 10) == alone.search(weights, 10)


def test_common_terms_cost_little_and_change_nothing_here() -> None:
    texts = [f"common words everywhere special{number % 50}" for number in range(5_000)]
    index = Bm25()
    index.add("a", counted(Chunk("a", number, text) for number, text in enumerate(texts)))
    found = index.search(Counter(terms_of("common words special7")), 5)
    assert all("special7" in chunk.text.split() for _, chunk in found)


def test_the_ring_keeps_the_latest_and_nothing_twice() -> None:
    ring = Ring(max_chunks=3)
    for number in range(5):
        ring.push(Chunk("a.py", 100 * number, f"one {number}\ntwo {number}"))
    assert [chunk.line for chunk in ring.chunks()] == [200, 300, 400]
    ring.push(Chunk("a.py", 201, "other\ntext"))
    assert [chunk.line for chunk in ring.chunks()] == [300, 400, 201]
    ring.push(Chunk("b.py", 0, "  one 3\ntwo 3"))
    assert [chunk.path for chunk in ring.chunks()] == ["a.py", "a.py", "b.py"]
    ring.push(Chunk("b.py", 50, " \n"))
    assert len(ring.chunks()) == 3


def test_the_query_is_what_stands_around_the_cursor() -> None:
    above = "".join(f"line{number}\n" for number in range(20))
    query = query_of(CompletionRequest(above + "parse(", ")\nbelow\nfurther\nfarAway\n", "python"))
    assert query["parse"] == 3
    assert query["line19"] == query["line12"] == query["below"] == query["further"] == 1
    assert not query["line11"]
    assert not query["faraway"]


def test_selection_fits_the_budget_and_shows_no_line_twice() -> None:
    chunks = [Chunk("a", 0, "x\n" * 9 + "x"), Chunk("a", 5, "y\ny"), Chunk("b", 0, "z" * 500), Chunk("c", 0, "short")]
    ranked = [(10.0 - number, chunk) for number, chunk in enumerate(chunks)]
    assert select(ranked, 150, lambda _: False) == (chunks[0], chunks[3])
    assert select(ranked, 150, lambda chunk: chunk.path == "a") == (chunks[3],)
    assert select([(10.0, chunks[0]), (4.0, chunks[3])], 150, lambda _: False) == (chunks[0],)
    cost = len(chunks[0].text) + 1 + OVERHEAD_CHARS
    assert select(ranked, cost - 1, lambda chunk: chunk.path == "c") == ((chunks[1],) if cost > 30 else ())


def test_what_the_window_shows_is_not_shown_again() -> None:
    is_visible = visible_in(CompletionRequest("def f():\n    return 1\n", "x = 2\n", "python", path="a.py"))
    assert is_visible(Chunk("a.py", 0, "def f():\n    return 1"))
    assert not is_visible(Chunk("b.py", 0, "def f():\n    return 1"))
    assert not is_visible(Chunk("a.py", 90, "def other():\n    return 3"))


def test_snippets_are_grouped_by_file_with_the_best_last() -> None:
    best_first = [Chunk("b", 9, "late"), Chunk("a", 0, "only"), Chunk("b", 1, "early")]
    assert as_snippets(best_first) == (Snippet("a", "only"), Snippet("b", "early\nlate"))
