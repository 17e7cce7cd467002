"""A few sessions, so that going back and forth between files does not read a prompt anew each time."""

from models.backends.model import LanguageModel
from models.backends.session import Session, TokenIds, shared_prefix_length

WORTH_KEEPING = 0.25
"""A session is taken for what it shares with a prompt if that is at least this part of either."""
LITTLE = 16
"""Or if no more tokens than this are then left to read."""


class SessionPool:
    """Sessions of one model, at most `size`; memory is bounded by theirs. Not thread-safe: one decode at a time."""

    def __init__(self, model: LanguageModel, size: int = 2) -> None:
        self._model = model
        self._size = max(size, 1)
        self._sessions: list[Session] = []
        """The one used last comes last."""

    def held(self, tokens: TokenIds) -> int:
        """How many of the first of `tokens` some session has read."""
        return max((shared_prefix_length(session.tokens, tokens) for session in self._sessions), default=0)

    def acquire(self, tokens: TokenIds) -> Session:
        """The session that shares the longest prefix with `tokens`.

        If none shares much (sentinels and a path do not count) or would lose much more than it saves, a new one, or the
        one that was not used for longest.
        Raises `ModelError` when there is no memory for a session.
        """
        shared = [shared_prefix_length(session.tokens, tokens) for session in self._sessions]
        best = max(range(len(shared)), key=lambda index: shared[index], default=-1)
        if best >= 0 and self._is_worth(shared[best], len(self._sessions[best].tokens), len(tokens)):
            session = self._sessions.pop(best)
        elif len(self._sessions) < self._size:
            session = self._model.new_session()
        else:
            session = self._sessions.pop(0)
        self._sessions.append(session)
        return session

    @staticmethod
    def _is_worth(shared: int, held: int, wanted: int) -> bool:
        return shared > 0 and (wanted - shared <= LITTLE or shared >= WORTH_KEEPING * max(held, wanted))

    def clear(self) -> None:
        """Forget all sessions."""
        self._sessions.clear()
