"""For the tests of monitors, ours and other people's: an analyser that answers from a script, and a generation without
a model.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from monitors.analysis.analyser import Analyser, Completions, Name, Place, Precedent, Signature, Symbol
from monitors.cache import AnswerCache, PlaceKey
from monitors.constraint import Constraint
from monitors.document import Document
from monitors.enquiry import DirectSource, Enquirer, Source
from monitors.monitor import Monitor
from monitors.watch import Watch


class ScriptedAnalyser:
    """Answers whatever it was told to; `asked` lists the text before each place that it was asked to complete."""

    def __init__(
        self,
        names: Callable[[str], Iterable[str | Name]] | Iterable[str | Name] = (),
        signatures: Callable[[str], tuple[Signature, ...]] | tuple[Signature, ...] = (),
        symbols: tuple[Symbol, ...] = (),
        *,
        complete: bool = True,
        precedents: Iterable[Precedent] = (),
    ) -> None:
        """`names` and `signatures` may be functions of the text before the place."""
        self._names = names
        self._signatures = signatures
        self._symbols = symbols
        self._complete = complete
        self._precedents = tuple(precedents)
        self.asked: list[str] = []

    def complete(self, place: Place) -> Completions:
        before = place.text[: place.offset]
        self.asked.append(before)
        names = self._names(before) if callable(self._names) else self._names
        made = tuple(name if isinstance(name, Name) else Name(name) for name in names)
        return Completions(made, self._complete, "scripted", self._precedents)

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        self.asked.append(place.text[: place.offset])
        return self._signatures(place.text[: place.offset]) if callable(self._signatures) else self._signatures

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        return self._symbols


def watch_with(
    source: Source,
    workers: ThreadPoolExecutor,
    document: Document,
    monitors: Iterable[Monitor],
    *,
    budget_ms: float = 5000,
    cache: AnswerCache[PlaceKey, Any] | None = None,
) -> Watch:
    """A watch that asks `source`, without a supervisor."""
    kept: AnswerCache[PlaceKey, Any] = cache or AnswerCache()

    def enquire(deadline: float | None) -> Enquirer:
        return Enquirer(source, kept, deadline)

    return Watch(document, tuple(monitors), enquire, workers, budget_ms)


def constraints_of(watch: Watch, texts: Iterable[str]) -> list[Constraint]:
    """All constraints of a generation that goes through `texts`, each a longer one, and waits for every analysis."""
    found: list[Constraint] = []
    for text in texts:
        found += watch.observe(text)
        watch.wait(60)
        found += watch.observe(text)
    return found


def constrain(
    monitor: Monitor, document: Document, analyser: Analyser | None = None, texts: Sequence[str] = ("",)
) -> list[Constraint]:
    """What one monitor says about a generation that goes through `texts`; `("",)` is the cursor alone."""
    with ThreadPoolExecutor(1) as workers:
        source = DirectSource(analyser or ScriptedAnalyser())
        return constraints_of(watch_with(source, workers, document, (monitor,), budget_ms=60_000), texts)
