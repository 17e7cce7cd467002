"""What one candidate has written: tokens, their bytes, and the text that is whole.

Offsets are bytes from where writing began. That is before the cursor by what token healing took back: these bytes are
*required*, they must be written again before anything new.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One token."""

    token: int
    data: bytes
    end: int
    """Bytes written, this token included."""
    logprob: float
    runner_up: tuple[int, float] | None = None
    """The next best token and its log-probability."""


class Writing:
    """Tokens after a cursor; can be cut back."""

    def __init__(self, taken_back: bytes = b"", steps: Sequence[Step] = ()) -> None:
        self.cursor = len(taken_back)
        self.required = taken_back
        """What `data` begins with, or has to."""
        self.steps: list[Step] = []
        self.data = bytearray()
        for step in steps:
            self.push(step)

    @property
    def tokens(self) -> list[int]:
        return [step.token for step in self.steps]

    @property
    def pending(self) -> bytes:
        """What must be written next."""
        return self.required[len(self.data) :]

    @property
    def text(self) -> str:
        """What was written after the cursor, without a code point that is not whole."""
        return self.text_until(len(self.data))

    @property
    def certain_text(self) -> str:
        """`text` with what is required after it."""
        return decode_whole((self.data + self.pending)[self.cursor :])[0]

    @property
    def is_broken(self) -> bool:
        """Whether bytes were written that are no UTF-8 whatever follows. `text` ends before them."""
        return decode_whole(self.data[self.cursor :])[1]

    def text_until(self, end: int) -> str:
        """`text` up to the byte `end`."""
        return decode_whole(self.data[self.cursor : max(end, self.cursor)])[0]

    def offset(self, characters: int) -> int:
        """The byte at which the text's first `characters` code points end; the cursor if they are negative."""
        return self.cursor + len(self.text[: max(characters, 0)].encode())

    def copy(self) -> "Writing":
        """The same, to be changed independently."""
        other = Writing(self.required, self.steps)
        other.cursor = self.cursor
        return other

    def push(self, step: Step) -> None:
        self.steps.append(step)
        self.data += step.data

    def cut(self, steps: int) -> None:
        """Keep the first `steps` tokens."""
        del self.steps[steps:]
        del self.data[self.steps[-1].end if self.steps else 0 :]

    def require(self, end: int) -> None:
        """Make the bytes up to `end`, which are written or pending, stay or come again; those after it are free."""
        self.required = (bytes(self.data) + self.pending)[: max(end, self.cursor)]


def decode_whole(data: bytes | bytearray) -> tuple[str, bool]:
    """The whole code points that `data` starts with, and whether bytes follow that are no UTF-8 whatever comes next."""
    try:
        return codecs.utf_8_decode(data, "strict", False)[0], False
    except UnicodeDecodeError as error:
        return data[: error.start].decode(), True
