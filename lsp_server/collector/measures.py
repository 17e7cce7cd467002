"""What Prometheus asks for. A registry for each application, so that tests can make two."""

from importlib import import_module
from typing import Any

from lsp_server.collector.database import Kept
from lsp_server.errors import UserError


class Measures:
    """Counts since the start. No label holds what a client sent: their number is fixed."""

    def __init__(self) -> None:
        """Raises `UserError` without the library."""
        try:
            self._prometheus: Any = import_module("prometheus_client")
        except ImportError as error:
            hint = "Install it with `pip install 'dragoman[collector]'`."
            raise UserError("prometheus-client is not installed.", hint) from error
        library = self._prometheus
        self._registry = library.CollectorRegistry()

        def make(kind: Any, name: str, what: str, labels: tuple[str, ...] = ()) -> Any:
            return kind(f"dragoman_collector_{name}", what, labels, registry=self._registry)

        self._requests = make(library.Counter, "requests", "Uploads by status of the answer", ("status",))
        self._seconds = make(library.Histogram, "request_seconds", "Time from an upload to its answer")
        self._records = make(library.Counter, "records", "Records by what became of them", ("outcome",))
        self._refused = make(library.Counter, "refused", "Uploads that were refused, by reason", ("reason",))
        self._database = make(library.Gauge, "database_up", "Whether the database answers")

    def request(self, status: int, seconds: float) -> None:
        self._requests.labels(str(status)).inc()
        self._seconds.observe(seconds)

    def records(self, kept: Kept) -> None:
        for outcome in ("stored", "updated", "repeated"):
            self._records.labels(outcome).inc(getattr(kept, outcome))

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def database(self, is_up: bool) -> None:
        self._database.set(is_up)

    def render(self) -> tuple[bytes, str]:
        """The text and its media type."""
        return self._prometheus.generate_latest(self._registry), self._prometheus.CONTENT_TYPE_LATEST
