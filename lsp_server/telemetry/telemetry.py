"""Everything that recording needs, put together as the settings want it: names, the recorder, the thread that writes,
the show filter.
"""

import logging
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.settings import TelemetrySettings
from lsp_server.telemetry.exclusion import Exclusion
from lsp_server.telemetry.identity import Pseudonyms, load_key, new_id
from lsp_server.telemetry.parts import Origin
from lsp_server.telemetry.record import Consent, Record
from lsp_server.telemetry.recorder import Recorder, Time
from lsp_server.telemetry.show_filter import ShowFilter, default_filter_path, load_filter
from lsp_server.telemetry.store import default_path
from lsp_server.telemetry.tracing import Tracer
from lsp_server.telemetry.upload import UploadThread, start_uploads
from lsp_server.telemetry.writer import Writer
from models.folders import folder

logger = logging.getLogger(__name__)

KEY_FILE = "telemetry.key"


def key_path() -> Path:
    """Where the key of this machine's names is."""
    return folder("data") / KEY_FILE


class Telemetry:
    """One editor's recording. Belongs to the thread that reads the editor's messages."""

    def __init__(self, time: Time, warn: Callable[[str], None]) -> None:
        """`warn` tells the user a sentence, from any thread."""
        self._time = time
        self._warn = warn
        self._told: set[str] = set()
        self._settings = TelemetrySettings()
        self._exclusion = Exclusion()
        self._writer: Writer | None = None
        self._uploads: UploadThread | None = None
        self._uploads_as: tuple[str, Consent] = ("", "off")
        self.recorder: Recorder | None = None
        """`None` while nothing is to be recorded."""
        self.filter: ShowFilter | None = None
        self.tracer: Tracer | None = None
        """`None` without an endpoint for traces."""
        self.names = Pseudonyms(b"")
        self.user = ""

    def apply(self, settings: TelemetrySettings, editor: str) -> None:
        """Begin, go on or end as the settings say."""
        self._settings = settings
        self._upload_to(settings.collector, settings.consent)
        self._trace_to(settings.otlp_endpoint)
        self.filter = self._load_filter() if settings.show_filter else None
        if settings.consent == "off" and self.filter is None:
            self._stop()
            return
        if self.recorder is None and not self._begin(editor):
            return
        assert self.recorder is not None
        self.recorder.consent = settings.consent
        self.recorder.delays_s = tuple(delay for delay in settings.truth_delays_s if delay > 0)
        if settings.consent == "off" and self._writer is not None:
            self.recorder.drop()
            self._drop_writer()
        elif settings.consent != "off" and self._writer is None:
            self._writer = Writer(default_path(), self._warn, delays_s=self.recorder.delays_s)

    def covers(self, file: str, root: str) -> bool:
        """Whether requests in a file are to be recorded; `root` is the workspace folder around it, if there is one."""
        return self.recorder is not None and not self._exclusion.excludes(file, root, self._settings.exclude)

    def finish(self) -> None:
        """The server ends: say of every record what is known; what is not uploaded yet is, by the next one."""
        self._upload_to("", "off")
        if self.recorder is not None:
            self.recorder.close()

    def close(self) -> None:
        """Write the rest. Blocking; may be called from another thread, after `finish`."""
        if self._writer is not None:
            self._writer.close()
        if self.tracer is not None:
            self.tracer.close()

    def tell_once(self, sentence: str) -> None:
        """Warn the user, once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._warn(sentence)

    def _begin(self, editor: str) -> bool:
        try:
            key = load_key(key_path())
        except OSError as error:
            self.tell_once(f"Nothing is recorded: the key for names cannot be kept ({error.strerror}).")
            return False
        self.names = Pseudonyms(key)
        self.user = self.names.user()
        origin = Origin(self.user, new_id(), editor, version("dragoman"))
        self.recorder = Recorder(self._keep, self.names, origin, self._time)
        logger.info(event("recording", consent=self._settings.consent))
        return True

    def _keep(self, record: Record, consent: Consent) -> None:
        if self._writer is not None and consent != "off":
            self._writer.put(record, consent)

    def _upload_to(self, collector: str, consent: Consent) -> None:
        """Begin, go on or end uploading."""
        if (collector, consent) == self._uploads_as:
            return
        self._uploads_as = (collector, consent)
        if self._uploads is not None:
            self._uploads.close(timeout_s=0)  # the thread ends by itself
        self._uploads = start_uploads(default_path(), collector, consent, os.environ, self.tell_once)

    def _stop(self) -> None:
        if self.recorder is not None:
            self.recorder.drop()
            self.recorder = None
        self._drop_writer()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.forget()
            self._writer.close(timeout_s=0)  # the thread ends by itself
            self._writer = None

    def _trace_to(self, endpoint: str) -> None:
        if self.tracer is not None and self.tracer.endpoint != endpoint:
            Thread(target=self.tracer.close, daemon=True).start()
            self.tracer = None
        if endpoint and self.tracer is None:
            try:
                self.tracer = Tracer(endpoint)
            except UserError as error:
                self.tell_once(f"No traces are sent: {error.message} {error.hint}")

    def _load_filter(self) -> ShowFilter | None:
        try:
            return load_filter(default_filter_path())
        except UserError as error:
            self.tell_once(f"{error.message} Everything is shown. {error.hint}")
            return None
