"""One candidate, written by a server and judged as it comes.

What breaks a constraint is cut back and written again, by the turns that `openai_turns` has for it. When none is left
the constraint is dropped, and the text is as if it had never been.
"""

from collections.abc import Iterator
from contextlib import closing
from enum import Enum, auto

from models.backends.openai_demands import Demand
from models.backends.openai_draft import Draft
from models.backends.openai_errors import RefusedError
from models.backends.openai_exchange import Exchange
from models.backends.openai_requests import Piece, text_before
from models.backends.openai_turns import Turn
from models.decoding.cancellation import OutOfTime
from models.decoding.constraint import Constraint
from models.decoding.generation import Candidate, DecodingParameters, FinishReason, OnText

DECLINED = {400, 422, 500, 501}
"""Statuses with which servers say that they cannot do what a structure asks for."""
MOST_REQUESTS = 16
"""For one candidate; after that, constraints are dropped rather than insisted on."""


class Outcome(Enum):
    """How a turn went, if it did not break a constraint."""

    DONE = auto()
    FAILED = auto()
    """Not what was asked for: the next turn of the row may do better."""
    SETTLED = auto()
    """What was tried for is there; the rest is to be written as the caller wants it."""


class Writer:
    """One candidate."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        attempt: int = 0,
        constraints: tuple[Constraint, ...] = (),
        on_text: OnText | None = None,
    ) -> None:
        self._exchange = exchange
        self._attempt = attempt
        self._draft = Draft()
        self._demands: list[Demand] = []
        self._refused: set[tuple[Constraint, str]] = set()
        self._hears = True
        self._on_text = on_text
        self._sent = 0
        self.opening = Turn()
        """The turn that worked from the start of the text on."""
        self._take_up(constraints)

    @property
    def known_at_start(self) -> tuple[Constraint, ...]:
        """Constraints that hold whatever is written."""
        return tuple(demand.constraint for demand in self._demands if demand.start == 0)

    def write(self) -> Candidate:
        """Write until a rule, a budget or the model ends the text. Raises `Cancelled` and `ModelError`."""
        exchange = self._exchange
        heal = exchange.parameters.heal and exchange.requests.heals(exchange.prompt)
        row = exchange.turns.opening(text_before(exchange.prompt, ""), heal)
        cause: Demand | None = None
        self._listen("")
        for asked in range(1, 2 * MOST_REQUESTS):
            turn = next(row, None) if asked < MOST_REQUESTS or cause is None else None
            if turn is None and cause is not None:
                row, cause = self._lift(cause), None
                turn = next(row, None)
            if turn is None:
                break
            self._hears = asked < MOST_REQUESTS
            try:
                outcome = self._read(turn, cause)
            except OutOfTime:
                break
            except RefusedError as error:
                if not turn.structure or error.status not in DECLINED:
                    raise
                outcome = Outcome.FAILED
            if turn.structure and cause is not None and outcome not in (Outcome.FAILED, cause):
                exchange.counts.changed_steps += 1
            if outcome is Outcome.DONE:
                break
            if outcome is Outcome.SETTLED:
                row, cause = iter((Turn(),)), None
            elif isinstance(outcome, Demand):
                again = outcome is cause
                self._cut_back(outcome)
                if not again:
                    cause = outcome
                    row = exchange.turns.obeying(outcome.constraint, text_before(exchange.prompt, self._draft.text))
        if self._on_text:
            self._send(self._draft.text)
        return self._draft.candidate()

    def _read(self, turn: Turn, cause: Demand | None) -> "Outcome | Demand":
        """Make one request, because of `cause`, and take up what comes."""
        exchange, draft = self._exchange, self._draft
        at_start = not draft.text
        draft.expect(turn.back)
        finish: Piece | None = None
        with closing(exchange.answer(exchange.ask(turn, draft.text, draft.tokens, self._attempt))) as answer:
            for piece in answer:
                if piece.index:
                    continue
                if not draft.take(piece):
                    return Outcome.FAILED
                self._count_masked(turn)
                outcome = self._judge()
                if outcome is None and turn.retry and cause is not None and cause.satisfied:
                    outcome = Outcome.SETTLED
                if outcome is not None:
                    break
                finish = piece if piece.finish else finish
            else:
                outcome = self._judge_end(finish)
        if outcome is Outcome.DONE:
            exchange.turns.worked(turn)
        if at_start and outcome is not Outcome.FAILED:
            self.opening = turn
        return outcome

    def _judge(self) -> "Outcome | Demand | None":
        """After new text: done, broken, or `None` to go on."""
        draft = self._draft
        if draft.waits:
            return None
        end = self._exchange.end_of(draft.text)
        length = len(draft.text) if end is None else end[0]
        self._listen(draft.text[:length])
        for demand in self._demands:
            breach = demand.breach(draft.text)
            if breach is None or breach > length or (breach == length and demand.may_end(draft.text[:length])):
                continue
            return self._broken(demand, end)
        if end is not None:
            draft.close(*end)
            return Outcome.DONE
        if self._on_text and self._exchange.guide is None:  # a guide may take anything back until the end
            self._send(draft.text[: self._exchange.stops.settled(draft.text)])
        return None

    def _judge_end(self, finish: Piece | None) -> "Outcome | Demand":
        """After the server's last piece."""
        draft = self._draft
        if draft.waits:
            return Outcome.FAILED
        reason = "end_of_text" if finish is None else reason_of(finish, self._exchange.parameters)
        if reason != "length":
            for demand in self._demands:
                if demand.start <= len(draft.text) and not demand.may_end(draft.text):
                    return self._broken(demand, (len(draft.text), reason))
        draft.close(len(draft.text), reason)
        return Outcome.DONE

    def _broken(self, demand: Demand, end: tuple[int, FinishReason] | None) -> Demand:
        """Keep the text as it would have been without `demand`, once."""
        if demand.without is None:
            demand.without = self._draft.copy()
            if end is not None:
                demand.without.close(*end)
        return demand

    def _cut_back(self, demand: Demand) -> None:
        """Back to where `demand` begins."""
        exchange = self._exchange
        exchange.counts.rolled_back += 1
        self._draft.cut(demand.start)
        self._demands = [other for other in self._demands if other.start <= demand.start]
        if exchange.guide is not None:
            exchange.guide.rolled_back(self._draft.text)

    def _lift(self, demand: Demand) -> Iterator[Turn]:
        """Fail open: go on as if `demand` had never been. Returns the turns for that."""
        self._exchange.counts.lifted += 1
        self._refuse(demand.constraint)
        self._demands.remove(demand)
        if demand.without is not None:
            self._draft = demand.without
        return iter(()) if self._draft.ended else iter((Turn(),))

    def _listen(self, text: str) -> None:
        """Ask the guide about `text`."""
        guide = self._exchange.guide
        if guide is not None and self._hears:
            self._take_up(tuple(guide.poll(text)))

    def _take_up(self, constraints: tuple[Constraint, ...]) -> None:
        for constraint in sorted(constraints, key=lambda constraint: constraint.start):
            known = any(demand.constraint == constraint for demand in self._demands)
            if known or self._place(constraint) in self._refused:
                continue
            mask = self._exchange.compiler.compile(constraint)
            if mask is None:
                self._exchange.counts.lifted += 1
                self._refuse(constraint)
                continue
            self._exchange.counts.constraints += 1
            self._demands.append(Demand(constraint, mask))
        self._demands.sort(key=lambda demand: demand.start)

    def _refuse(self, constraint: Constraint) -> None:
        """Never take `constraint` up again at this place."""
        self._refused.add(self._place(constraint))

    def _place(self, constraint: Constraint) -> tuple[Constraint, str]:
        return constraint, self._draft.text[: max(constraint.start, 0)]

    def _count_masked(self, turn: Turn) -> None:
        if turn.structure and any(not demand.satisfied for demand in self._demands):
            self._exchange.counts.masked_steps += 1

    def _send(self, text: str) -> None:
        if self._on_text and len(text) > self._sent:
            self._on_text(text[self._sent :])
            self._sent = len(text)


def reason_of(finish: Piece, parameters: DecodingParameters) -> FinishReason:
    """Why a candidate ended, from what the server says."""
    if finish.finish == "length":
        return "length"
    return "stop" if finish.stopped_by in parameters.stop_strings else "end_of_text"
