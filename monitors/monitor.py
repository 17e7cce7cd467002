"""What a monitor is: the one class that a new property of generated code has to implement.

Source: Agrawal et al., *Guiding Language Models of Code with Global Context using Monitors*, NeurIPS 2023, section
3. There a monitor is (pre, static analysis, state, update, maskgen). Here `pre` and `analyse` are the first two,
`mask` is the third part of maskgen that knows the language; the state and its update are the constraint itself, kept
by whoever generates the text, so that a monitor needs no tokenizer and no memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from monitors.analysis.analyser import Analyser
from monitors.constraint import Constraint, is_plain_word, word_pattern
from monitors.document import View


@dataclass(frozen=True)
class Trigger:
    """A place where a property can be broken."""

    start: int
    """Where the constrained text begins, in code points from the document's beginning."""
    settled: bool = True
    """False while it depends on text still to come whether the property applies (`self.new = ...`).

    The analysis starts at once; its constraint is held back until the monitor finds the same trigger settled, and is
    never given if it stops finding it.
    """
    detail: str = ""
    """Whatever the monitor's own methods want to remember: the operator, the name of the function."""


@dataclass(frozen=True)
class Answer:
    """What an analysis found. One that is not trusted forbids nothing: it only advises, where it has `weights`. Neither
    does one without names and regex: then the property holds whatever is written.
    """

    names: frozenset[str] = frozenset()
    """All words that may stand at the trigger."""
    regex: str | None = None
    """Instead of `names`, where words are not enough: a regular expression as in `Constraint.regex`."""
    reason: str = ""
    """Why it cannot be trusted, in a few words; empty where it can."""
    weights: tuple[tuple[str, float], ...] = ()
    """Which words are likelier, or less likely, than a model may think, see `Constraint.weights`. Some may not be among
    `names`: they count only where nothing is forbidden."""
    start: int | None = None
    """Where the constrained text begins, if that is not at the trigger: a fault is found behind it, but made here."""

    @property
    def trusted(self) -> bool:
        return not self.reason


class Monitor(ABC):
    """A property that generated code must keep. Instances hold no state of a generation; all methods may run on any
    thread.
    """

    name: str
    """Short and unique; appears in settings, counts and records."""
    languages: frozenset[str]
    """Languages it works for, as `View.language` names them; empty: any."""
    on_by_default: bool = True
    """Whether it is used unless settings say otherwise: its masks were measured to harm at most 1% of cases."""
    worth_waiting: bool = True
    """Whether a finished text is worth holding back for an answer that is still out. Not where faults are rare."""
    works_long: bool = False
    """Whether `analyse` takes more than a moment even before it asks, so that it must never run beside the decoder."""

    @abstractmethod
    def pre(self, view: View) -> Iterable[Trigger]:
        """The triggers between `view.since` and the end of `view.text`.

        Called after every token with the text so far, so it must be fast (well under a millisecond), and it may find
        the same trigger again and again. A trigger before the cursor counts only if a half-typed word lies between
        the two.
        """

    @abstractmethod
    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        """Find out what may stand at `trigger`. May wait for `ask`, and may raise `NoAnswer`.

        Called first with an analyser that knows only cached answers, and again on a worker if that was not enough;
        so do nothing slow before asking.
        """

    def mask(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        """The constraint that keeps to a trusted `answer`; `None` where the text before the cursor already contradicts
        it.
        """
        begin = trigger.start if answer.start is None else answer.start
        start = begin - view.cursor
        typed = view.text[begin : view.cursor] if start < 0 else ""
        if answer.regex is not None:
            return Constraint(self.name, start, regex=answer.regex, typed=typed)
        names = frozenset(name for name in answer.names if name.startswith(typed))
        if not names:
            return None
        if all(is_plain_word(name) for name in names):
            weights = tuple((name, weight) for name, weight in answer.weights if name in names)
            return Constraint(self.name, start, names=names, typed=typed, weights=weights)
        return Constraint(self.name, start, regex=word_pattern(names), typed=typed)

    def advise(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        """What the `weights` of an `answer` say where nothing may be forbidden; `None` where they say nothing.

        Asked where the answer is not trusted, and where it is not known yet whether the property applies.
        """
        begin = trigger.start if answer.start is None else answer.start
        typed = view.text[begin : view.cursor]
        weights = tuple((n, w) for n, w in answer.weights if w and n.startswith(typed) and is_plain_word(n))
        if not weights:
            return None
        names = frozenset(name for name, _ in weights)
        return Constraint(self.name, begin - view.cursor, names=names, typed=typed, weights=weights, binding=False)
