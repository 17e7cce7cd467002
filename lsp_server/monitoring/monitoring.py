"""One supervisor of monitors for each workspace that is worked in, made when first needed, ended with us."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from lsp_server.completion.request import CompletionRequest
from lsp_server.documents.uris import file_of
from lsp_server.errors import sentence
from lsp_server.logs import event
from lsp_server.monitoring.guide import MonitorGuide
from lsp_server.settings import MonitoringSettings
from monitors import AnalyserStatus, Document, MonitorError, MonitorSettings, Supervisor

logger = logging.getLogger(__name__)

MOST_WORKSPACES = 4
"""With more, the analysis of the one that was left alone longest ends; each holds hundreds of megabytes."""

_Key = tuple[str, MonitoringSettings]


class Monitoring:
    """Makes guides. Thread-safe; close it, or use it in a `with` block, so that no process is left."""

    def __init__(
        self,
        on_status: Callable[[AnalyserStatus], None] | None = None,
        *,
        make: Callable[..., Supervisor] = Supervisor,
    ) -> None:
        """`on_status` is called from other threads, once for each change of an analyser's state."""
        self._on_status = on_status
        self._make = make
        self._lock = threading.Lock()
        self._supervisors: OrderedDict[_Key, Supervisor | None] = OrderedDict()
        self._closed = False
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="monitoring")

    def __enter__(self) -> "Monitoring":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def guide(self, request: CompletionRequest, settings: MonitoringSettings, until: float) -> MonitorGuide | None:
        """The guide of one generation, which must end at `until` (a `time.monotonic()`); `None` where no monitor has a
        say.

        The analyses that the cursor itself gives rise to begin at once, while the model still reads.
        """
        supervisor = self._supervisor(request, settings)
        document = document_of(request) if supervisor is not None else None
        if supervisor is None or document is None or not supervisor.watches(document):
            return None
        return MonitorGuide(supervisor.watch_ahead(document), until)

    def fetch_ahead(self, request: CompletionRequest, settings: MonitoringSettings) -> None:
        """Start what a completion at this cursor will ask for. Returns at once."""
        self._later(Supervisor.prefetch, request, settings)

    def start(self, request: CompletionRequest, settings: MonitoringSettings) -> None:
        """Start the analyser that a document will need, and let it read the document. Returns at once."""
        self._later(Supervisor.warm, request, settings)

    def files_changed(self) -> None:
        """Files of a workspace were changed, so what was found out about others may no longer hold."""
        with self._lock:
            supervisors = [supervisor for supervisor in self._supervisors.values() if supervisor is not None]
        for supervisor in supervisors:
            supervisor.workspace_changed()

    def close(self) -> None:
        """End every analysis. Nothing is left running; safe to call twice."""
        with self._lock:
            self._closed = True
            supervisors = [supervisor for supervisor in self._supervisors.values() if supervisor is not None]
            self._supervisors.clear()
        for supervisor in supervisors:
            supervisor.close()
        self._ahead.shutdown(wait=False, cancel_futures=True)

    def _later(
        self, work: Callable[[Supervisor, Document], None], request: CompletionRequest, about: MonitoringSettings
    ) -> None:
        """Do something with a document's supervisor, on a thread of ours."""

        def run() -> None:
            supervisor = self._supervisor(request, about)
            document = document_of(request) if supervisor is not None else None
            if supervisor is not None and document is not None and supervisor.watches(document):
                work(supervisor, document)

        try:
            self._ahead.submit(run).add_done_callback(_note_failure)
        except RuntimeError:  # closed meanwhile
            return

    def _supervisor(self, request: CompletionRequest, settings: MonitoringSettings) -> Supervisor | None:
        root = _root_of(request)
        if not settings.enabled or not root:
            return None
        key = (root, settings)
        ended: list[Supervisor | None] = []
        with self._lock:
            if self._closed:
                return None
            if key not in self._supervisors:
                outdated = [other for other in self._supervisors if other[0] == root]
                ended += [self._supervisors.pop(other) for other in outdated]
                self._supervisors[key] = self._begin(Path(root), settings)
            self._supervisors.move_to_end(key)
            while len(self._supervisors) > MOST_WORKSPACES:
                ended.append(self._supervisors.popitem(last=False)[1])
            supervisor = self._supervisors[key]
        for old in ended:
            if old is not None:
                old.close()
        return supervisor

    def _begin(self, root: Path, settings: MonitoringSettings) -> Supervisor | None:
        """`None`, said once, where a file that the settings name cannot be read."""
        try:
            return self._make(root, monitor_settings(_without_unknown(settings)), self._on_status)
        except MonitorError as error:
            logger.warning(event("monitors are off", reason=f"{sentence(error.message)} {error.hint}".strip()))
            return None


def monitor_settings(settings: MonitoringSettings) -> MonitorSettings:
    """The same in the words of the monitors' room."""
    analysers = {} if settings.python_analyser == "auto" else {"python": settings.python_analyser}
    return MonitorSettings(
        monitors=settings.only or None,
        budget_ms=settings.budget_ms,
        analysers=analysers,
        python=settings.python,
        schemas=settings.schemas,
        typestates=settings.typestates,
    )


def document_of(request: CompletionRequest) -> Document | None:
    """The whole document of a request, as an analyser should see it; `None` for one without a place on disk."""
    root = _root_of(request)
    if not root or not request.path:
        return None
    above, below = request.surroundings.texts() if request.surroundings is not None else ("", "")
    path = str(Path(root, request.path))
    return Document(path, request.language, above + request.prefix, request.suffix + below)


def available_monitors() -> dict[str, bool]:
    """The names that may be asked for, those of installed packages included, and whether each is on by default."""
    from monitors.properties import builtin_monitors
    from monitors.registry import third_party_monitors

    monitors = (*builtin_monitors(MonitorSettings(), Path.cwd()), *third_party_monitors())
    found: dict[str, bool] = {}
    for monitor in monitors:
        found.setdefault(monitor.name, monitor.on_by_default)
    return found


def _without_unknown(settings: MonitoringSettings) -> MonitoringSettings:
    """Names of monitors that do not exist are said and left out. The rest holds; where none is left, the default."""
    available = available_monitors() if settings.only else {}
    unknown = [name for name in settings.only if name not in available]
    if unknown:
        logger.warning(event("unknown monitors are left out", names=", ".join(unknown), known=", ".join(available)))
    return replace(settings, only=tuple(name for name in settings.only if name in available))


def _root_of(request: CompletionRequest) -> str:
    """The workspace folder, or the folder of a file that lies in none."""
    if request.root:
        return request.root
    file = file_of(request.uri)
    return str(Path(file).parent) if file else ""


def _note_failure(done: "Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        logger.error(event("fetching ahead failed", reason=f"{type(error).__name__}: {error}"))
