"""Guessing the next tokens from the text at hand, so that one forward pass can confirm several.

Prompt lookup (Saxena, *Prompt Lookup Decoding*, 2023): code repeats itself, so what followed the last few tokens when
they last stood there is a fair guess. A wrong guess costs time and never changes what is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

TokenIds = NDArray[np.int64]

LONGEST_MATCH = 8
LONGEST_DRAFT = 8
EXTRA_TOKEN_COST = 0.25
"""What one more token in a pass costs where nothing is held, as a part of a pass of one token (default model, CPU)."""
ATTENTION_COST = 0.075 / 1000
"""How much more of it for every token that is held: products with weights are shared by a pass's tokens, attention is
not. Measured: 0.28 where 500 tokens are held, 0.43 where 2000 are, 0.65 where 6000 are."""
DEAREST = 0.9
"""It is never taken to cost more: what is nearly sure to be right is worth a guess."""
ACCEPTANCE = (0.0, 0.2, 0.5, 0.65, 0.72, 0.78, 0.83, 0.85, 0.92)
"""How often a drafted token is right at first, by the number of tokens that matched before it. Between what was
measured on real code and on what the default model writes after it."""
MEMORY = 64
"""Acceptance is learnt as an average over about so many drafted tokens."""


class DraftPolicy:
    """How long a draft pays, from how often drafts like it were right. Shared by all requests of a generator."""

    def __init__(self, extra_token_cost: float = EXTRA_TOKEN_COST) -> None:
        self._cost = extra_token_cost
        self._acceptance = list(ACCEPTANCE)

    def length(self, matched: int, held: int = 0) -> int:
        """How many tokens to draft after a match of `matched` tokens, where `held` stand before; 0 where it would not
        pay.

        The k-th drafted token is right with probability p^k, and is worth its cost while that is greater.
        """
        probability = self._acceptance[min(matched, LONGEST_MATCH)]
        cost = min(self._cost + ATTENTION_COST * held, DEAREST)
        if probability <= cost:
            return 0
        return min(int(log(cost) / log(min(probability, 0.95))), LONGEST_DRAFT)

    def learn(self, matched: int, drafted: int, accepted: int) -> None:
        """After a draft: `accepted` of its tokens were right, and then one was wrong if any was left."""
        place = min(matched, LONGEST_MATCH)
        for right in [1.0] * accepted + [0.0] * (accepted < drafted):
            self._acceptance[place] += (right - self._acceptance[place]) / MEMORY
        # a length that is never tried would never be learnt again
        self._acceptance[place] = max(self._acceptance[place], min(ACCEPTANCE[place], self._cost * 1.01))


class PromptLookup:
    """Looks the last tokens up in everything that stood before them."""

    def __init__(self, texts: Sequence[TokenIds], room: int) -> None:
        """`texts`, the prompt last, is what is looked through; `room` how many tokens will be written after it."""
        known = np.concatenate(texts) if len(texts) > 1 else texts[0]
        self._tokens: TokenIds = np.empty(len(known) + room, dtype=np.int64)
        self._tokens[: len(known)] = known
        self.start = len(known)
        """How many tokens `texts` are."""

    def find(self, written: Sequence[int]) -> tuple[int, TokenIds]:
        """The longest recent match of the end of text and `written`: its length, and all tokens that followed it.

        The most recent of equally long ones; length 0 if there is none.
        """
        end = self.start + len(written)
        self._tokens[self.start : end] = written
        tokens = self._tokens[:end]
        if end < 2:
            return 0, tokens[:0]
        places = np.flatnonzero(tokens[:-1] == tokens[-1])
        matched = found = 0
        while len(places):
            found, matched = int(places[-1]), matched + 1
            if matched == LONGEST_MATCH:
                break
            places = places[places >= matched]
            places = places[tokens[places - matched] == tokens[end - 1 - matched]]
        return (matched, tokens[found + 1 :]) if matched else (0, tokens[:0])


@dataclass(frozen=True)
class _Draft:
    place: int
    """Index of the token that the first drafted one would be."""
    tokens: Sequence[int]
    matched: int
    """Length of the match it came from; 0 if a constraint forced it."""


class Drafter:
    """Drafts for one request, and what became of them."""

    def __init__(self, lookup: PromptLookup, policy: DraftPolicy | None) -> None:
        """Without a `policy` nothing is guessed; what is forced is drafted nevertheless."""
        self._lookup = lookup
        self._policy = policy
        self._draft = _Draft(0, (), 0)
        self.guessed = 0
        """Tokens that were guessed from the text."""
        self.right = 0
        """How many of those were right."""
        self.forced = 0
        """Tokens that a constraint forced."""

    def propose(self, written: Sequence[int], forced: Sequence[int], room: int) -> Sequence[int]:
        """At most `room` tokens that may follow `written`: what is `forced`, if anything, or a guess."""
        self.settle(written)
        if forced:
            self._draft = _Draft(len(written), forced[:room], 0)
        elif self._policy is not None:
            matched, following = self._lookup.find(written)
            length = min(self._policy.length(matched, self._lookup.start + len(written)), room)
            self._draft = _Draft(len(written), following[:length].tolist(), matched)
        return self._draft.tokens

    def shorten(self, length: int) -> Sequence[int]:
        """Make the last proposal shorter."""
        self._draft = _Draft(self._draft.place, self._draft.tokens[:length], self._draft.matched)
        return self._draft.tokens

    def settle(self, written: Sequence[int]) -> None:
        """See what became of the last draft."""
        draft, self._draft = self._draft, _Draft(0, (), 0)
        decided = written[draft.place : draft.place + len(draft.tokens)]
        right = shared_length(draft.tokens, decided)
        if not draft.matched:
            self.forced += right
            return
        self.guessed += len(draft.tokens)
        self.right += right
        if self._policy is not None and (right < len(decided) or right == len(draft.tokens)):
            self._policy.learn(draft.matched, len(draft.tokens), right)


def shared_length(a: Sequence[int], b: Sequence[int]) -> int:
    """How many elements two lists have in common from the start."""
    if a[: len(b)] == b:
        return len(b)
    return next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
