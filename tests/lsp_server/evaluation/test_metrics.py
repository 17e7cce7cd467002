"""Metrics against values worked out by hand from their definitions, and against laws that must hold for any text."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.evaluation import metrics
from lsp_server.evaluation.tokens import lexemes, words

texts = st.text(alphabet="ab_1 .(;é", max_size=12)


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-9)


def test_words_are_runs_of_letters_digits_and_underscores_and_single_symbols() -> None:
    assert words(" foo_1(größe.b)  => ;;") == ["foo_1", "(", "größe", ".", "b", ")", "=", ">", ";", ";"]


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [("foo()", " foo()\t", 100), ("foo()", "Foo()", 0), ("foo()", "", 0), ("a  b", "a b", 0)],
)
def test_exact_match_strips_and_compares(expected: str, prediction: str, value: float) -> None:
    assert metrics.exact_match(expected, prediction) == value


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("abc", " abc ", 100),
        ("abc", "abd", 100 * (1 - 2 / 6)),  # one deletion, one insertion, six characters
        ("foo(x)", "foo(", 100 * (1 - 2 / 10)),
        ("abc", "xyz", 0),
        ("abc", "  ", 0),
    ],
)
def test_edit_similarity_counts_insertions_and_deletions(expected: str, prediction: str, value: float) -> None:
    assert metrics.edit_similarity(expected, prediction) == near(value)


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("a b c d e", "a b c d e", 100),
        ("a", "a", 100 * (1 * (1 / 2) ** 3) ** 0.25),  # no 2- to 4-grams: 0/1 smoothed to 1/2
        ("a b c d", "a b c x", 100 * (3 / 4 * (2 + 1) / (3 + 1) * (1 + 1) / (2 + 1) * (0 + 1) / (1 + 1)) ** 0.25),
        ("a b c d e", "a b c d", 100 * 2.718281828459045 ** (1 - 5 / 4)),  # all right but too short
        ("a", "b", 0),
        ("a", "", 0),
    ],
)
def test_bleu4_is_smoothed_by_adding_one(expected: str, prediction: str, value: float) -> None:
    assert metrics.bleu4(expected, prediction) == near(value)


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("a b c d", "a b c d", 100 * (1 - 0.5 / 4**3)),  # one chunk of four words
        ("a b c d", "a b x d", 100 * 3 / 4 * (1 - 0.5 * (2 / 3) ** 3)),  # two chunks of three matches
        ("Items", "item", 50),  # lower case and stem agree; one chunk of one word
        ("car", "automobile", 0),  # synonyms for WordNet, which is not used
        ("a", "", 0),
    ],
)
def test_meteor_matches_words_and_stems(expected: str, prediction: str, value: float) -> None:
    assert metrics.meteor(expected, prediction) == near(value)


def test_rouge_l_is_the_harmonic_mean_of_the_shares_of_the_common_subsequence() -> None:
    precision, recall = 3 / 5, 3 / 4  # `a c d` of `a c d e f` and of `a b c d`
    value = 100 * 2 * precision * recall / (precision + recall)
    assert metrics.rouge_l_f1("a b c d", "a c d e f") == near(value)
    assert metrics.rouge_l_f1("a", "") == 0


def test_java_lexemes_are_those_of_the_monitors_paper() -> None:
    found = lexemes('getOwner(Foo.class, "a b"); // new', "Java")
    assert [t.text for t in found] == ["getOwner", "(", "Foo", ".", "class", ",", '"', "a b", '"', ")", ";", "// new"]
    assert [t.text for t in found if t.is_identifier] == ["getOwner", "Foo", "class"]


@pytest.mark.parametrize("language", ["PHP", "php", "C#", "csharp", "typescriptreact", "shellscript", "unheard of"])
def test_fragments_of_any_language_have_lexemes(language: str) -> None:
    assert "count" in [t.text for t in lexemes("count + total", language) if t.is_identifier]


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("getName();", "getName() + 1", 100),
        ("getName();", "getNames();", 0),
        ("getName();", "", 0),
        ("catch(e)", "catch(err)", 100),  # a keyword, but a member's name after a dot
        ("(x)", "(x)", None),
    ],
)
def test_next_identifier_match_compares_the_first_word(expected: str, prediction: str, value: float | None) -> None:
    assert metrics.next_identifier_match(expected, prediction, "JavaScript") == value


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("foo(bar, baz.qux)", "foo(bar, quux.qux)", 50),  # foo bar | baz qux
        ("foo(bar)", "foo[bar] + more", 100),
        ("foo(bar)", "bar(foo)", 0),
        ("foo(bar)", "", 0),
        ("(1, 2)", "(x)", None),
        ("return x", "yield x", 100),  # keywords are no identifiers
    ],
)
def test_identifier_sequence_match_stops_at_the_first_wrong_one(
    expected: str, prediction: str, value: float | None
) -> None:
    assert metrics.identifier_sequence_match(expected, prediction, "Python") == value


@pytest.mark.parametrize(
    ("expected", "prediction", "value"),
    [
        ("a.b(c)", "a.b[c]", 50),  # a . b | ( c )
        ("a.b(c)", "a . b ( c ) + 1", 100),
        ("a.b(c)", "", 0),
    ],
)
def test_prefix_match_stops_at_the_first_wrong_lexeme(expected: str, prediction: str, value: float) -> None:
    assert metrics.prefix_match(expected, prediction, "Python") == value


def every_metric(expected: str, prediction: str) -> list[float | None]:
    return [
        metrics.exact_match(expected, prediction),
        metrics.edit_similarity(expected, prediction),
        metrics.bleu4(expected, prediction),
        metrics.meteor(expected, prediction),
        metrics.rouge_l_f1(expected, prediction),
        metrics.next_identifier_match(expected, prediction, "Python"),
        metrics.identifier_sequence_match(expected, prediction, "Python"),
        metrics.prefix_match(expected, prediction, "Python"),
    ]


@settings(deadline=None)  # the first example imports nltk
@given(texts, texts)
def test_scores_are_percent_and_blind_to_outer_white_space(expected: str, prediction: str) -> None:
    scores = every_metric(expected, prediction)
    assert all(score is None or 0 <= score <= 100 + 1e-9 for score in scores)
    assert scores == every_metric(f" {expected}\t", f"\n{prediction} ")


@settings(deadline=None)  # the first example imports nltk
@given(texts)
def test_an_empty_prediction_scores_nothing(expected: str) -> None:
    assert all(not score for score in every_metric(expected, " \t"))


@settings(deadline=None)  # the first example imports nltk
@given(texts.filter(str.strip))
def test_the_truth_scores_full_marks(truth: str) -> None:
    exact, edit, _, _, rouge, next_identifier, identifiers, prefix = every_metric(truth, truth)
    assert (exact, edit, rouge, prefix) == (100, 100, near(100), 100)
    assert {next_identifier, identifiers} <= {100.0, None}


def slow_lcs(a: list[str], b: list[str]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        above, row = row, [0]
        for j, y in enumerate(b):
            row.append(above[j] + 1 if x == y else max(above[j + 1], row[j]))
    return row[-1]


@settings(deadline=None)  # the first example imports nltk
@given(texts.filter(str.strip), texts.filter(str.strip))
def test_rouge_l_agrees_with_the_textbook_table(expected: str, prediction: str) -> None:
    a, b = words(expected), words(prediction)
    assert metrics.rouge_l_f1(expected, prediction) == near(200 * slow_lcs(a, b) / (len(a) + len(b)))


def test_importing_the_metrics_imports_no_heavy_library() -> None:
    code = "import sys, lsp_server.evaluation.scoring; print({'nltk', 'rapidfuzz', 'pygments'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
