"""Between the editor's messages and the recorder: who answers a request, whether it is shown, what is told of it.

Draws the arm of an A/B test, keeps back what is not to be shown, lets shadow arms answer in the background. A fault in
here costs a record, never a completion.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from lsp_server.completion.request import CompletionRequest, CompletionResult
from lsp_server.completion.service import CompletionService
from lsp_server.documents import Document
from lsp_server.engine import Engines
from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.server.completing import Completer
from lsp_server.settings import Settings
from lsp_server.settings.overlay import with_changes
from models import Cancellation
from models import Generator as Model

if TYPE_CHECKING:
    from lsp_server.server.questions import Question
    from lsp_server.telemetry.arms import Arm, Lots
    from lsp_server.telemetry.record import Decision, Record
    from lsp_server.telemetry.recorder import Recorder
    from lsp_server.telemetry.telemetry import Telemetry
    from lsp_server.telemetry.watch import Watch

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MAX_EDITOR_CHARS = 40


class LoopTime:
    """The recorder's clock on the running event loop."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    def call_later(self, delay_s: float, callback: Callable[[], None], /) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay_s, callback)


class Recording:
    """One editor's telemetry, off and not even imported until the settings say otherwise.

    Everything runs on the event loop.
    """

    def __init__(
        self, completer: Completer, engines: Engines, background: CompletionService, warn: Callable[[str], None]
    ) -> None:
        """`background` completes for shadow arms and has no cache. `warn` tells the user something, from any thread."""
        self._completer = completer
        self._engines = engines
        self._background = background
        self._warn = warn
        self._telemetry: Telemetry | None = None
        self._lots: Lots | None = None
        self._arms: tuple[Arm, ...] = ()
        self._editor = ""
        completer.on_prefetched = self._prefetched

    def introduce(self, name: str, version: str | None) -> None:
        """The editor says who it is."""
        self._editor = re.sub(r"[^\w .+-]", "", f"{name} {version or ''}").strip()[:MAX_EDITOR_CHARS]

    def apply(self, settings: Settings) -> None:
        """Make the settings count that are there now."""
        telemetry = settings.telemetry
        wanted = telemetry.consent != "off" or telemetry.show_filter or bool(telemetry.otlp_endpoint)
        if self._telemetry is None and not wanted:
            return
        with _harmless():
            if self._telemetry is None:
                from lsp_server.telemetry.arms import Lots
                from lsp_server.telemetry.telemetry import Telemetry

                self._telemetry, self._lots = Telemetry(LoopTime(), self._warn), Lots()
            self._telemetry.apply(telemetry, self._editor)
            self._arms = self._readable_arms(settings, self._telemetry) if telemetry.consent != "off" else ()

    def finish(self) -> None:
        """The server ends."""
        if self._telemetry is not None:
            with _harmless():
                self._telemetry.finish()

    def close(self) -> None:
        """Write the rest. Blocking; after `finish`, and from any thread."""
        if self._telemetry is not None:
            self._telemetry.close()

    @property
    def _recorder(self) -> "Recorder | None":
        return self._telemetry.recorder if self._telemetry is not None else None

    def complete(
        self, channel: str, question: "Question", convert: Callable[[CompletionResult], Answer]
    ) -> asyncio.Task[Answer]:
        """What goes to the editor, as `convert` makes it. Where the cursor is, is noted now; the task does the rest."""
        telemetry, recorder, settings, watch = self._telemetry, self._recorder, question.settings, None
        with _harmless():
            if telemetry is not None and telemetry.covers(question.file, question.request.root):
                settings, watch = self._asked(telemetry, channel, question)

        async def answer() -> Answer:
            if telemetry is None:
                return convert(await self._completer.complete(channel, question.request, settings))
            return convert(await self._answer(telemetry, channel, question, settings, watch))

        def settle(task: asyncio.Task[Answer]) -> None:
            if task.cancelled() and watch is not None and recorder is not None:
                with _harmless():
                    recorder.abandoned(watch, "cancelled")

        task = asyncio.create_task(answer())
        task.add_done_callback(settle)  # not in the coroutine: cancelled at once, a task runs none of it
        return task

    async def _answer(
        self, telemetry: "Telemetry", channel: str, question: "Question", settings: Settings, watch: "Watch | None"
    ) -> CompletionResult:
        recorder, tracer = telemetry.recorder, telemetry.tracer
        began_ns = time.time_ns()
        result = await self._completer.complete(channel, question.request, settings)
        if tracer is not None:
            with _harmless():
                tracer.completion(question.request, result, began_ns, time.time_ns())
        if watch is None or recorder is None:
            return result
        show = True
        with _harmless():
            show = recorder.answered(watch, result, decide=self._decide) or not result.suggestions
            self._ask_shadows(question, watch)
        return result if show else replace(result, suggestions=())

    # --- what the editor tells ---

    def opened(self, document: Document) -> None:
        if self._recorder is not None:
            with _harmless():
                self._recorder.opened(document)

    def changed(self, document: Document) -> None:
        if self._recorder is not None:
            with _harmless():
                self._recorder.changed(document)

    def saved(self, document: Document) -> None:
        if self._recorder is not None:
            with _harmless():
                self._recorder.saved(document)

    def closed(self, document: Document) -> None:
        if self._recorder is not None:
            with _harmless():
                self._recorder.closed(document)

    def shown(self, candidate: str) -> None:
        logger.info(event("shown", id=candidate))
        if self._recorder is not None:
            with _harmless():
                self._recorder.shown(candidate)

    def rejected(self, candidate: str) -> None:
        logger.info(event("rejected", id=candidate))
        if self._recorder is not None:
            with _harmless():
                self._recorder.rejected(candidate)

    def accepted(self, candidate: str) -> None:
        logger.info(event("accepted", id=candidate))
        if self._recorder is not None:
            with _harmless():
                self._recorder.accepted(candidate)

    def accepted_part(self, candidate: str, length: object) -> None:
        """`length` in UTF-16 units, whatever the editor counts columns in."""
        logger.info(event("partly accepted", id=candidate, length=length))
        if self._recorder is not None and isinstance(length, int):
            with _harmless():
                self._recorder.accepted_part(candidate, length)

    # --- decisions ---

    def _asked(self, telemetry: "Telemetry", channel: str, question: "Question") -> tuple[Settings, "Watch | None"]:
        """Draw who answers a request, and begin to watch it."""
        from lsp_server.telemetry.record import Decision

        settings, document, recorder = question.settings, question.document, telemetry.recorder
        if recorder is None:
            return settings, None
        item = _list_item(question)
        if self._lots is None or settings.telemetry.consent == "off":
            return settings, recorder.asked(channel, question.request, document, item=item)
        draw = self._lots.draw(
            (document.uri, document.text.line_of(document.cursor)),
            time.monotonic(),
            self._arms,
            settings.telemetry.hold_out if question.request.trigger == "automatic" else 0.0,
            settings.telemetry.arm_assignment,
            telemetry.user,
        )
        decision = Decision(
            arm="" if draw.arm is None else draw.arm.name,
            assignment="none" if draw.arm is None else settings.telemetry.arm_assignment,
            propensity=draw.propensity,
            held_out=draw.held_out,
        )
        watch = recorder.asked(channel, question.request, document, decision, item)
        return settings if draw.arm is None else with_changes(settings, dict(draw.arm.changes)), watch

    def _decide(self, record: "Record") -> "Decision":
        """Whether a suggestion is shown."""
        decision = record.decision
        if decision.held_out:
            return replace(decision, reason="held_out")
        show_filter = self._telemetry.filter if self._telemetry is not None else None
        score = show_filter.score(record) if show_filter is not None and record.request.trigger == "automatic" else None
        if show_filter is None or score is None:
            return decision
        judged = replace(
            decision, filter=show_filter.name, filter_score=round(score, 6), filter_threshold=show_filter.threshold
        )
        return replace(judged, reason="filtered") if score < show_filter.threshold else judged

    # --- arms ---

    def _readable_arms(self, settings: Settings, telemetry: "Telemetry") -> "tuple[Arm, ...]":
        """The arms in the settings; none, and a warning, if one of them cannot be read."""
        from lsp_server.telemetry.arms import parse_arms

        try:
            arms = parse_arms(settings.telemetry.arms)
            for arm in arms:
                with_changes(settings, dict(arm.changes))
        except UserError as error:
            telemetry.tell_once(f"No arms are compared: {error.message} {error.hint}")
            return ()
        return arms

    def _ask_shadows(self, question: "Question", watch: "Watch") -> None:
        loop = asyncio.get_running_loop()
        for arm in self._arms:
            if arm.shadow:
                settings = with_changes(question.settings, dict(arm.changes))
                self._ask_shadow(arm, question.request, settings, watch, loop)

    def _ask_shadow(
        self,
        arm: "Arm",
        request: CompletionRequest,
        settings: Settings,
        watch: "Watch",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        def work(generator: Model, cancellation: Cancellation) -> None:
            result = self._background.complete(request, generator, settings, cancellation=cancellation)
            loop.call_soon_threadsafe(self._shadow_answered, arm, watch, result)

        engine = self._engines.of(settings.model)
        if engine.status.kind != "Error":
            engine.submit_idle(f"shadow {arm.name} {watch.record.id}", work)

    def _shadow_answered(self, arm: "Arm", watch: "Watch", result: CompletionResult) -> None:
        if self._recorder is not None and result.written is not None:
            with _harmless():
                self._recorder.also_generated(watch, result, arm.name)

    def _prefetched(self, _request: CompletionRequest, result: CompletionResult) -> None:
        if self._recorder is not None:
            with _harmless():
                self._recorder.prefetched(result)


def _list_item(question: "Question") -> tuple[str, str]:
    """The item of the editor's own list that suggestions go on from: what is typed of it, and the rest."""
    selected, column = question.place.selected, question.place.selected_column
    if not selected or column is None:
        return "", ""
    text, cursor = question.document.text, question.document.cursor
    typed = max(cursor - text.offset(question.place.line, column), 0)
    return selected[:typed], selected[typed:]


@contextmanager
def _harmless() -> Generator[None]:
    try:
        yield
    except Exception:
        logger.exception(event("telemetry failed"))
