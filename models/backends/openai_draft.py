"""The text of one candidate, as it comes in pieces from a server."""

from collections.abc import Sequence

from models.backends.openai_requests import Piece
from models.decoding.generation import Candidate, FinishReason


class Draft:
    """Grows, and can be cut back. What the server writes again from before the cursor is not part of it."""

    def __init__(self, back: str = "") -> None:
        """`back` is what the server writes again first."""
        self.text = ""
        self.ended: FinishReason | None = None
        self._marks: list[tuple[int, Sequence[float]]] = []
        """Where in the text each piece begins, and the log-probabilities of its tokens."""
        self._expected = back

    @property
    def tokens(self) -> int:
        """How many tokens were received for the text, as far as the server lets it be known."""
        return sum(max(len(logprobs), 1) for _, logprobs in self._marks)

    @property
    def waits(self) -> bool:
        """Whether the server has not yet written again all that it was to write again."""
        return bool(self._expected)

    def expect(self, back: str) -> None:
        """The next pieces begin with `back`, which stands already."""
        self._expected = back
        self.ended = None

    def take(self, piece: Piece) -> bool:
        """Take up a piece; `False` if it does not begin with what was expected."""
        new = piece.text
        if self._expected:
            shared = min(len(new), len(self._expected))
            if new[:shared] != self._expected[:shared]:
                return False
            new, self._expected = new[shared:], self._expected[shared:]
            if not new:
                return True
        if new or piece.logprobs:
            self._marks.append((len(self.text), piece.logprobs))
            self.text += new
        return True

    def cut(self, length: int) -> None:
        self.text = self.text[:length]
        self._marks = [mark for mark in self._marks if mark[0] < length]

    def close(self, length: int, reason: FinishReason) -> None:
        """End after the first `length` characters."""
        self.cut(length)
        self.ended = reason

    def copy(self) -> "Draft":
        copied = Draft()
        copied.text, copied.ended, copied._marks = self.text, self.ended, list(self._marks)
        return copied

    def candidate(self) -> Candidate:
        logprobs = tuple(value for _, values in self._marks for value in values)
        return Candidate(self.text, (), logprobs, self.ended or "time")
