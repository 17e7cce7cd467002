"""One generation under watch: triggers found, analyses started, constraints handed over when they are there."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from copy import copy
from dataclasses import dataclass, field, replace
from math import inf
from typing import Literal

from monitors.analysis.analyser import Analyser
from monitors.constraint import Constraint
from monitors.document import Document, View
from monitors.errors import NoAnswer, NotYet, TooLate
from monitors.monitor import Answer, Monitor, Trigger
from monitors.text.expressions import line_start

Outcome = Literal["pending", "constrained", "advised", "kept", "unknown", "late", "failed", "moot"]
"""What became of a trigger. `advised`: some names were preferred, and none forbidden; `kept`: the property cannot be
broken there; `unknown`: an answer, but none to rely on; `moot`: the text made it irrelevant.
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """What one monitor did at one place. All findings of a generation are its record."""

    monitor: str
    start: int
    """Offset in the generated text; negative for a word that was half typed."""
    outcome: Outcome
    reason: str = ""
    """Why there was no constraint."""
    names: int = 0
    """How many names were allowed."""
    analysis_ms: float = 0.0
    """From the trigger to its answer."""
    cached: bool = False
    """Whether the answer was there when the trigger was met."""


@dataclass
class _Case:
    """A trigger on its way to a constraint."""

    monitor: Monitor
    trigger: Trigger
    view: View
    met: float
    settled: bool
    answer: "Future[Answer]"
    cached: bool = False
    outcome: Outcome = "pending"
    reason: str = ""
    names: int = 0
    has_advised: bool = False
    """Whether its answer was told as advice: because it is not trusted, or before it was settled."""
    answered: float = field(default=0.0)


class Watch:
    """Joint monitoring: any number of monitors over one text. For one thread; only `wait` blocks."""

    def __init__(
        self,
        document: Document,
        monitors: Sequence[Monitor],
        enquire: Callable[[float | None], Analyser],
        workers: Executor,
        budget_ms: float,
    ) -> None:
        """`enquire(deadline)` makes an analyser that gives up at `time.monotonic() == deadline`; `None`: cached answers
        only.
        """
        self._document = document
        language = document.lexicon.language
        self._monitors = [m for m in monitors if not m.languages or language in m.languages]
        self._enquire = enquire
        self._workers = workers
        self._budget_s = budget_ms / 1000
        self._cases: dict[tuple[str, int], _Case] = {}
        self._closed: list[Finding] = []
        self._seen = 0

    def observe(self, text: str) -> list[Constraint]:
        """Constraints that became known since the last call, given all text generated so far. Returns at once."""
        self.look(text)
        return self._collect()

    def look(self, text: str) -> None:
        """Find the triggers in the text generated so far and start their analyses; what comes of them is for `observe`
        to tell.
        """
        cursor = len(self._document.prefix)
        view = View(self._document, text)
        view = View(self._document, text, line_start(view.text, cursor + min(self._seen, len(text))))
        self._seen = len(text)
        for monitor in tuple(self._monitors):
            try:
                triggers = tuple(monitor.pre(view))
            except Exception as error:  # noqa: BLE001 - a faulty monitor must not stop a completion
                self._expel(monitor, error)
                continue
            self._settle(monitor, view, triggers)
            for trigger in triggers:
                self._meet(monitor, view, trigger)

    def again(self) -> "Watch":
        """Another watch of the same document, which knows what this one found when it looked at that alone."""
        other = copy(self)
        other._monitors = self._monitors.copy()
        other._cases = {key: replace(case, cached=True) for key, case in self._cases.items()}
        other._closed = self._closed.copy()
        return other

    @property
    def is_answered(self) -> bool:
        """Whether every analysis has come to an answer."""
        answers = [case.answer for case in self._cases.values()]
        return all(answer.done() and answer.exception() is None for answer in answers)

    def cut_back(self, text: str) -> None:
        """The generated text was cut back to `text`: forget triggers that lay beyond its end."""
        self._seen = min(self._seen, len(text))
        end = len(self._document.prefix) + len(text)
        for key in [key for key in self._cases if key[1] > end]:
            self._closed.append(self._finding(self._cases.pop(key)))

    def hear_out(self, longest_s: float, patience_s: float = inf) -> bool:
        """Wait for the analyses that are running and worth it, or for `longest_s`; whether any has come to an answer
        that was not told yet.

        For a generation at its end, which has nothing else to do. What begins at the cursor is waited for until its
        budget ends; what begins in the generated text for `patience_s` at most.
        """
        running = [case for case in self._cases.values() if case.outcome == "pending" and case.settled]
        awaited = [case for case in running if case.monitor.worth_waiting]
        if awaited:
            seconds = min(max(self._left(case, patience_s) for case in awaited), longest_s)
            wait([case.answer for case in awaited], max(seconds, 0.0))
        for case in running:
            if not case.answer.done():
                case.outcome, case.reason = "late", "no answer before the text was finished"
        return any(case.answer.done() for case in running)

    def _left(self, case: _Case, patience_s: float) -> float:
        budget = case.met + self._budget_s - time.monotonic()
        return budget if case.trigger.start <= len(self._document.prefix) else min(budget, patience_s)

    def wait(self, seconds: float) -> bool:
        """Wait until no analysis is running, or for so long; whether none is."""
        running = [case.answer for case in self._cases.values() if case.outcome == "pending" and case.settled]
        return not wait(running, seconds).not_done

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The record so far, in the order of the text."""
        return tuple(sorted([*self._closed, *map(self._finding, self._cases.values())], key=lambda f: f.start))

    def _settle(self, monitor: Monitor, view: View, triggers: tuple[Trigger, ...]) -> None:
        """Bring what was met before in line with what is found now."""
        found = {trigger.start: trigger.settled for trigger in triggers}
        for (name, start), case in self._cases.items():
            if name == monitor.name and not case.settled and start >= view.since:
                case.settled = found.get(start, False)

    def _meet(self, monitor: Monitor, view: View, trigger: Trigger) -> None:
        key = (monitor.name, trigger.start)
        if key in self._cases or not _concerns_what_is_new(view, trigger):
            return
        now = time.monotonic()
        case = _Case(monitor, trigger, view, now, trigger.settled, Future())
        self._cases[key] = case
        try:
            if monitor.works_long:
                raise NotYet("it takes long")
            case.answer.set_result(monitor.analyse(view, trigger, self._enquire(None)))
            case.cached, case.answered = True, time.monotonic()
        except NotYet:
            case.answer = self._workers.submit(self._analyse, case, now + self._budget_s)
        except NoAnswer as none:
            case.answer.set_exception(none)
        except Exception as error:  # noqa: BLE001 - a faulty monitor must not stop a completion
            case.answer.set_exception(error)
            self._expel(monitor, error)

    def _analyse(self, case: _Case, deadline: float) -> Answer:
        try:
            return case.monitor.analyse(case.view, case.trigger, self._enquire(deadline))
        finally:
            case.answered = time.monotonic()

    def _collect(self) -> list[Constraint]:
        constraints: list[Constraint] = []
        for case in sorted(self._cases.values(), key=lambda case: case.trigger.start):
            if case.outcome != "pending":
                continue
            if not case.answer.done():
                if case.settled and time.monotonic() > case.met + self._budget_s:
                    case.outcome, case.reason = "late", "no answer within the budget"
                continue
            if case.answer.cancelled():
                case.outcome, case.reason = "failed", "analysis has been shut down"
                continue
            try:
                constraint = self._take(case) if case.settled else self._advise(case)
            except Exception as error:  # noqa: BLE001 - a faulty monitor must not stop the others
                self._expel(case.monitor, error)
                continue
            if constraint is not None:
                constraints.append(constraint)
        return constraints

    def _take(self, case: _Case) -> Constraint | None:
        """Turn a finished analysis into a constraint, or into a reason why there is none."""
        error = case.answer.exception()
        if error is not None:
            case.outcome = "late" if isinstance(error, TooLate) else "failed"
            case.reason = str(error) or type(error).__name__
            if not isinstance(error, NoAnswer):
                self._expel(case.monitor, error)
            return None
        answer = case.answer.result()
        if not answer.trusted:
            advice = self._advise(case)
            case.outcome, case.reason = "advised" if case.has_advised else "unknown", answer.reason
            return advice
        if not answer.names and answer.regex is None:
            case.outcome = "kept"
            return None
        constraint = case.monitor.mask(case.view, case.trigger, answer)
        if constraint is None:
            case.outcome, case.reason = "unknown", "what is typed already contradicts the answer"
            return None
        case.names = len(constraint.names or answer.names)
        case.outcome = "constrained"
        # What was said for a name once must not count twice.
        return replace(constraint, weights=()) if case.has_advised else constraint

    def _advise(self, case: _Case) -> Constraint | None:
        """What an answer says for some names, where it may forbid none: it is not trusted, or it is not known yet
        whether the property applies.
        """
        answer = case.answer.result() if case.answer.exception() is None else Answer()
        if case.has_advised or not answer.weights:
            return None
        constraint = case.monitor.advise(case.view, case.trigger, answer)
        if constraint is not None:
            case.has_advised = True
            case.names = len(constraint.names or ())
        return constraint

    def _finding(self, case: _Case) -> Finding:
        outcome = case.outcome
        if outcome == "pending" and not case.settled:
            outcome = "advised" if case.has_advised else "moot"
        took = (case.answered - case.met) * 1000 if case.answered else 0.0
        start = case.trigger.start - len(self._document.prefix)
        return Finding(case.monitor.name, start, outcome, case.reason, case.names, took, case.cached)

    def _expel(self, monitor: Monitor, error: BaseException) -> None:
        """Leave a monitor out for the rest of this generation, with all that it has not said yet."""
        if monitor in self._monitors:
            self._monitors.remove(monitor)
        reason = f"{type(error).__name__}: {error}"
        for case in self._cases.values():
            if case.monitor is monitor and case.outcome == "pending":
                case.outcome, case.reason = "failed", reason
        self._closed.append(Finding(monitor.name, 0, "failed", reason))
        _log.warning("monitor failed", extra={"monitor": monitor.name, "error": repr(error)})


def _concerns_what_is_new(view: View, trigger: Trigger) -> bool:
    """Whether the constrained text lies in what is generated, or is the word that ends at the cursor."""
    between = view.text[trigger.start : view.cursor]
    return all(character.isalnum() or character in "_$" for character in between)
