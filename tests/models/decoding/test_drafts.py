"""Guesses from the text at hand, against a plain search."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.decoding.drafts import (
    ACCEPTANCE,
    LONGEST_DRAFT,
    LONGEST_MATCH,
    NOTHING,
    Drafter,
    DraftPolicy,
    Expected,
    PromptLookup,
    kind_of_match,
    kind_of_name,
)
from models.decoding.masks.mask import Likely
from models.tokenization import Tokenizer

tokens = st.lists(st.integers(0, 3), max_size=30)


@given(tokens, tokens, tokens)
def test_the_longest_recent_match(other: list[int], prompt: list[int], written: list[int]) -> None:
    texts = [np.array(other, dtype=np.int64), np.array(prompt, dtype=np.int64)]
    lookup = PromptLookup(texts, room=len(written))
    matched, following = lookup.find(written)
    known = other + prompt + written

    def length(place: int) -> int:
        return next((k for k in range(LONGEST_MATCH) if k > place or known[place - k] != known[-1 - k]), LONGEST_MATCH)

    best = max(((length(place), place) for place in range(len(known) - 1)), default=(0, -1))
    assert matched == best[0]
    assert following.tolist() == (known[best[1] + 1 :] if matched else [])


def test_a_policy_drafts_what_pays_and_learns() -> None:
    policy = DraftPolicy()
    lengths = [policy.length(matched) for matched in range(LONGEST_MATCH + 1)]
    assert lengths[0] == 0
    assert lengths == sorted(lengths)
    assert 1 < lengths[-1] <= LONGEST_DRAFT
    for _ in range(300):
        policy.learn(8, 4, 0)
    assert policy.length(8) <= 1
    for _ in range(300):
        policy.learn(8, 4, 4)
    assert policy.length(8) == LONGEST_DRAFT
    assert policy.length(4) > policy.length(4, held=6000), "attention makes every token of a pass dearer"
    assert DraftPolicy(extra_token_cost=0.01).length(2) > DraftPolicy(extra_token_cost=0.3).length(2)


def test_what_did_not_pay_is_tried_again_where_it_might() -> None:
    policy = DraftPolicy()
    for _ in range(300):
        policy.learn(4, 4, 0)
    assert policy.length(4) > 0, "a length that is never tried would never be learnt again"
    assert policy.length(4, held=2000) == policy.length(4, held=6000) == 0, "a try would cost most of a pass there"


def test_kinds_of_names() -> None:
    kinds = [kind_of_name(share) for share in (0.0, 0.39, 0.4, 0.79, 0.8, 1.0)]
    assert kinds == sorted(kinds)
    unsaid = [kind_of_name(share, is_begun=False) for share in (0.0, 0.4, 0.8)]
    matches = [kind_of_match(length, begins=begins) for begins in (False, True) for length in range(LONGEST_MATCH + 1)]
    assert sorted({*kinds, *unsaid, *matches}) == list(range(len(ACCEPTANCE)))
    assert len(matches) + len(unsaid) + 3 == len(ACCEPTANCE), "no two are the same"


@dataclass
class Case:
    """A drafter over a prompt of single letters and what it drafts."""

    tokenizer: Tokenizer
    policy: DraftPolicy | None = field(default_factory=DraftPolicy)

    def drafter(self, prompt: str) -> Drafter:
        return Drafter(PromptLookup([self.tokens(prompt)], room=20), self.policy, self.tokenizer)

    def tokens(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([self.tokenizer.vocabulary.spelled.index(letter.encode()) for letter in text], dtype=np.int64)

    def drafted(self, prompt: str, written: str, expected: Expected = NOTHING, room: int = 9) -> str:
        tokens = self.drafter(prompt).propose(self.tokens(written).tolist(), expected, room)
        return b"".join(map(self.tokenizer.token_bytes, tokens)).decode()


def test_the_likeliest_name_is_a_guess_too(tokenizer: Tokenizer) -> None:
    case = Case(tokenizer)
    assert case.drafted("abc", "x", Expected(likely=Likely(b"yz", 0.9))) == "yz"
    assert case.drafted("abc", "x", Expected(forced=b"w")) == "w"
    assert case.drafted("abc", "x") == ""
    assert case.drafted("abc", "x", Expected(likely=Likely(b"yz", 0.9)), room=0) == ""
    # A long match is right more often than a name that is one of many, and knows what comes after it.
    prompt, written = "rstuvwxy;;;rstu", "vw"
    assert case.drafted(prompt, written, Expected(likely=Likely(b"z", 0.1))).startswith("xy;")
    assert case.drafted(prompt, written, Expected(likely=Likely(b"xy", 0.9))).startswith("xy;")
    assert case.drafted("ab", "a", Expected(likely=Likely(b"z", 0.9))) == "z"


def test_what_is_forced_is_spelled_as_the_text_spells_it(tokenizer: Tokenizer) -> None:
    """And what came after it there is guessed along."""
    case = Case(tokenizer)
    whole = tokenizer.encode("value").tolist()
    assert len(whole) < len("value")
    prompt = "tuvalue=1;tu"
    assert case.drafted(prompt, "", Expected(forced=b"val")).startswith("valu")
    drafter = case.drafter(prompt)
    drafted = drafter.propose([], Expected(forced=b"value"), 20)
    assert list(drafted[:5]) == case.tokens("value").tolist()
    drafter.settle(case.tokens("value=x").tolist())
    assert (drafter.forced, drafter.right) == (5, min(len(drafted), 6) - 5)
    assert case.drafted(prompt, "", Expected(forced=b"other")) == "other"
    assert (
        Case(tokenizer, policy=None).drafted(prompt, "", Expected(forced=b"value", likely=Likely(b"x", 0.9))) == "value"
    )
    assert Case(tokenizer, policy=None).drafted(prompt, "", Expected(likely=Likely(b"x", 0.9))) == ""


def test_a_text_begins_with_what_healing_took_back_and_a_guess(tokenizer: Tokenizer) -> None:
    case = Case(tokenizer)

    def begun(taken_back: str, prompt: str, expected: Expected) -> tuple[Drafter, Sequence[int]]:
        lookup = PromptLookup([case.tokens(prompt)], room=20)
        drafter = Drafter(lookup, case.policy, tokenizer, case.tokens(taken_back).tolist())
        return drafter, drafter.begin(taken_back.encode(), expected, 20)

    name = Expected(likely=Likely(b"lue", 0.9, is_begun=False))
    drafter, tokens = begun("va", "abc", name)
    assert tokens == tokenizer.encode("value").tolist(), "what is half typed is spelled anew with the name"
    drafter.settle(list(tokens))
    assert drafter.guessed == drafter.right > 0
    assert drafter.forced == 0
    drafter, tokens = begun("va", "abc", Expected(forced=b"lue"))
    drafter.settle(list(tokens))
    assert (drafter.guessed, drafter.forced > 0) == (0, True)
    drafter, tokens = begun("va", "abc", NOTHING)
    assert tokens == case.tokens("va").tolist()
    drafter.settle(case.tokens("x").tolist())
    assert (drafter.guessed, drafter.forced) == (0, 0)
    _, tokens = begun("y", "rstuvwxyz=1;rstuvwx", NOTHING)
    assert b"".join(map(tokenizer.token_bytes, tokens)).startswith(b"yz=")


def test_what_became_of_names_is_learnt(tokenizer: Tokenizer) -> None:
    case = Case(tokenizer)
    assert case.policy is not None
    drafter = case.drafter("abc")
    before = case.policy.acceptance(kind_of_name(0.9))
    drafted = drafter.propose(case.tokens("x").tolist(), Expected(likely=Likely(b"yz", 0.9)), 9)
    drafter.settle(case.tokens("xq").tolist())
    assert case.policy.acceptance(kind_of_name(0.9)) < before
    assert (drafter.guessed, drafter.right, drafter.forced) == (len(drafted), 0, 0)
