"""CodeBLEU: its parts against nltk and against programs whose likeness is plain to see."""

import pytest
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from lsp_server.evaluation.codebleu import codebleu, data_flow
from lsp_server.evaluation.tokens import lexemes
from lsp_server.languages import language_for
from lsp_server.languages.parsing import parse

PYTHON = language_for("python")
TOTAL = "def total(xs):\n    s = 0\n    for x in xs:\n        s = s + x\n    return s\n"
RENAMED = "def summed(values):\n    t = 0\n    for v in values:\n        t = t + v\n    return t\n"
OTHER = "def total(xs):\n    return sum(xs)\n"
IN_EVERY_LANGUAGE = {
    "python": TOTAL,
    "java": "class S { int total(int[] xs) { int s = 0; for (int x : xs) { s = s + x; } return s; } }",
    "cpp": "int total(vector<int> xs) { int s = 0; for (int x : xs) { s = s + x; } return s; }",
    "javascript": "function total(xs) { let s = 0; for (const x of xs) { s = s + x } return s }",
    "typescript": "function total(xs: number[]) { let s = 0; for (const x of xs) { s = s + x } return s }",
    "go": "func total(xs []int) int { s := 0; for _, x := range xs { s = s + x }; return s }",
    "rust": "fn total(xs: &[i32]) -> i32 { let mut s = 0; for x in xs { s = s + x; } s }",
    "csharp": "class S { int Total(int[] xs) { int s = 0; foreach (int x in xs) { s = s + x; } return s; } }",
}


@pytest.mark.parametrize("name", IN_EVERY_LANGUAGE)
def test_the_same_program_is_wholly_alike(name: str) -> None:
    language = language_for(name)
    text = IN_EVERY_LANGUAGE[name]
    found = codebleu(text, text, language)
    assert (found.ngram, found.syntax, found.data_flow) == (1.0, 1.0, 1.0)
    assert found.score == pytest.approx(100)
    changed = codebleu(text, text.replace("s = s + x", "s = x + 1"), language)
    assert changed.data_flow is not None
    assert changed.data_flow < 1
    assert changed.score < 100


def test_names_matter_to_words_and_not_to_syntax_and_flow() -> None:
    found = codebleu(TOTAL, RENAMED, PYTHON)
    assert (found.syntax, found.data_flow) == (1.0, 1.0)
    assert found.ngram < found.weighted_ngram < 1, "keywords are the same"
    assert codebleu(TOTAL, OTHER, PYTHON).score < found.score


def test_words_are_bleu_4_as_nltk_computes_it() -> None:
    for candidate in (RENAMED, OTHER, TOTAL[:40], TOTAL + OTHER):
        tokens = [[lexeme.text for lexeme in lexemes(text, "python")] for text in (TOTAL, candidate)]
        wanted = sentence_bleu([tokens[0]], tokens[1], smoothing_function=SmoothingFunction().method1)
        assert codebleu(TOTAL, candidate, PYTHON).ngram == pytest.approx(wanted)


def test_nothing_is_unlike_everything() -> None:
    assert codebleu(TOTAL, "", PYTHON).score == 0
    assert codebleu(OTHER, OTHER, PYTHON).data_flow is None, "nothing is assigned, so that part is left out"
    assert codebleu(OTHER, OTHER, PYTHON).score == pytest.approx(100)


def test_edges_of_a_loop() -> None:
    tree = parse(TOTAL.encode(), PYTHON, limit_ms=1000)
    assert tree is not None
    edges = set(data_flow(tree.root_node))
    s, xs, x = "v0", "v1", "v2"
    assert {(s, "is computed from", ()), (x, "is computed from", (xs,)), (s, "is computed from", (s, x))} <= edges
    assert (s, "comes from", (s,)) in edges
