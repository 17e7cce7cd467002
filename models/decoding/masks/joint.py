"""Everything that restricts the next token: the bytes that are required next, and all constraints at once.

A token is permitted if its bytes agree with what is required, and what they say beyond the start of each constraint is
allowed by it. Tokens may reach over either boundary.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.mask import Likely, Mask, TokenIds
from models.decoding.masks.outlook import Familiar, none_familiar
from models.decoding.writing import Writing
from models.tokenization.vocabulary import Vocabulary


@dataclass
class _Part:
    constraint: Constraint
    mask: Mask
    start: int
    """Byte of the writing from which the mask speaks."""
    since: int
    """Index of the token that is the mask's first step. Every later token is one more."""
    steps: int
    """How many steps the mask has taken."""


class JointMask:
    """The intersection of constraints over one writing. A `Restriction`."""

    def __init__(
        self,
        writing: Writing,
        vocabulary: Vocabulary,
        control: frozenset[int],
        compiler: MaskCompiler,
        familiar: Familiar = none_familiar,
    ) -> None:
        """`familiar` tells which names the texts at hand hold."""
        self._writing = writing
        self._vocabulary = vocabulary
        self._control = np.array(sorted(control), dtype=np.int64)
        self._compiler = compiler
        self._familiar = familiar
        self._parts: list[_Part] = []

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return tuple(part.constraint for part in self._parts)

    @property
    def is_masked(self) -> bool:
        """Whether a constraint forbids anything here."""
        return any(not part.mask.satisfied for part in self._parts)

    @property
    def restricts(self) -> bool:
        return bool(self._writing.pending) or self.is_masked

    @property
    def accepts_end(self) -> bool:
        """Whether the text may end here."""
        return not self._writing.pending and all(part.mask.accepts_end for part in self._parts)

    def permits(self, token: int) -> bool:
        data = self._bytes(token)
        if not data:
            return self.accepts_end
        pending = self._writing.pending
        if not (pending.startswith(data) or data.startswith(pending)):
            return False
        return all(part.mask.allows(data[self._skip(part) :]) for part in self._parts)

    def worth(self, token: int) -> float:
        """What speaks for a permitted token beside the model: nats, summed over the constraints."""
        data = self._bytes(token)
        if not data:
            return sum(part.mask.worth_of_end for part in self._parts)
        return sum(part.mask.worth(data[self._skip(part) :]) for part in self._parts)

    @property
    def most_worth(self) -> float:
        """What no permitted token is worth more than."""
        return sum(part.mask.most_worth for part in self._parts)

    def allowed(self) -> TokenIds:
        """See `Restriction`. Where nothing is forbidden, those that are preferred."""
        pending = self._writing.pending
        unsaid = [part for part in self._parts if not part.mask.satisfied]
        binding = [part for part in unsaid if part.constraint.binding]
        if unsaid and not binding and not pending:
            return np.concatenate([part.mask.preferred(b"") for part in unsaid])
        both = self._set(self._beginning(pending)) if pending else np.ones(self._vocabulary.size, dtype=np.bool_)
        for part in binding:
            after = pending[: self._skip(part)]
            within = np.array(self._vocabulary.within(after), dtype=np.int64)
            both &= self._set(np.concatenate((within, part.mask.allowed(after))))
        if not pending:
            both[self._control] = self.accepts_end
        return np.flatnonzero(both)

    def compatible(self) -> TokenIds:
        """Tokens that agree with what is required next, whatever the constraints say."""
        return self._beginning(self._writing.pending)

    def forced(self) -> bytes:
        """What must be written next, where a constraint leaves no choice; empty if none does."""
        pending = self._writing.pending
        for part in self._parts:
            if forced := part.mask.forced():
                data = pending[: self._skip(part)] + forced
                if len(data) > len(pending) and all(p.mask.allows(data[self._skip(p) :]) for p in self._parts):
                    return data
        return b""

    def likely(self, after: bytes = b"") -> Likely:
        """The likeliest of some names after `after`, which must be all that is required next."""
        if self._writing.pending != after:
            return Likely()
        found = (part.mask.likely(after[self._skip(part) :]) for part in self._parts)
        return next((likely for likely in found if likely.rest), Likely())

    def add(self, constraint: Constraint, start: int, until: int) -> int | None:
        """Take up `constraint` from the byte `start` on, and check what was written since, up to the byte `until`.

        Returns how many tokens may stay: the first one that breaks the constraint may not. The caller has to cut the
        writing and call `retreat`. `None` if the constraint cannot be used.
        """
        mask = self._compiler.compile(constraint, self._familiar)
        if mask is None:
            return None
        steps = self._writing.steps
        since = next((index for index, step in enumerate(steps) if step.end > start), len(steps))
        part = _Part(constraint, mask, start, since, 0)
        for step in steps[since:]:
            begin = step.end - len(step.data)
            data = step.data[max(start - begin, 0) : max(until - begin, 0)]
            if not mask.allows(data):
                break
            mask.advance(data)
            part.steps += 1
        self._parts.append(part)
        return since + part.steps

    def over(self, writing: Writing) -> "JointMask":
        """The same constraints, as many as begin there, over another writing that keeps them."""
        other = copy(self)
        other._writing, other._parts = writing, []
        reach = len(writing.data) + len(writing.pending)
        for part in self._parts:
            if part.start <= reach:
                other.add(part.constraint, part.start, len(writing.data))
        return other

    def advance(self, data: bytes) -> None:
        """Tell the masks what is about to be written. Call it before the writing is changed."""
        for part in self._parts:
            part.mask.advance(data[self._skip(part) :])
            part.steps += 1

    def retreat(self) -> None:
        """Follow the writing, which was cut back. Constraints on text that is gone are dropped."""
        count = len(self._writing.steps)
        reach = len(self._writing.data) + len(self._writing.pending)
        self._parts = [part for part in self._parts if part.start <= reach]
        for part in self._parts:
            kept = max(min(part.steps, count - part.since), 0)
            part.mask.retreat(part.steps - kept)
            part.steps = kept
            part.since = min(part.since, count)

    def lift_newest(self) -> Constraint:
        """Drop the constraint that was taken up last."""
        return self._parts.pop().constraint

    def _beginning(self, pending: bytes) -> TokenIds:
        """Tokens that agree with `pending`: what it starts with, and what starts with it."""
        within = np.array(self._vocabulary.within(pending[:-1]), dtype=np.int64)
        return np.concatenate((within, self._vocabulary.starting_with(pending)))

    def _bytes(self, token: int) -> bytes:
        return self._vocabulary.spelled[token] if token < self._vocabulary.size else b""

    def _skip(self, part: _Part) -> int:
        """How many bytes are still to be written before the part begins to speak."""
        return max(part.start - len(self._writing.data), 0)

    def _set(self, ids: TokenIds) -> NDArray[np.bool_]:
        members = np.zeros(self._vocabulary.size, dtype=np.bool_)
        members[ids] = True
        return members
