"""Logits for what is written, with as few forward passes as there can be.

A pass over a token can take drafted tokens along; the logits after each of them wait here until the writing either gets
there, or goes another way and makes the session cut back. So drafts, rollbacks and branches all are the same: ask for
the logits after some tokens, and only what the session does not hold is computed.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

from models.backends.session import Logits, Session, TokenIds
from models.decoding.cancellation import Cancellation
from models.decoding.drafts import shared_length
from models.decoding.sampling import Row

Draft = Callable[[int], Sequence[int]]
"""At most so many tokens that may come next."""


class Lookahead:
    """A session, and the logits it computed last."""

    def __init__(self, session: Session, prompt: TokenIds, cancellation: Cancellation) -> None:
        """Writing begins after `prompt` (at least one token). `session` holds a beginning of it; the first pass reads
        what is left, so that nothing but a draft stands between a short rest and the first words after it."""
        self._session = session
        self._prompt = prompt
        self._held: list[int] = []
        self._base = 0
        self._rows: Sequence[Row] | Logits = ()
        self._cancellation = cancellation
        self.passes = 0
        """Those after the first."""
        self.reading_ms = 0.0
        """What the first pass took."""

    @property
    def unread(self) -> int:
        """Tokens of the prompt that the next pass has to read; 0 when it was read."""
        return 0 if len(self._rows) else len(self._prompt) - len(self._session.tokens)

    def room(self, written: int) -> int:
        """How many tokens fit the session after `written` ones."""
        return self._session.capacity - len(self._prompt) - written

    def logits(self, written: Sequence[int], draft: Draft) -> Row:
        """The logits after `written`; valid until the next call.

        Makes a forward pass if need be, and then takes the draft along. Raises `Cancelled` and `OutOfTime` before it.
        """
        count, origin = len(written), len(self._prompt)
        if self._base <= count < self._base + len(self._rows) and self._held[:count] == written:
            return self._rows[count - self._base]
        self._cancellation.raise_if_cancelled()

        # 1. what the session keeps: all it shares with `written`, but for the last token, whose logits are wanted
        kept = max(min(shared_length(self._held, written), count - 1), 0)
        self._session.truncate(min(len(self._session.tokens), origin + kept if count else origin - 1))
        # 2. what it is fed: the rest and the draft
        drafted = list(draft(self.room(count)))
        feed = [*self._prompt[len(self._session.tokens) :].tolist(), *written[kept:], *drafted]
        start, first = perf_counter(), not len(self._rows)
        self._rows = self._session.extend(feed, len(drafted) + 1)
        self._held = [*written, *drafted]
        self._base = count
        if first:
            self.reading_ms = (perf_counter() - start) * 1000
        else:
            self.passes += 1
        return self._rows[0]
