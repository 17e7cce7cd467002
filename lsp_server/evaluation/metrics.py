"""The metrics themselves: pure functions of two texts, in percent (0 to 100).

Every function strips white space from both ends first, as the Code4Me study does (Izadi et al., *Language Models for
Code Completion: A Practical Evaluation*, ICSE 2024; `offline/evaluate.py` of its replication package). An empty
prediction scores 0 everywhere. Exact match and edit similarity give the study's figures on the study's predictions;
BLEU-4, METEOR and ROUGE-L use the same formulas on `tokens.words` instead of the tokenizer of InCoder, so they compare
with each other, not with the paper.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise, takewhile
from math import exp, fsum, log
from typing import TYPE_CHECKING

from lsp_server.evaluation.tokens import lexemes, words

if TYPE_CHECKING:
    from nltk.stem.porter import PorterStemmer

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
    """Sentence BLEU up to 4-grams on `tokens.words`: what nltk's `sentence_bleu` gives with smoothing method 2, but
    several times faster.

    Method 2 (Lin and Och, 2004) adds one to both counts of the 2- to 4-grams. nltk counts at least one n-gram even in a
    text too short to hold any, so that an exact match of one, two or three words gets 59.5, 70.7 or 84.1, not 100.
    """
    reference, hypothesis = words(expected), words(prediction)
    right = _found(hypothesis, reference)
    if not right:
        return 0.0
    logs = [log(right / len(hypothesis))]
    for n in (2, 3, 4):
        # where no n-gram is right, no longer one is
        right = right and _found(_ngrams(hypothesis, n), _ngrams(reference, n))
        logs.append(log((right + 1) / (max(1, len(hypothesis) - n + 1) + 1)))
    too_short = min(0.0, 1 - len(reference) / len(hypothesis))
    return 100.0 * exp(too_short) * exp(fsum(logs) / 4)


def _ngrams(tokens: Sequence[str], n: int) -> Iterable[tuple[str, ...]]:
    return zip(*(tokens[i:] for i in range(n)), strict=False)


def _found(guesses: Iterable[object], truth: Iterable[object]) -> int:
    """How many of the guesses are in the truth, each of which can be found once."""
    left: dict[object, int] = {}
    for item in truth:
        left[item] = left.get(item, 0) + 1
    found = 0
    for guess in guesses:
        if count := left.get(guess, 0):
            left[guess] = count - 1
            found += 1
    return found


def meteor(expected: str, prediction: str) -> float:
    """METEOR (alpha 0.9, beta 3, gamma 0.5) on `tokens.words`: what nltk's `single_meteor_score` gives without WordNet,
    but several times faster.

    Words match when equal in lower case or of one Porter stem. The study also lets WordNet synonyms match; we do not.
    An exact match of n words gets 100 * (1 - 0.5 / n^3): 50 for a single word.
    """
    reference = [(place, word.lower()) for place, word in enumerate(words(expected))]
    hypothesis = [(place, word.lower()) for place, word in enumerate(words(prediction))]
    if not reference or not hypothesis:
        return 0.0
    lengths = len(reference), len(hypothesis)
    pairs, hypothesis, reference = _paired(hypothesis, reference)
    if hypothesis and reference:
        stemmed = ([(place, _stem(word)) for place, word in side] for side in (hypothesis, reference))
        pairs += _paired(*stemmed)[0]
    if not pairs:
        return 0.0
    pairs.sort()
    recall, precision = len(pairs) / lengths[0], len(pairs) / lengths[1]
    harmonic = precision * recall / (_ALPHA * precision + (1 - _ALPHA) * recall)
    chunks = 1 + sum(after != (i + 1, j + 1) for (i, j), after in pairwise(pairs))
    return 100.0 * harmonic * (1 - _GAMMA * (chunks / len(pairs)) ** _BETA)


_ALPHA, _BETA, _GAMMA = 0.9, 3.0, 0.5
_Placed = list[tuple[int, str]]


def _paired(hypothesis: _Placed, reference: _Placed) -> tuple[list[tuple[int, int]], _Placed, _Placed]:
    """Equal words paired from the end backwards, each with the last one that is free, and what is left of both."""
    places: dict[str, list[int]] = {}
    for place, word in reference:
        places.setdefault(word, []).append(place)
    pairs = [(place, free.pop()) for place, word in reversed(hypothesis) if (free := places.get(word))]
    taken_here, taken_there = {i for i, _ in pairs}, {j for _, j in pairs}
    return (
        pairs,
        [item for item in hypothesis if item[0] not in taken_here],
        [item for item in reference if item[0] not in taken_there],
    )


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return _stemmer().stem(word)


@cache
def _stemmer() -> "PorterStemmer":
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


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
