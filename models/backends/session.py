"""What every back end gives the decoder: tokens in, logits out, and a memory that can be cut back.

This module knows nothing about text, prompts or sampling. A *session* is a KV cache together with the tokens that
filled it. Its cost contract is what makes a keystroke cheap: `extend` costs what the new tokens cost, `truncate` costs
nothing.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.decoding.cancellation import NEVER, Cancellation

Logits = NDArray[np.float32]
TokenIds = NDArray[np.int64]

PREFILL_CHUNK = 128
"""Tokens per forward pass while a prompt is read: small enough to be cancelled soon, large enough for full speed."""


class Session(Protocol):
    """A KV cache and the tokens in it. Not thread-safe: one decode at a time."""

    @property
    def tokens(self) -> TokenIds:
        """The tokens in the cache, shape (length,). A view: copy it to keep it."""
        ...

    @property
    def capacity(self) -> int:
        """How many tokens the cache can hold at most."""
        ...

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        """Run the model over `tokens` (at least one) after those already held, in one forward pass.

        Returns the logits after each of the `last` last tokens, shape (last, vocabulary); `1 <= last <= len(tokens)`.
        The array may be overwritten by the next call: copy it to keep it.
        Raises `ModelError` when the tokens do not fit the capacity; the session is then unchanged.
        """
        ...

    def truncate(self, length: int) -> None:
        """Forget everything after the first `length` tokens. Costs nothing. `0 <= length <= len(tokens)`."""
        ...


def shared_prefix_length(a: TokenIds, b: TokenIds) -> int:
    """How many tokens two sequences have in common from the start."""
    n = min(len(a), len(b))
    different = np.flatnonzero(a[:n] != b[:n])
    return int(different[0]) if len(different) else n


def read(session: Session, tokens: TokenIds, cancellation: Cancellation = NEVER, last: int = 1) -> int:
    """Bring `session` to hold all of `tokens` but what one more pass can read: the `last` last ones at least.

    Returns how many it held before; `1 <= last <= len(tokens)`. Raises `Cancelled` between chunks; what was read until
    then stays in the session, so that the next attempt goes on from there.
    """
    reused = min(shared_prefix_length(session.tokens, tokens), len(tokens) - last)
    session.truncate(reused)
    start = reused
    while True:
        cancellation.raise_if_cancelled()
        end = start + PREFILL_CHUNK
        if end > len(tokens) - last:  # the last chunk takes all that is asked about, even if it is a little longer
            return reused
        session.extend(tokens[start:end])
        start = end


def prefill(
    session: Session, tokens: TokenIds, cancellation: Cancellation = NEVER, last: int = 1
) -> tuple[Logits, int]:
    """Bring `session` to hold exactly `tokens` (at least one), reusing the longest shared prefix.

    Returns the logits after each of the `last` last tokens, shape (last, vocabulary), and how many tokens were reused;
    see `read`.
    """
    reused = read(session, tokens, cancellation, last)
    return session.extend(tokens[len(session.tokens) :], last), reused
