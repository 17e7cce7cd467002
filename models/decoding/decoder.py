"""The loop that writes: logits, restriction, choice, text, and again.

Knows sessions, tokens and the text they spell. The prompt came as tokens, and how many of its last ones may be taken
back (token healing); constraints come from a `Guide`, early or late. Every candidate of a request is one `Decoding`;
candidates share a session and differ in where they leave each other.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from models.decoding.cancellation import OutOfTime
from models.decoding.constraint import Constraint, Guide, Interventions
from models.decoding.drafts import Drafter, Expected
from models.decoding.generation import Candidate, DecodingParameters, FinishReason, OnText
from models.decoding.lookahead import Lookahead
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.joint import JointMask
from models.decoding.masks.outlook import Familiar, none_familiar
from models.decoding.sampling import Row, Sampler, TokenIds, log_probability
from models.decoding.stopping import Stops
from models.decoding.writing import Step, Writing, decode_whole
from models.tokenization.tokenizer import Tokenizer

REMEMBERED = 32
"""Steps whose logits are kept for a constraint that comes late; with the default model a quarter of a second is 25."""
FEW = 32
"""Where no more than so many tokens are left to read, what is known already is heard before that, to be drafted."""
MOST_ROLLBACKS = 32
"""After so many in one candidate, constraints that would need another are dropped: something disagrees with itself."""


@dataclass
class Counts:
    """What constraints did so far, see `Interventions`."""

    constraints: int = 0
    masked_steps: int = 0
    changed_steps: int = 0
    rolled_back: int = 0
    lifted: int = 0


@dataclass(frozen=True)
class Request:
    """What all candidates of a request have in common."""

    tokenizer: Tokenizer
    parameters: DecodingParameters
    stops: Stops
    lookahead: Lookahead
    taken_back: bytes
    """Bytes of the prompt tokens that healing took back."""
    compiler: MaskCompiler
    drafter: Drafter
    guide: Guide | None = None
    familiar: Familiar = none_familiar
    """Which names occur in the prompt."""
    counts: Counts = field(default_factory=Counts)

    def interventions(self) -> Interventions:
        """What constraints did, when all candidates are written."""
        return Interventions(**asdict(self.counts), forced_tokens=self.drafter.forced)


@dataclass(frozen=True)
class Written:
    """A finished candidate, and what it takes to branch off it."""

    candidate: Candidate
    steps: tuple[Step, ...]
    """All tokens up to where the text ends, those that only repeat what healing took back included."""
    repeated: int
    """How many those are."""
    constraints: tuple[Constraint, ...]


class Decoding:
    """One candidate."""

    def __init__(
        self,
        request: Request,
        sampler: Sampler,
        *,
        beginning: Sequence[Step] = (),
        constraints: Sequence[Constraint] = (),
        on_text: OnText | None = None,
    ) -> None:
        """Goes on after `beginning`, where `constraints` were known."""
        self._request = request
        self._sampler = sampler
        self._writing = Writing(request.taken_back, beginning)
        self._mask = JointMask(
            self._writing,
            request.tokenizer.vocabulary,
            request.tokenizer.control_ids,
            request.compiler,
            request.familiar,
        )
        self._rows: dict[int, Row] = {}
        self._refused: set[tuple[Constraint, str]] = set()
        self._rollbacks = 0
        self._stream = _Stream(request.stops, on_text) if on_text else None
        for constraint in constraints:
            self._take_up(constraint, len(self._writing.data))

    def run(self) -> Written:
        """Write until a rule, a budget or the model itself ends the text. Raises `Cancelled`."""
        request, writing = self._request, self._writing
        is_heard = request.lookahead.unread <= FEW
        while True:
            # 1. where the text ends, if it does, and what the guide says of it
            written = self._ended() if is_heard else None
            if written is not None:
                return written
            # 2. budgets
            new_tokens = sum(step.end > writing.cursor for step in writing.steps)
            if new_tokens >= request.parameters.max_tokens or request.lookahead.room(len(writing.steps)) < 0:
                if self._hear_out(len(writing.text)):
                    continue
                return self._finish("length")
            # 3. logits, from a pass that was made already or a new one
            try:
                row = request.lookahead.logits(writing.tokens, self._draft)
            except OutOfTime:
                return self._finish("time")
            if not is_heard:  # by now more is known than before the model read
                is_heard = True
                continue
            # 4. choice
            step = self._choose(row)
            if step is None:
                if self._hear_out(len(writing.text)):
                    continue
                return self._finish("end_of_text")
            self._push(step)

    def _ended(self) -> Written | None:
        """The candidate, if its text has come to an end and the guide has nothing against it up to there."""
        writing, stops = self._writing, self._request.stops
        while True:
            text = writing.text
            ended = stops.check(text)
            length = len(text) if ended is None else ended[0]
            is_over = ended is not None or writing.is_broken
            if self._listen(length) or (is_over and self._hear_out(length)):
                continue  # it was cut back
            if ended is not None:
                return self._finish(ended[1], ended[0])
            if writing.is_broken:
                return self._finish("end_of_text")
            if self._stream and self._request.guide is None:  # a guide may take anything back until the end
                self._stream.write(text)
            return None

    def write(self, token: int, logprob: float) -> bool:
        """Write one given token; `False`, and nothing is written, if it is not permitted."""
        if not self._mask.permits(token):
            return False
        data = self._request.tokenizer.token_bytes(token)
        self._push(Step(token, data, len(self._writing.data) + len(data), logprob))
        return True

    def _push(self, step: Step) -> None:
        self._mask.advance(step.data)
        self._writing.push(step)

    def _choose(self, row: Row) -> Step | None:
        """The next token; `None` if it is the end of the text."""
        request, writing, mask = self._request, self._writing, self._mask
        position = len(writing.steps)
        masked = mask.is_masked
        token = self._sampler.choose(row, position, mask if mask.restricts else None)
        while token is None and mask.constraints:  # nothing is left to write: fail open, the newest goes first
            self._refuse(mask.lift_newest())
            token = self._sampler.choose(row, position, mask if mask.restricts else None)
        if token is None:
            return None
        if masked:
            request.counts.masked_steps += 1
            request.counts.changed_steps += self._sampler.choose(row, position) != token
        data = request.tokenizer.token_bytes(token)
        if not data:
            return None
        if request.guide is not None:  # which may have more to say about this choice
            self._rows[position] = row.copy()
            self._rows.pop(position - REMEMBERED, None)
        among = mask.compatible() if writing.pending else None
        runner_up = self._runner_up(row, token, among) if request.parameters.candidates > 1 else None
        return Step(token, data, len(writing.data) + len(data), log_probability(row, token, among), runner_up)

    def _runner_up(self, row: Row, token: int, among: TokenIds | None) -> tuple[int, float] | None:
        """What would have been chosen in place of `token`, unless it would end the text."""
        others = row.copy()
        others[token] = -np.inf
        mask = self._mask if self._mask.restricts else None
        second = self._sampler.choose(others, len(self._writing.steps), mask)
        if second is None or second == token or not self._request.tokenizer.token_bytes(second):
            return None
        return second, log_probability(row, second, among)

    def _listen(self, length: int) -> bool:
        """Ask the guide about the first `length` characters; whether the writing was cut back for its answer."""
        guide = self._request.guide
        if guide is None:
            return False
        until = self._writing.offset(length)
        constraints = sorted(guide.poll(self._writing.text[:length]), key=lambda constraint: constraint.start)
        before = self._rollbacks
        for constraint in constraints:
            self._take_up(constraint, until)
        return self._rollbacks > before

    def _hear_out(self, length: int) -> bool:
        """Let the guide finish, because the model has nothing left to do; whether the writing was cut back for it."""
        guide = self._request.guide
        return guide is not None and guide.wait() and self._listen(length)

    def _take_up(self, constraint: Constraint, until: int) -> None:
        """Put `constraint` in force, and cut the writing back to where its bytes up to `until` break it."""
        request, writing, mask = self._request, self._writing, self._mask
        text = writing.text
        known = constraint in mask.constraints or (constraint, text[: max(constraint.start, 0)]) in self._refused
        if known or constraint.start > len(text):  # beyond the end: another constraint has just cut that text off
            return
        start = writing.offset(constraint.start)
        kept = mask.add(constraint, start, until)
        if kept is None:
            self._refuse(constraint)
            return
        if constraint.names is not None:
            kept = self._first_to_change(start, until, kept)
        if kept < len(writing.steps) and self._rollbacks == MOST_ROLLBACKS:
            self._refuse(mask.lift_newest())
            return
        request.counts.constraints += 1
        if kept == len(writing.steps):
            return
        self._rollbacks += 1
        request.counts.rolled_back += 1
        writing.require(start)
        writing.cut(kept)
        mask.retreat()
        if request.guide is not None:
            request.guide.rolled_back(writing.certain_text)

    def _first_to_change(self, start: int, until: int, kept: int) -> int:
        """The first of the steps from the byte `start` to `until` that would be another one with what is known now;
        `kept`, how many steps are permitted, if none would.

        So a constraint that prefers some names leads to the same text whenever it comes.
        """
        steps = self._writing.steps[:kept]
        since = next((index for index, step in enumerate(steps) if step.end > start), kept)
        again = self._writing.copy()
        again.require(start)
        again.cut(since)
        mask = self._mask.over(again)
        for index in range(since, kept):
            step, row = steps[index], self._rows.get(index)
            if not mask.is_masked or step.end > until:
                break
            if row is not None and self._sampler.choose(row, index, mask) != step.token:
                return index
            mask.advance(step.data)
            again.push(step)
        return kept

    def _refuse(self, constraint: Constraint) -> None:
        """Never take `constraint` up again at this place."""
        self._request.counts.lifted += 1
        self._refused.add((constraint, self._writing.certain_text[: max(constraint.start, 0)]))

    def _draft(self, room: int) -> Sequence[int]:
        """Tokens that may come next, no further than where they would end the text."""
        request, writing = self._request, self._writing
        required = writing.pending
        begins = bool(required) and not writing.steps and required == request.taken_back
        if begins:
            tokens = request.drafter.begin(required, self._expected(required), room)
        else:
            tokens = request.drafter.propose(writing.tokens, self._expected(), min(room, request.parameters.max_tokens))
        data = bytes(writing.data)
        for length, token in enumerate(tokens, start=1):
            data += request.tokenizer.token_bytes(token)
            if length < len(tokens) and request.stops.check(decode_whole(data[writing.cursor :])[0]):
                return request.drafter.shorten(length)
        return tokens

    def _expected(self, after: bytes = b"") -> Expected:
        """What constraints let expect; `after` what is required, if that is drafted too."""
        forced = self._mask.forced()
        if forced.startswith(after) and len(forced) > len(after):
            return Expected(forced[len(after) :])
        return Expected(likely=self._mask.likely(after))

    def _finish(self, reason: FinishReason, length: int | None = None) -> Written:
        """Close the text, after its first `length` characters if given."""
        writing = self._writing
        self._request.drafter.settle(writing.tokens)
        text = writing.text[:length]
        end = writing.cursor + len(text.encode())
        steps = tuple(step for step in writing.steps if step.end - len(step.data) < end)
        if self._stream:
            self._stream.finish(text)
        repeated = sum(step.end <= writing.cursor for step in steps)
        tokens = tuple(step.token for step in steps[repeated:])
        logprobs = tuple(step.logprob for step in steps[repeated:])
        return Written(Candidate(text, tokens, logprobs, reason), steps, repeated, self._mask.constraints)


class _Stream:
    """Hands whole new text on, once no stop string can take it back."""

    def __init__(self, stops: Stops, on_text: OnText) -> None:
        self._stops = stops
        self._on_text = on_text
        self._sent = 0

    def write(self, text: str) -> None:
        self._send(text[: self._stops.settled(text)])

    def finish(self, text: str) -> None:
        self._send(text)

    def _send(self, text: str) -> None:
        if len(text) > self._sent:
            self._on_text(text[self._sent :])
            self._sent = len(text)
