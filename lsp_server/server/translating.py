"""Translations that an editor asked for: where they run, what is said meanwhile, how they end before their time.

A translation takes seconds to minutes, so it has a thread of its own; only the model's part goes through the engine, as
idle work that gives way to completions. Whatever is refused is refused with words; a translation that is cancelled
leaves nothing behind.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.engine import Engine, Load
from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.server.tokens import Token
from lsp_server.server.translation_requests import TranslationRequest, diagnostics, to_answer, to_unit
from lsp_server.settings import Settings
from lsp_server.translation import Translation, UnitTranslation
from models import (
    Cancellation,
    Cancelled,
    ChatPrompt,
    DecodingParameters,
    Generation,
    Generator,
    Guide,
    ModelError,
    Prompt,
    StopRule,
)

if TYPE_CHECKING:
    from lsp_server.server.server import DragomanServer

logger = logging.getLogger(__name__)

REQUEST_FAILED = -32803
LOOK_S = 0.05
"""How often it is looked whether somebody cancelled."""
MOST_INTERRUPTIONS = 3
"""After completions have interrupted a candidate so often, it is written with their priority."""
CLOSE_S = 10.0


class Translations:
    """All translations of one editor. Belongs to the event loop."""

    def __init__(self, server: "DragomanServer", load: Load) -> None:
        self._server = server
        self._load = load
        self._running: dict[Cancellation, asyncio.Future[Any]] = {}
        self._marked: set[str] = set()
        self._own: Engine | None = None
        """Holds the model that only translates, if the settings name one."""

    async def translate(self, request: TranslationRequest, settings: Settings, token: Token | None) -> dict[str, Any]:
        """The answer to a request. Cancelling this coroutine stops everything below it."""
        cancellation = Cancellation()
        progress = _Progress(self._server, token, cancellation)
        await progress.begin(f"Translating to {request.target.name}")
        work = asyncio.get_running_loop().run_in_executor(
            None, self._work, request, settings, progress, cancellation, asyncio.get_running_loop()
        )
        self._running[cancellation] = work
        try:
            answer = await asyncio.shield(work)
        except asyncio.CancelledError:
            cancellation.cancel()
            await asyncio.wait([work], timeout=CLOSE_S)
            raise
        except Cancelled:
            raise asyncio.CancelledError from None
        except (UserError, ModelError) as error:
            raise refusal(error) from error
        finally:
            self._running.pop(cancellation, None)
            progress.end()
            if work.done() and not work.cancelled():
                work.exception()  # looked at, so that nobody complains
        logger.info(
            event(
                "translation",
                source=request.source.id,
                target=request.target.id,
                status=answer.verdict.status,
                units=len(answer.units),
                candidates=answer.candidates,
                total_ms=answer.milliseconds,
            )
        )
        return to_answer(answer, request)

    async def close(self) -> None:
        """Stop everything and wait until nothing runs."""
        for cancellation in list(self._running):
            cancellation.cancel()
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=CLOSE_S)
        if self._own is not None:
            await asyncio.to_thread(self._own.close)

    def _engine(self, settings: Settings) -> Engine:
        """The engine with the model that translates."""
        from lsp_server.translation.ready import model_settings

        wanted = model_settings(settings)
        if wanted == settings.model:
            return self._server.engine
        if self._own is None:
            self._own = Engine(self._load)
        self._own.start(wanted)
        return self._own

    def _work(
        self,
        request: TranslationRequest,
        settings: Settings,
        progress: "_Progress",
        cancellation: Cancellation,
        loop: asyncio.AbstractEventLoop,
    ) -> Translation:
        """On a thread of its own."""
        from lsp_server.translation.ready import make_translator, options_from  # imported by the first translation

        translator = make_translator(allowed=request.allowed)
        writer = EngineWriter(self._engine(settings))

        def on_unit(index: int, count: int, unit: UnitTranslation) -> None:
            if request.partial_token is not None:
                value = {**to_unit(unit, request), "index": index, "count": count}
                _in_step(loop, cancellation, partial(progress.send_value, request.partial_token, value))

        def say(what: str, fraction: float) -> None:
            _in_step(loop, cancellation, partial(progress.report, what, fraction))

        answer = translator.translate(
            request.task, writer, options_from(settings), cancellation=cancellation, say=say, on_unit=on_unit
        )
        return replace(answer, model=writer.model)

    # --- what is known of it, as diagnostics ---

    def mark(self, answer: dict[str, Any]) -> None:
        """Put the verdicts on the source, if an editor has it open."""
        uri = answer["sourceUri"]
        if self._server.documents.get(uri) is not None:
            self._marked.add(uri)
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics(answer)))

    def unmark(self, uri: str) -> None:
        """The source is not what it was."""
        if uri in self._marked:
            self._marked.discard(uri)
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    # --- offering the result ---

    async def offer(self, answer: dict[str, Any]) -> None:
        """Open the result as a new document beside the source, if the editor can do that."""
        uri, text = answer["suggestedUri"], answer["text"]
        if not uri or not text or not self._server.client_creates_files:
            return
        edit = types.WorkspaceEdit(
            document_changes=[
                types.CreateFile(uri, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=False)),
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, None),
                    [types.TextEdit(types.Range(types.Position(0, 0), types.Position(0, 0)), text)],
                ),
            ]
        )
        try:
            applied = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, "Translation"))
            if applied.applied and self._server.client_shows_documents:
                await self._server.window_show_document_async(types.ShowDocumentParams(uri, take_focus=True))
        except Exception as error:  # noqa: BLE001 - the answer itself is there; how it is shown is the editor's business
            logger.warning(event("translation not shown", reason=f"{type(error).__name__}: {error}"))


class EngineWriter:
    """A `Writer` over an engine, for one translation: idle work first, so that completions do not wait for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._key = f"translate {uuid4()}"
        self.model = ""
        """The name of the model that was asked; empty if none was."""

    def __call__(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation,
    ) -> Generation:
        if self._engine.status.kind == "Error":
            raise ModelError(self._engine.status.message)

        def write(generator: Generator, token: Cancellation) -> Generation:
            self.model = generator.name
            if guide is not None:
                guide.rolled_back("")
            return generator.generate(prompt, parameters, stop=stop, guide=guide, cancellation=token)

        for attempt in range(MOST_INTERRUPTIONS + 1):
            submit = self._engine.submit_idle if attempt < MOST_INTERRUPTIONS else self._engine.submit
            job = submit(self._key, write)
            try:
                return _wait_for(job.future, cancellation, lambda job=job: self._engine.cancel(job))
            except Cancelled:
                cancellation.raise_if_cancelled()
        raise Cancelled


def _in_step(loop: asyncio.AbstractEventLoop, cancellation: Cancellation, send: Callable[[], None]) -> None:
    """Have the event loop call `send`, and wait until it has.

    Rules translate hundreds of units a second. A thread that ran ahead of the loop would fill it with messages, and
    whoever cancels would be heard after the last of them. Raises `Cancelled`.
    """
    sent = threading.Event()

    def call() -> None:
        try:
            send()
        finally:
            sent.set()

    loop.call_soon_threadsafe(call)
    while not sent.wait(LOOK_S):
        cancellation.raise_if_cancelled()
    cancellation.raise_if_cancelled()


def _wait_for(future: "Future[Generation]", cancellation: Cancellation, stop: Callable[[], None]) -> Generation:
    """The result of `future`; `Cancelled` once somebody has lost interest, when the work has ended."""
    while True:
        try:
            return future.result(timeout=LOOK_S)
        except TimeoutError:
            if future.done():
                raise
            if cancellation.cancelled:
                stop()


def refusal(error: UserError | ModelError) -> JsonRpcException:
    """What cannot be done, as an answer."""
    return JsonRpcException(f"{error.message} {error.hint}".strip(), REQUEST_FAILED)


@dataclass(eq=False)
class _Progress:
    """`$/progress` of one translation, on the client's token or on one of ours."""

    server: "DragomanServer"
    token: Token | None
    cancellation: Cancellation
    begun: bool = False

    async def begin(self, title: str) -> None:
        if self.token is None and self.server.client_shows_progress:
            token = str(uuid4())
            try:
                await self.server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
                self.token = token
            except Exception as error:  # noqa: BLE001 - an editor that will not show progress is no reason to stop
                logger.debug(event("progress refused", reason=error))
        if self.token is None:
            return
        self.begun = True
        asked: Future[Any] = Future()
        asked.add_done_callback(lambda _: self.cancellation.cancel() if asked.cancelled() else None)
        self.server.protocol.progress.tokens[self.token] = asked
        self._send(types.WorkDoneProgressBegin(title, cancellable=True, message="reading", percentage=0))

    def report(self, what: str, fraction: float) -> None:
        if self.begun:
            self._send(types.WorkDoneProgressReport(message=what, percentage=int(100 * fraction), cancellable=True))

    def end(self) -> None:
        if self.begun and self.token is not None:
            self._send(types.WorkDoneProgressEnd())
            self.begun = False
            self.server.protocol.progress.tokens.pop(self.token, None)

    def send_value(self, token: Token, value: Any) -> None:
        self.server.protocol.notify(types.PROGRESS, types.ProgressParams(token, value))

    def _send(self, value: Any) -> None:
        assert self.token is not None
        self.send_value(self.token, value)
