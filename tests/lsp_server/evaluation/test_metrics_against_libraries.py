"""Our fast BLEU-4, METEOR and ROUGE-L against nltk and rouge-score on the same tokens, for any text."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from nltk.translate.meteor_score import single_meteor_score
from rouge_score.rouge_scorer import RougeScorer

from lsp_server.evaluation import metrics
from lsp_server.evaluation.tokens import words

fragments = st.sampled_from(
    ["self", ".", "name", "names", "Names", "naming", "(", ")", ",", " ", "x", "1", "é", "İ", "ß", "fly", "flies", "=="]
)
codes = st.lists(fragments, max_size=24).map("".join) | st.text(max_size=20)


class NoWordNet:
    def synsets(self, word: str) -> Sequence[object]:
        return ()


class SameTokens:
    def tokenize(self, text: str) -> list[str]:
        return words(text)


@settings(deadline=None, max_examples=100)
@given(codes, codes)
@example("return x", "return x")
@example("a b a b", "b a b a b")
def test_bleu4_is_nltks_with_smoothing_method_2(expected: str, prediction: str) -> None:
    theirs = sentence_bleu([words(expected)], words(prediction), smoothing_function=SmoothingFunction().method2)
    assert metrics.bleu4(expected, prediction) == pytest.approx(100 * float(theirs), abs=1e-9)  # pyright: ignore[reportArgumentType]


@settings(deadline=None, max_examples=100)
@given(codes, codes)
@example("names of flies", "name of fly fly names")
def test_meteor_is_nltks_without_wordnet(expected: str, prediction: str) -> None:
    theirs = single_meteor_score(words(expected), words(prediction), wordnet=NoWordNet())  # pyright: ignore[reportArgumentType]
    assert metrics.meteor(expected, prediction) == pytest.approx(100 * theirs, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(codes, codes)
def test_rouge_l_is_rouge_scores(expected: str, prediction: str) -> None:
    theirs = RougeScorer(["rougeL"], tokenizer=SameTokens()).score(expected, prediction)["rougeL"].fmeasure
    assert metrics.rouge_l_f1(expected, prediction) == pytest.approx(100 * theirs, abs=1e-9)
