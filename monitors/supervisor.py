"""All monitoring of one workspace: its monitors, its analysis host, its cache; makes a `Watch` for each generation."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from monitors.analysis.analyser import Place
from monitors.analysis.catalog import choose_servers
from monitors.analysis.client import AnalyserStatus, HostClient, host_command
from monitors.analysis.locations import analysers_home, workspace_python
from monitors.analysis.servers import ServerSpec
from monitors.cache import AnswerCache, PlaceKey
from monitors.document import Document
from monitors.enquiry import Enquirer, Source
from monitors.install import host_libraries
from monitors.monitor import Monitor
from monitors.properties import builtin_monitors
from monitors.registry import choose, third_party_monitors
from monitors.scratch import Scratch, sweep
from monitors.settings import MonitorSettings
from monitors.text.lexicon import base_language
from monitors.watch import Watch

_WORKERS = 4
_FIRST_LOOKS = 8
"""So many are kept: of the places where somebody works."""

_log = logging.getLogger(__name__)


class Supervisor:
    """Cheap to make: processes start with the first question. Thread-safe. Close it, or use it in a `with` block."""

    def __init__(
        self,
        root: Path,
        settings: MonitorSettings | None = None,
        on_status: Callable[[AnalyserStatus], None] | None = None,
        *,
        source: Source | None = None,
        home: Path | None = None,
    ) -> None:
        """Raises `MonitorError` if the settings name what does not exist.

        `on_status` is called from other threads, once for each change. `source` replaces the analysis host (tests,
        other analysers); `home` the folder of installed analysers.
        """
        root = root.absolute()
        self._settings = settings or MonitorSettings()
        self._on_status = on_status
        self._status: dict[str, AnalyserStatus] = {}
        self._lock = threading.Lock()
        self._scratch: Scratch | None = None
        self._closed = False
        self._cache: AnswerCache[PlaceKey, Any] = AnswerCache()
        # Watches of documents into which nothing is written yet. A user types a dot, and the analysis begins; a
        # completion follows, and perhaps a second one with more candidates: each gets what the first look found.
        self._first_looks: AnswerCache[Document, Watch] = AnswerCache(capacity=_FIRST_LOOKS)
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="analysis")
        self._monitors = choose(
            (*builtin_monitors(self._settings, root), *third_party_monitors()), self._settings.monitors
        )
        self._host: HostClient | None = None
        self._missing: list[str] = []
        if source is None:
            source = self._host = self._make_host(root, home or analysers_home())
        self._source: Source = source
        for name in self._missing:
            hint = f"it is not installed; `dragoman analysers install {name}` installs it"
            self._changed(AnalyserStatus(name, "failed", hint))

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def monitors(self) -> tuple[Monitor, ...]:
        """The monitors in use, of any language."""
        return self._monitors

    @property
    def status(self) -> tuple[AnalyserStatus, ...]:
        """The last known state of each analyser that was started, and of the host if it ever failed."""
        with self._lock:
            return tuple(self._status.values())

    def watch(self, document: Document) -> Watch:
        """Begin to watch a generation into `document`."""
        monitors = self._monitors if self.watches(document) else ()
        return Watch(document, monitors, self.enquirer, self._workers, self._settings.budget_ms)

    def watches(self, document: Document) -> bool:
        """Whether any monitor has a say in such a document."""
        small = len(document.prefix) + len(document.suffix) <= self._settings.max_document_chars
        language = base_language(document.language)
        return small and any(not monitor.languages or language in monitor.languages for monitor in self._monitors)

    def prefetch(self, document: Document) -> None:
        """Start the analyses that a completion at this cursor would begin with. Returns at once.

        To be called when the user types a dot, before anything is asked of the model.
        """
        self._first_look(document)

    def watch_ahead(self, document: Document) -> Callable[[], Watch]:
        """Start what a completion at this cursor begins with on an analysis thread. What is returned gives the watch
        of that completion, which knows by then what was found out in time.
        """
        look = self._first_look(document)

        def watch() -> Watch:
            if not look.cancel():  # it has begun: the rest is soon done
                wait([look])
            seen = None if look.cancelled() or look.exception() else look.result()
            # Where questions are still open, a watch whose budgets begin now.
            return seen.again() if seen is not None and seen.is_answered else self.watch(document)

        return watch

    def _first_look(self, document: Document) -> "Future[Watch]":
        """A watch that has looked at `document` itself: a former one that is answered, one that is under way, or a new
        one."""
        known = self._first_looks.get(document)
        if known is None or not known.is_answered:
            return self._first_looks.ask(document, lambda: self._begin(document))
        look: Future[Watch] = Future()
        look.set_result(known)
        return look

    def _begin(self, document: Document) -> "Future[Watch]":
        try:
            begun = self._workers.submit(self._look, document)
        except RuntimeError:  # closed meanwhile
            begun = Future()
            begun.cancel()
        else:
            begun.add_done_callback(self._note_failure)
        return begun

    def _look(self, document: Document) -> Watch:
        watch = self.watch(document)
        watch.look("")
        return watch

    def _note_failure(self, done: "Future[Watch]") -> None:
        if not self._closed and not done.cancelled() and (error := done.exception()) is not None:
            _log.warning("analysis failed", extra={"error": repr(error)})

    def warm(self, document: Document) -> None:
        """Start the analyser of a document and let it read it."""
        self._source.ask("symbols", Place(document.path, document.language, document.prefix + document.suffix, 0))

    def workspace_changed(self) -> None:
        """Forget all answers: a file was saved, so what other files import may have changed."""
        self._cache.forget()
        self._first_looks.forget()

    def close(self) -> None:
        """Kill the host and everything it started. Nothing is left running; safe to call twice."""
        self._closed = True
        if self._host is not None:
            self._host.close()
        self._workers.shutdown(wait=False, cancel_futures=True)
        if self._scratch is not None:
            self._scratch.remove()

    def enquirer(self, deadline: float | None) -> Enquirer:
        """An analyser that gives up at `time.monotonic() == deadline`; without one it has cached answers only."""
        return Enquirer(self._source, self._cache, deadline)

    def _make_host(self, root: Path, home: Path) -> HostClient:
        libraries = host_libraries(home)
        python = self._settings.python or workspace_python(root)
        configuration: dict[str, Any] = {"root": str(root), "python": python, "servers": []}
        servers: tuple[ServerSpec, ...] = ()
        served = {"python"}
        if libraries is not None:
            self._workers.submit(sweep)
            self._scratch = Scratch()
            try:
                servers = choose_servers(self._settings.analysers, home, self._scratch.folder, python)
            except Exception:
                self.close()
                raise
            configuration["servers"] = [server.to_json() for server in servers]
            served |= {language for server in servers for language in server.languages}
        self._missing = [name for name in self._settings.analysers.values() if name not in {"jedi", *_names(servers)}]
        command = host_command(str(libraries) if libraries else None)
        return HostClient(command, configuration, self._changed, languages=frozenset(served))

    def _changed(self, status: AnalyserStatus) -> None:
        with self._lock:
            known = self._status.get(status.analyser)
            self._status[status.analyser] = status
        if self._on_status is not None and known != status:
            self._on_status(status)


def _names(servers: tuple[ServerSpec, ...]) -> set[str]:
    return {server.name for server in servers}
