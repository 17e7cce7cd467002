"""Guessing the next tokens, so that one forward pass can confirm several.

Prompt lookup (Saxena, *Prompt Lookup Decoding*, 2023): code repeats itself, so what followed the last few tokens when
they last stood there is a fair guess. So is the rest of the likeliest of some names between which a constraint leaves
the choice. A wrong guess costs time and never changes what is written.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.decoding.masks.mask import Likely
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
ACCEPTANCE = (
    *(0.0, 0.2, 0.42, 0.58, 0.58, 0.68, 0.75, 0.8, 0.87),
    *(0.0, 0.15, 0.3, 0.35, 0.5, 0.5, 0.8, 0.85, 0.9),
    *(0.5, 0.7, 0.82),
    *(0.6, 0.65, 0.85),
)
"""How often a drafted token is right at first, measured on real code and what the default model writes after it. By the
number of tokens that matched before it, within a text and where one begins, which is mostly where the last word told
little; then by the share that the name has, where some of it was said, and where nothing was."""
MEMORY = 64
"""Acceptance is learnt as an average over about so many drafted tokens."""


class DraftPolicy:
    """How long a draft pays, from how often drafts like it were right. Shared by all requests of a generator."""

    def __init__(self, extra_token_cost: float = EXTRA_TOKEN_COST) -> None:
        self._cost = extra_token_cost
        self._acceptance = list(ACCEPTANCE)

    def acceptance(self, kind: int) -> float:
        """How often a token is right that was drafted by such a guess; see `kind_of_match` and `kind_of_name`."""
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


def kind_of_match(length: int, *, begins: bool = False) -> int:
    """The kind of guess that is found after so many tokens that match; `begins`: for the first words of a text."""
    return length + (LONGEST_MATCH + 1 if begins else 0)


def kind_of_name(share: float, *, is_begun: bool = True) -> int:
    """The kind of guess that a name is with such a share of all that may follow."""
    return 2 * LONGEST_MATCH + 1 + bisect_right(SHARES, share) + (0 if is_begun else len(SHARES))


class Expected(NamedTuple):
    """Text that is expected next, beside what a search may find."""

    forced: bytes = b""
    """What a constraint leaves no choice about."""
    likely: Likely = Likely()
    """Else the likeliest name."""


NOTHING = Expected()


@dataclass(frozen=True)
class _Draft:
    place: int = 0
    """Index of the token that the first drafted one would be."""
    tokens: Sequence[int] = ()
    given: int = 0
    """So many of them only repeat what healing took back."""
    forced: int = 0
    """How many of the others a constraint forced."""
    kind: int = 0
    """Of the guess, see `kind_of_match` and `kind_of_name`; 0 if all is forced."""


class Drafter:
    """Drafts for one request, and what became of them."""

    def __init__(
        self,
        lookup: PromptLookup,
        policy: DraftPolicy | None,
        tokenizer: Tokenizer,
        taken_back: Sequence[int] = (),
    ) -> None:
        """Without a `policy` nothing is guessed; what is forced is drafted nevertheless.

        `taken_back` are the tokens that healing took back: most often the text begins with them again.
        """
        self._lookup = lookup
        self._policy = policy
        self._tokenizer = tokenizer
        self._taken_back = taken_back
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
        self._draft = self._after(written, expected, room)
        return self._draft.tokens

    def begin(self, required: bytes, expected: Expected, room: int) -> Sequence[int]:
        """At most `room` tokens that the text may begin with: what is `required`, as healing took it back, and what
        `propose` proposes after it. The two may share a token.
        """
        self.settle(())
        draft = self._after(self._taken_back, expected, room, begins=True)
        tokens = self._taken_back
        if draft.tokens:
            tokens = self._spell(required + b"".join(map(self._tokenizer.token_bytes, draft.tokens)))
        self._draft = replace(draft, place=0, tokens=tokens[:room], given=max(len(tokens) - len(draft.tokens), 0))
        return self._draft.tokens

    def _after(self, written: Sequence[int], expected: Expected, room: int, *, begins: bool = False) -> _Draft:
        draft = None
        if self._policy is not None:
            draft = self._guess(self._policy, written, expected, room, begins=begins)
        if draft is None:
            tokens = self._spell(expected.forced)[:room]
            draft = _Draft(len(written), tokens, forced=len(tokens))
        return draft

    def _guess(
        self, policy: DraftPolicy, written: Sequence[int], expected: Expected, room: int, *, begins: bool
    ) -> _Draft | None:
        """What is forced as the text spells it, and a guess after it; `None` where the text does not hold it."""
        matched, found = self._lookup.find(written)
        kind = kind_of_match(matched, begins=begins)
        following: Sequence[int] = found[: LONGEST_DRAFT + len(expected.forced)].tolist()
        forced = self._beginning(following, expected.forced)
        if forced is None:
            return None
        name, share, is_begun = expected.likely
        named = kind_of_name(share, is_begun=is_begun)
        if name and policy.acceptance(named) > policy.acceptance(kind):
            kind = named
            if self._beginning(following, name) is None:
                following = self._spell(name)
        place = len(written)
        length = min(forced + policy.length(kind, self._lookup.start + place), room)
        return _Draft(place, following[:length], forced=min(forced, room), kind=kind)

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
        sure = draft.given + draft.forced
        self.forced += max(min(right, sure) - draft.given, 0)
        drafted, right, decided = len(draft.tokens) - sure, right - sure, decided[sure:]
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
