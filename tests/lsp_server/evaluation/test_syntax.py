"""Syntax errors are counted against the truth in the same document."""

from dataclasses import replace

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.syntax import parses

CASE = Case("1", "Python", expected="first(x)", prefix="def f(x):\n    return ", suffix="\n\nf(1)\n")


def test_a_prediction_that_keeps_the_document_whole_parses() -> None:
    assert parses(CASE, "x + 1") == 100
    assert parses(CASE, "first((x)") == 0
    assert parses(CASE, "x y") == 0


def test_a_document_that_was_broken_before_may_stay_so() -> None:
    broken = replace(CASE, prefix="class (:\n" + CASE.prefix)
    assert parses(broken, "x + 1") == 100


def test_an_empty_prediction_is_wrong_even_where_it_parses() -> None:
    assert parses(CASE, " ") == 0


def test_it_does_not_apply_without_a_grammar_or_a_document() -> None:
    assert parses(replace(CASE, language="unheard of"), "x") is None
    assert parses(replace(CASE, prefix="", suffix=""), "x") is None
