"""Guessing the next tokens, so that one forward pass can confirm several.

Prompt lookup (Saxena, *Prompt Lookup Decoding*, 2023): code repeats itself, so what followed the last few tokens when
they last stood there is a fair guess. So is the rest of the likeliest of some names between which a constraint leaves
the choice. A wrong guess costs time and never changes what is written.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from models.decoding.writing import decode_whole
from models.tokenization.tokenizer import Tokenizer

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
SHARES = (0.0, 0.4, 0.8)
"""From which share of all that may follow on the likeliest name is a guess of the first, second or third kind."""
ACCEPTANCE = (0.0, 0.2, 0.5, 0.65, 0.72, 0.78, 0.83, 0.85, 0.92, 0.5, 0.7, 0.82)
"""How often a drafted token is right at first: by the number of tokens that matched before it, between what was
measured on real code and on what the default model writes after it; then by the share that the name has."""
MEMORY = 64
"""Acceptance is learnt as an average over about so many drafted tokens."""


class DraftPolicy:
    """How long a draft pays, from how often drafts like it were right. Shared by all requests of a generator."""

    def __init__(self, extra_token_cost: float = EXTRA_TOKEN_COST) -> None:
        self._cost = extra_token_cost
        self._acceptance = list(ACCEPTANCE)

    def acceptance(self, kind: int) -> float:
        """How often a token is right that was drafted after a match of `kind` tokens, or for a name of such a kind."""
        return self._acceptance[kind]

    def length(self, kind: int, held: int = 0) -> int:
        """How many tokens to draft where `held` stand before; 0 where it would not pay.

        The k-th drafted token is right with probability p^k, and is worth its cost while that is greater.
        """
        probability = self._acceptance[kind]
        cost = min(self._cost + ATTENTION_COST * held, DEAREST)
        if probability <= cost:
            return 0
        return min(int(log(cost) / log(min(probability, 0.95))), LONGEST_DRAFT)

    def learn(self, kind: int, drafted: int, accepted: int) -> None:
        """After a draft: `accepted` of its tokens were right, and then one was wrong if any was left."""
        for right in [1.0] * accepted + [0.0] * (accepted < drafted):
            self._acceptance[kind] += (right - self._acceptance[kind]) / MEMORY
        # A length that is never tried would never be learnt again. Where much is held it is not tried: each try would
        # cost there most of a pass.
        self._acceptance[kind] = max(self._acceptance[kind], min(ACCEPTANCE[kind], self._cost * 1.01))


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


def kind_of_name(share: float) -> int:
    """The kind of guess that a name is with such a share of all that may follow."""
    return LONGEST_MATCH + bisect_right(SHARES, share)


@dataclass(frozen=True)
class Expected:
    """Text that is expected next, beside what a search may find."""

    forced: bytes = b""
    """What a constraint leaves no choice about."""
    name: bytes = b""
    """Else the rest of the likeliest name, where one is begun."""
    share: float = 0.0
    """Of all that may follow, as far as it is known, so much is that name."""


NOTHING = Expected()


@dataclass(frozen=True)
class _Draft:
    place: int = 0
    """Index of the token that the first drafted one would be."""
    tokens: Sequence[int] = ()
    forced: int = 0
    """How many of them a constraint forced."""
    kind: int = 0
    """Of the guess: length of the match it came from, or the kind of name; 0 if all is forced."""


class Drafter:
    """Drafts for one request, and what became of them."""

    def __init__(self, lookup: PromptLookup, policy: DraftPolicy | None, tokenizer: Tokenizer) -> None:
        """Without a `policy` nothing is guessed; what is forced is drafted nevertheless."""
        self._lookup = lookup
        self._policy = policy
        self._tokenizer = tokenizer
        self._draft = _Draft()
        self.guessed = 0
        """Tokens that were guessed."""
        self.right = 0
        """How many of those were right."""
        self.forced = 0
        """Tokens that a constraint forced."""

    def propose(self, written: Sequence[int], expected: Expected, room: int) -> Sequence[int]:
        """At most `room` tokens that may follow `written`: what is forced, a guess, or both."""
        self.settle(written)
        draft = self._guess(self._policy, written, expected, room) if self._policy is not None else None
        if draft is None:
            tokens = self._spell(expected.forced)[:room]
            draft = _Draft(len(written), tokens, len(tokens))
        self._draft = draft
        return draft.tokens

    def _guess(self, policy: DraftPolicy, written: Sequence[int], expected: Expected, room: int) -> _Draft | None:
        """What is forced as the text spells it, and a guess after it; `None` where the text does not hold it."""
        kind, found = self._lookup.find(written)
        following: Sequence[int] = found[: LONGEST_DRAFT + len(expected.forced)].tolist()
        forced = self._beginning(following, expected.forced)
        if forced is None:
            return None
        if expected.name and policy.acceptance(kind_of_name(expected.share)) > policy.acceptance(kind):
            kind = kind_of_name(expected.share)
            if self._beginning(following, expected.name) is None:
                following = self._spell(expected.name)
        place = len(written)
        length = min(forced + policy.length(kind, self._lookup.start + place), room)
        return _Draft(place, following[:length], min(forced, room), kind)

    def _beginning(self, tokens: Sequence[int], text: bytes) -> int | None:
        """How many of the tokens spell `text`, the last one perhaps more than that; `None` where they do not."""
        spelled = b""
        for count, token in enumerate(tokens):
            if len(spelled) >= len(text):
                return count
            spelled += self._tokenizer.token_bytes(token)
            if not (spelled.startswith(text) or text.startswith(spelled)):
                return None
        return len(tokens) if len(spelled) >= len(text) else None

    def _spell(self, text: bytes) -> Sequence[int]:
        return self._tokenizer.encode(decode_whole(text)[0]).tolist() if text else ()

    def shorten(self, length: int) -> Sequence[int]:
        """Make the last proposal shorter."""
        self._draft = replace(self._draft, tokens=self._draft.tokens[:length])
        return self._draft.tokens

    def settle(self, written: Sequence[int]) -> None:
        """See what became of the last draft."""
        draft, self._draft = self._draft, _Draft()
        decided = written[draft.place : draft.place + len(draft.tokens)]
        right = shared_length(draft.tokens, decided)
        self.forced += min(right, draft.forced)
        drafted, right, decided = len(draft.tokens) - draft.forced, right - draft.forced, decided[draft.forced :]
        if drafted <= 0 or right < 0:
            return
        self.guessed += drafted
        self.right += right
        if self._policy is not None and (right < len(decided) or right == drafted):
            self._policy.learn(draft.kind, drafted, right)


def shared_length(a: Sequence[int], b: Sequence[int]) -> int:
    """How many elements two lists have in common from the start."""
    if a[: len(b)] == b:
        return len(b)
    return next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
