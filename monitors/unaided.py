"""Monitoring without analysers, for text that belongs to no workspace: a translation, a document never saved."""

from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from monitors.analysis.analyser import Completions, Place, Signature, Symbol
from monitors.document import Document
from monitors.errors import AnalysisFailed
from monitors.monitor import Monitor
from monitors.properties.syntax import SyntaxMonitor
from monitors.text.lexicon import base_language
from monitors.watch import Watch

_BUDGET_MS = 1000.0


class _Nobody:
    """Knows nothing."""

    def complete(self, place: Place) -> Completions:
        raise AnalysisFailed("there is no analyser")

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        raise AnalysisFailed("there is no analyser")

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        raise AnalysisFailed("there is no analyser")


class Unaided:
    """Makes watches of monitors that need no analyser: the syntax monitor unless told otherwise. Thread-safe.

    Close it, or use it in a `with` block.
    """

    def __init__(self, monitors: tuple[Monitor, ...] | None = None, budget_ms: float = _BUDGET_MS) -> None:
        self._monitors = (SyntaxMonitor(),) if monitors is None else monitors
        self._budget_ms = budget_ms
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="unaided monitors")

    def __enter__(self) -> "Unaided":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def watches(self, language: str) -> bool:
        """Whether any of its monitors knows the language, named as editors do."""
        return any(not m.languages or base_language(language) in m.languages for m in self._monitors)

    def watch(self, document: Document) -> Watch:
        """Begin to watch a generation into `document`, whose prefix may be empty."""
        return Watch(document, self._monitors, lambda _: _Nobody(), self._workers, self._budget_ms)

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)
