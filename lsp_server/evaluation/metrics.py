"""The metrics themselves: pure functions of two texts, in percent (0 to 100).

Every function strips white space from both ends first, as the Code4Me study does (Izadi et al., *Language Models for
Code Completion: A Practical Evaluation*, ICSE 2024; `offline/evaluate.py` of its replication package). An empty
prediction scores 0 everywhere. Exact match and edit similarity give the study's figures on the study's predictions;
BLEU-4, METEOR and ROUGE-L use the same formulas on `tokens.words` instead of the tokenizer of InCoder, so they compare
with each other, not with the paper.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import cast

from lsp_server.evaluation.tokens import lexemes, words

# --- Code4Me ---------------------------------------------------------------------------------------------------------


def exact_match(expected: str, prediction: str) -> float:
    """100 if the stripped texts are equal, else 0."""
    return 100.0 * (expected.strip() == prediction.strip() != "")


def edit_similarity(expected: str, prediction: str) -> float:
    """`rapidfuzz.fuzz.ratio`: 100 * (1 - d / (m + n)) for m and n characters, d insertions and deletions apart.

    The study calls `fuzzywuzzy.fuzz.ratio`, the same ratio rounded to whole percents for every case.
    """
    from rapidfuzz import fuzz

    return fuzz.ratio(expected.strip(), prediction.strip()) if prediction.strip() else 0.0


def bleu4(expected: str, prediction: str) -> float:
    """Sentence BLEU up to 4-grams: `nltk.translate.bleu_score.sentence_bleu` with smoothing method 2 on `tokens.words`.

    Method 2 (Lin and Och, 2004) adds one to both counts of the 2- to 4-grams. nltk counts at least one n-gram even in a
    text too short to hold any, so that an exact match of one, two or three words gets 59.5, 70.7 or 84.1, not 100.
    """
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    hypothesis = words(prediction)
    if not hypothesis:
        return 0.0
    score = sentence_bleu([words(expected)], hypothesis, smoothing_function=SmoothingFunction().method2)
    return 100.0 * float(cast(float, score))  # a list only where several sets of weights are asked for


class _NoSynonyms:
    """Stands in for WordNet, which nltk downloads separately and which our users do not have."""

    def synsets(self, word: str) -> Sequence[object]:
        return ()


def meteor(expected: str, prediction: str) -> float:
    """METEOR: `nltk.translate.meteor_score.single_meteor_score` (alpha 0.9, beta 3, gamma 0.5) on `tokens.words`.

    Words match when equal in lower case or of one Porter stem. The study also lets WordNet synonyms match; we do not.
    An exact match of n words gets 100 * (1 - 0.5 / n^3): 50 for a single word.
    """
    from nltk.translate.meteor_score import single_meteor_score

    return 100.0 * float(single_meteor_score(words(expected), words(prediction), wordnet=_NoSynonyms()))  # pyright: ignore[reportArgumentType] - only `synsets` is called


def rouge_l_f1(expected: str, prediction: str) -> float:
    """ROUGE-L: harmonic mean of precision and recall of the longest common subsequence of `tokens.words`.

    The formula is the study's; `rapidfuzz.distance.LCSseq` computes the length.
    """
    from rapidfuzz.distance import LCSseq

    reference, hypothesis = words(expected), words(prediction)
    if not reference or not hypothesis:
        return 0.0
    return 200.0 * LCSseq.similarity(reference, hypothesis) / (len(reference) + len(hypothesis))


# --- Monitors --------------------------------------------------------------------------------------------------------
# Agrawal et al., *Guiding Language Models of Code with Global Context using Monitors*, NeurIPS 2023, section 4, as its
# repository computes them (`evaluation_scripts/eval_results.py` of microsoft/monitors4codegen). The paper compares up
# to the end of the method, we up to the end of what is expected.


def next_identifier_match(expected: str, prediction: str, language: str) -> float | None:
    """100 if the first lexeme of both texts is the same word, else 0.

    `None` where the expected text does not begin with a word. The paper's cases stand right after a dot and so always
    do; a keyword counts, because after a dot it is a member's name (`promise.catch`).
    """
    truth = lexemes(expected.strip(), language)
    if not truth or not truth[0].is_word:
        return None
    guess = lexemes(prediction.strip(), language)
    return 100.0 * (bool(guess) and guess[0].text == truth[0].text)


def identifier_sequence_match(expected: str, prediction: str, language: str) -> float | None:
    """How much of the expected sequence of identifiers the prediction gets right before its first wrong one.

    `None` where nothing that is expected is an identifier.
    """
    truth, guess = (
        [lexeme.text for lexeme in lexemes(text.strip(), language) if lexeme.is_identifier]
        for text in (expected, prediction)
    )
    return 100.0 * _agreeing(truth, guess) / len(truth) if truth else None


def prefix_match(expected: str, prediction: str, language: str) -> float:
    """How many of the expected lexemes the prediction gets right before its first wrong one.

    100 means that the prediction begins with all that is expected; it may go on after that.
    """
    truth, guess = ([lexeme.text for lexeme in lexemes(text.strip(), language)] for text in (expected, prediction))
    return 100.0 * _agreeing(truth, guess) / len(truth) if truth else 0.0


def _agreeing(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
