"""One server for one editor: what it knows, and how that is put together. What the editor may ask is in `features`."""

import asyncio
import logging
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.cache import SuggestionCache
from lsp_server.completion.request import CompletionRequest, Trigger
from lsp_server.completion.service import CompletionService
from lsp_server.documents import Document, Documents
from lsp_server.engine import Engines, Load, Status
from lsp_server.errors import UserError
from lsp_server.logs import event, set_level
from lsp_server.monitoring import Monitoring
from lsp_server.server.completing import Completer
from lsp_server.server.configuration import Configuration
from lsp_server.server.contexts import Contexts
from lsp_server.server.convert import SECTION
from lsp_server.server.lifetime import is_alive, wait_until_gone
from lsp_server.server.protocol import DragomanProtocol
from lsp_server.server.recording import Recording
from lsp_server.server.reporter import Reporter
from lsp_server.server.translating import Translations
from lsp_server.server.transport import Connection
from lsp_server.settings import WORKSPACE_FILE, ModelSettings, Settings
from lsp_server.settings.overlay import with_changes
from monitors import AnalyserStatus

logger = logging.getLogger(__name__)

FIRST_LOOK_CHARS = 4_000
"""Of a document just opened, in which the cursor is not known, so much is read ahead."""
_ASKED_AHEAD = frozenset(".>:(")
"""Last characters of what makes a monitor look."""
PULL_TIMEOUT_S = 3.0
"""How long an editor may take to answer `workspace/configuration`."""


class DragomanServer(LanguageServer):
    """Belongs to one event loop, the one it is connected on."""

    protocol: DragomanProtocol  # pyright: ignore[reportIncompatibleVariableOverride] - pygls cannot say it generically

    def __init__(self, load: Load, environment: Mapping[str, str]) -> None:
        super().__init__(
            "dragoman",
            version("dragoman"),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            notebook_document_sync=types.NotebookDocumentSyncOptions(
                [types.NotebookDocumentFilterWithNotebook("*", [types.NotebookCellLanguage("*")])]
            ),
            protocol_cls=DragomanProtocol,
        )
        self.documents = Documents()
        self.configuration = Configuration(environment)
        self.reporter = Reporter(self)
        self.engines = Engines(load, self.reporter.status)
        self.engine = self.engines.main
        self._closing: set[asyncio.Future[None]] = set()
        self.contexts = Contexts(self.documents)
        self.monitoring = Monitoring(self._analyser_changed)
        self._failed_analysers: set[str] = set()
        service = CompletionService(self.contexts, SuggestionCache(), self.monitoring)
        self.completer = Completer(self.engines, service)
        background = CompletionService(self.contexts, monitors=self.monitoring)
        self.recording = Recording(self.completer, self.engines, background, self.reporter.warning)
        self.translations = Translations(self, load)
        self.trusted: bool | None = None
        """Whether the editor's user trusts the workspace; `None` where the editor has not said."""
        self._finished: asyncio.Future[int] | None = None
        self._told_settings: asyncio.Future[None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    # --- the connection ---

    def connect(self, connection: Connection) -> None:
        """Messages to the editor leave through `connection` from now on. To be called on the event loop."""
        self._finished = asyncio.get_running_loop().create_future()
        self._told_settings = asyncio.get_running_loop().create_future()
        self.protocol.writer = connection  # type: ignore[assignment] - ours takes bodies and frames them itself

    def receive(self, body: bytes) -> None:
        """Take one message from the editor."""
        if not self.finished:
            self.protocol.receive(body)

    def watch_editor(self, process_id: int | None) -> None:
        """End with the editor's process.

        One that cannot be seen now is not waited for: the editor may live in another container.
        """
        if process_id is not None and is_alive(process_id):
            self._watcher = asyncio.create_task(wait_until_gone(process_id))
            self._watcher.add_done_callback(lambda watcher: watcher.cancelled() or self.disconnected())

    @property
    def finished(self) -> bool:
        return self._finished is not None and self._finished.done()

    def disconnected(self) -> None:
        """The editor has gone: in good order if it said so before."""
        self.finish(0 if self.protocol.told_to_shut_down else 1)

    def finish(self, status: int) -> None:
        """End the connection; the first status counts."""
        if self._finished is not None and not self._finished.done():
            logger.info(event("finished", status=status))
            self._finished.set_result(status)

    async def wait_until_finished(self) -> int:
        """Wait for the end, then free everything; the exit status for the process."""
        while self._finished is None:  # nobody has connected yet
            await asyncio.sleep(0.05)
        try:
            return await self._finished
        finally:
            if self._watcher is not None:
                self._watcher.cancel()
            self.recording.finish()
            self.completer.close()
            await self.translations.close()
            self.contexts.close()
            self.reporter.end()
            await asyncio.to_thread(self.monitoring.close)
            await asyncio.gather(
                asyncio.to_thread(self.recording.close), asyncio.to_thread(self.engines.close), *self._closing
            )

    def settle_capabilities(self, result: types.InitializeResult) -> types.InitializeResult:
        """Offer a completion list only where it is wanted."""
        wanted = self.configuration.settings().completion.completion_list
        inline = _get(self.client_capabilities, "text_document", "inline_completion") is not None
        if wanted == "never" or (wanted == "auto" and inline):
            result.capabilities.completion_provider = None
        return result

    @property
    def client_shows_progress(self) -> bool:
        return bool(_get(self.client_capabilities, "window", "work_done_progress"))

    @property
    def client_creates_files(self) -> bool:
        """Whether an edit of the workspace may make a file."""
        kinds = _get(self.client_capabilities, "workspace", "workspace_edit", "resource_operations")
        return types.ResourceOperationKind.Create in (kinds or ())

    @property
    def client_shows_documents(self) -> bool:
        return bool(_get(self.client_capabilities, "window", "show_document", "support"))

    @property
    def may_run(self) -> bool:
        """Whether translations may be built and run: the editor's word on trust, else the setting."""
        return self.configuration.settings().translation.run if self.trusted is None else self.trusted

    # --- static analysis ---

    def analyse_soon(self, document: Document) -> None:
        """Let the analyser of a document that was opened begin to read it."""
        settings = self.settings_for(document)
        if self._is_monitored(settings, document):
            self.monitoring.start(self.request_at(document, document.cursor, "automatic"), settings.monitors)

    def fetch_ahead(self, document: Document) -> None:
        """Where the cursor stands behind a dot or its like: ask what may follow, before anybody asks the model."""
        cursor = document.cursor
        if document.text.slice(cursor - 1, cursor) not in _ASKED_AHEAD:
            return
        settings = self.settings_for(document)
        if self._is_monitored(settings, document):
            self.monitoring.fetch_ahead(self.request_at(document, cursor, "automatic"), settings.monitors)

    def _is_monitored(self, settings: Settings, document: Document) -> bool:
        return settings.monitors.enabled and suggests_while_typing(settings, document)

    def _analyser_changed(self, status: AnalyserStatus) -> None:
        """Tell once that an analyser has failed, and once that all are well again. Called from other threads."""
        logger.info(event("analyser", name=status.analyser, state=status.state, reason=status.message))
        if status.state == "failed" and status.analyser not in self._failed_analysers:
            self._failed_analysers.add(status.analyser)
            message = f"The analyser {status.analyser} failed ({status.message}): suggestions are not checked by it."
            self.reporter.status(Status("Warning", message, busy=self.engine.status.busy))
        elif status.state == "ready" and status.analyser in self._failed_analysers:
            self._failed_analysers.discard(status.analyser)
            if not self._failed_analysers:
                self.reporter.status(self.engine.status)

    # --- settings ---

    async def pull_settings(self, *, again: bool = True) -> None:
        """Ask the editor for its section `dragoman`, if it can be asked, and apply all settings.

        `again`: a model that failed is tried once more.
        """
        if _get(self.client_capabilities, "workspace", "configuration"):
            params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
            try:
                answer = await asyncio.wait_for(self.workspace_configuration_async(params), PULL_TIMEOUT_S)
                self.configuration.set_client_configuration(answer[0] if answer else None)
            except Exception as error:  # noqa: BLE001 - an editor that does not answer must not keep us from working
                logger.warning(event("configuration not pulled", reason=f"{type(error).__name__}: {error}"))
        self.apply_settings(again=again)

    @property
    def knows_settings(self) -> bool:
        """Whether the editor's settings have been asked for, and came or will not come."""
        return self._told_settings is None or self._told_settings.done()

    async def settings_known(self) -> None:
        """Wait for that, as long as an editor may take to answer."""
        if self._told_settings is not None:
            await asyncio.wait((self._told_settings,), timeout=PULL_TIMEOUT_S)
            self._settings_told()

    def begin_model(self) -> None:
        """Bring in the model that is wanted as far as is known: a first request may come before the editor's answer."""
        self.engine.start(self.configuration.settings().model)

    def apply_settings(self, *, again: bool = True) -> None:
        """Make the settings count that are there now, and say which were left out."""
        settings = self.configuration.settings()
        set_level(settings.log.level)
        self.engine.start(settings.model, again=again)
        self._keep_only(_compared(settings))
        self.recording.apply(settings)
        self._settings_told()
        problems = self.configuration.take_problems()
        if problems:
            self.reporter.problems(problems)

    def _keep_only(self, compared: frozenset[ModelSettings]) -> None:
        """Free the models that neither complete nor are compared any more."""
        for engine in self.engines.keep_only(compared):
            closing = asyncio.ensure_future(asyncio.to_thread(engine.close))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _settings_told(self) -> None:
        if self._told_settings is not None and not self._told_settings.done():
            self._told_settings.set_result(None)
            if not self.engine.status.busy:
                self.reporter.status(self.engine.status)

    def read_workspace_files(self) -> None:
        for root in self.documents.folders.roots:
            self.configuration.read_workspace_file(root)

    async def register_for_changes(self) -> None:
        """Ask to be told when settings change, of editors that only tell who asks."""
        registrations: list[types.Registration] = []
        if _get(self.client_capabilities, "workspace", "did_change_configuration", "dynamic_registration"):
            options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            registrations.append(
                types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, register_options=options)
            )
        if _get(self.client_capabilities, "workspace", "did_change_watched_files", "dynamic_registration"):
            watchers = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(f"**/{WORKSPACE_FILE}")])
            registrations.append(
                types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=watchers)
            )
        if registrations:
            try:
                await self.client_register_capability_async(types.RegistrationParams(registrations))
            except Exception as error:  # noqa: BLE001 - then changes are seen when the editor tells them by itself
                logger.debug(event("registration refused", reason=error))

    # --- completion ---

    def settings_for(self, document: Document) -> Settings:
        return self.configuration.settings(self.documents.locate(document).root)

    def request_at(self, document: Document, offset: int, trigger: Trigger, candidates: int = 1) -> CompletionRequest:
        """What is asked when the cursor is at an offset of a document as it is now."""
        location = self.documents.locate(document)
        extent = self.configuration.settings(location.root).completion.extent
        source = Source(
            language_id=document.language_id,
            path=location.path,
            root=location.root,
            uri=document.uri,
            version=document.version,
            before=self.documents.text_before(document),
        )
        return request_at(
            document.text,
            offset,
            source,
            trigger=trigger,
            candidates=candidates,
            extent=None if extent == "auto" else extent,
            hurried=True,
        )

    def warm_soon(self, document: Document) -> None:
        """Let the model read what stands before the cursor, once there is a pause."""
        uri = document.uri

        def request_now() -> tuple[CompletionRequest, Settings] | None:
            still_open = self.documents.get(uri)
            if still_open is None:
                return None
            settings = self.settings_for(still_open)
            if not (settings.completion.warm and suggests_while_typing(settings, still_open)):
                return None
            text = still_open.text
            cursor = still_open.cursor or text.line_start(text.line_of(FIRST_LOOK_CHARS))
            return self.request_at(still_open, cursor, "automatic"), settings

        self.completer.warm_soon(request_now)


def suggests_while_typing(settings: Settings, document: Document) -> bool:
    """Whether automatic suggestions are wanted in a document."""
    return settings.completion.automatic and document.language_id not in settings.completion.disabled_languages


def _compared(settings: Settings) -> frozenset[ModelSettings]:
    """The models of the arms that are compared; none if one of the arms cannot be read."""
    telemetry = settings.telemetry
    if telemetry.consent == "off" or not telemetry.arms:
        return frozenset()
    from lsp_server.telemetry.arms import parse_arms

    try:
        return frozenset(with_changes(settings, dict(arm.changes)).model for arm in parse_arms(telemetry.arms))
    except UserError:  # what is wrong with it, `Recording` tells
        return frozenset()


def _get(capabilities: Any, *path: str) -> Any:
    """A capability that may be missing at any depth."""
    for name in path:
        capabilities = getattr(capabilities, name, None)
    return capabilities
