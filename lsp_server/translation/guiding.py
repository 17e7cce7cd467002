"""The target's syntax monitor as the guide of one candidate. Fails open: where there is none, nothing is watched."""

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from time import monotonic

from lsp_server.languages import Language
from lsp_server.monitoring import MonitorGuide
from monitors import Document, Monitor, MonitorSettings, NoAnswer, Watch
from monitors.analysis.analyser import Analyser, Completions, Place, Signature, Symbol
from monitors.properties import builtin_monitors

NAME = "syntax"
BUDGET_MS = 250.0
LONGEST_S = 600.0


class _NoAnalyser:
    """Syntax is in the text; nobody else is asked."""

    def complete(self, place: Place) -> Completions:
        raise NoAnswer("there is no analyser")

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        raise NoAnswer("there is no analyser")

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        raise NoAnswer("there is no analyser")


def syntax_guide(language: Language, before: str) -> MonitorGuide | None:
    """A guide that keeps what follows `before` in the language's syntax; `None` where nobody knows it."""
    monitor = _monitor()
    if monitor is None or (monitor.languages and language.id not in monitor.languages):
        return None
    document = Document(f"translation{language.endings[0]}", language.id, before)
    return MonitorGuide(partial(_watch, document, monitor), monotonic() + LONGEST_S)


def _watch(document: Document, monitor: Monitor) -> Watch:
    return Watch(document, [monitor], _enquire, _workers(), BUDGET_MS)


def _enquire(_deadline: float | None) -> Analyser:
    return _NoAnalyser()


@cache
def _workers() -> Executor:
    return ThreadPoolExecutor(1, thread_name_prefix="translation-syntax")


@cache
def _monitor() -> Monitor | None:
    monitors = builtin_monitors(MonitorSettings(), Path.cwd())
    return next((monitor for monitor in monitors if monitor.name == NAME), None)
