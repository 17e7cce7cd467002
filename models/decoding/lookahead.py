"""Logits for what is written, with as few forward passes as there can be.

A pass over a token can take drafted tokens along; the logits after each of them wait here until the writing either gets
there, or goes another way and makes the session cut back. So drafts, rollbacks and branches all are the same: ask for
the logits after some tokens, and only what the session does not hold is computed.
"""

from collections.abc import Callable, Sequence

from models.backends.session import Logits, Session, TokenIds
from models.decoding.cancellation import Cancellation
from models.decoding.drafts import shared_length
from models.decoding.sampling import Row

Draft = Callable[[int], Sequence[int]]
"""At most so many tokens that may come next."""


class Lookahead:
    """A session, and the logits it computed last."""

    def __init__(
        self, session: Session, prompt: TokenIds, origin: int, rows: Logits, cancellation: Cancellation
    ) -> None:
        """`session` holds `prompt`; writing begins after its first `origin` tokens (at least one), and `rows` are the
        logits after each token from the one before `origin` on, shape (len(prompt) - origin + 1, vocabulary)."""
        self._session = session
        self._before: int = int(prompt[origin - 1])
        self._origin = origin
        self._held: list[int] = prompt[origin:].tolist()
        self._base = 0
        self._rows = rows
        self._cancellation = cancellation
        self.passes = 0

    def room(self, written: int) -> int:
        """How many tokens fit the session after `written` ones."""
        return self._session.capacity - self._origin - written

    def logits(self, written: Sequence[int], draft: Draft) -> Row:
        """The logits after `written`; valid until the next call.

        Makes a forward pass if need be, and then takes the draft along. Raises `Cancelled` and `OutOfTime` before it.
        """
        count = len(written)
        if self._base <= count <= self._base + len(self._rows) - 1 and self._held[:count] == written:
            return self._rows[count - self._base]
        self._cancellation.raise_if_cancelled()

        # 1. what the session keeps: all it shares with `written`, but for the last token, whose logits are wanted
        kept = min(shared_length(self._held, written), count - 1)
        # 2. what it is fed: the rest and the draft
        drafted = list(draft(self.room(count)))
        if count == 0:
            self._session.truncate(self._origin - 1)
            feed = [self._before, *drafted]
        else:
            self._session.truncate(self._origin + kept)
            feed = [*written[kept:], *drafted]
        self._rows = self._session.extend(feed, len(drafted) + 1)
        self._held = [*written, *drafted]
        self._base = count
        self.passes += 1
        return self._rows[0]
