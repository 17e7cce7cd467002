"""Guesses from the text at hand, against a plain search."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.decoding.drafts import LONGEST_DRAFT, LONGEST_MATCH, DraftPolicy, PromptLookup

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
    lengths = [policy.length(matched) for matched in range(LONGEST_MATCH + 2)]
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
