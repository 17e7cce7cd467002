"""Requests of one editor over time: the newest of a document counts, a pause in typing is waited for, and while nobody
asks the model reads ahead.

What a completion is stands in `lsp_server.completion.service`; here is only when it is worked out, and who still wants
it. Everything runs on the event loop; the model's thread is reached through the engine.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from lsp_server.completion.debounce import AdaptiveDebounce
from lsp_server.completion.request import CompletionRequest, CompletionResult
from lsp_server.completion.service import CompletionService, after_accepting
from lsp_server.engine import Engine, Engines
from lsp_server.logs import event
from lsp_server.settings import Settings
from models import Cancellation, Cancelled, Generator, ModelError

logger = logging.getLogger(__name__)

WAIT_FOR_MODEL_S = {"automatic": 2.0, "invoked": 10.0}
"""How long a request waits for a model that is still being loaded."""
IDLE_S = 0.2
"""A pause in typing after which the model reads what was typed."""


RequestNow = Callable[[], tuple[CompletionRequest, Settings] | None]
"""Says, when the time has come, where the cursor is; `None` where nothing is to be read."""


@dataclass(eq=False)
class Turn:
    """A request that is being worked on."""

    key: str
    over: "asyncio.Future[None]"
    """Done once a newer request has taken its place."""

    async def wait(self, other: "asyncio.Future[Any] | None" = None, timeout_s: float | None = None) -> bool:
        """Wait for `other`, for `timeout_s` seconds, or for a newer request; whether this one still counts."""
        waited = [self.over] if other is None else [self.over, other]
        await asyncio.wait(waited, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        return not self.over.done()


class Completer:
    """When to complete."""

    def __init__(self, engines: Engines, service: CompletionService) -> None:
        self._engines = engines
        self._service = service
        self._turns: dict[str, Turn] = {}
        self._debounce = AdaptiveDebounce()
        self._warm_timer: asyncio.TimerHandle | None = None
        self.on_prefetched: Callable[[CompletionRequest, CompletionResult], None] = lambda request, result: None
        """Called on the event loop with what was written ahead."""

    async def complete(self, channel: str, request: CompletionRequest, settings: Settings) -> CompletionResult:
        """The answer to `request`, empty as soon as a newer one for the same document comes on the same `channel`.

        Cancelling this coroutine stops the decoder too.
        """
        start = perf_counter()
        engine = self._engines.of(settings.model)
        turn = self._begin(f"{channel} {request.uri}")
        try:
            result = await self._answer(turn, request, settings, engine)
        except asyncio.CancelledError:
            _log(request, _nothing("cancelled"))
            raise
        finally:
            self._end(turn)
        total = (perf_counter() - start) * 1000
        result = replace(result, timings_ms={**result.timings_ms, "total": total})
        _log(request, result)
        self._prefetch(request, result, settings, engine)
        return result

    def keystroke(self) -> None:
        """The user has changed a document just now."""
        self._debounce.keystroke()

    def warm_soon(self, request_now: RequestNow) -> None:
        """Let the model read ahead after a pause. The latest call counts."""
        if self._warm_timer is not None:
            self._warm_timer.cancel()
        self._warm_timer = asyncio.get_running_loop().call_later(IDLE_S, self._warm, request_now)

    def close(self) -> None:
        """Answer what is still open, empty, and begin nothing more."""
        if self._warm_timer is not None:
            self._warm_timer.cancel()
        for turn in list(self._turns.values()):
            self._end(turn)

    def _begin(self, key: str) -> Turn:
        older = self._turns.get(key)
        if older is not None:
            self._end(older)
        turn = self._turns[key] = Turn(key, asyncio.get_running_loop().create_future())
        return turn

    def _end(self, turn: Turn) -> None:
        if not turn.over.done():
            turn.over.set_result(None)
        if self._turns.get(turn.key) is turn:
            del self._turns[turn.key]

    async def _answer(
        self, turn: Turn, request: CompletionRequest, settings: Settings, engine: Engine
    ) -> CompletionResult:
        cached = self._service.from_cache(request, settings, engine.model)
        if cached is not None:
            return cached
        pause_ms = min(self._debounce.delay_ms(request), settings.completion.max_debounce_ms)
        if pause_ms > 0 and not await turn.wait(timeout_s=pause_ms / 1000):
            return _nothing("superseded")
        if engine.status.kind == "Error":
            return _nothing("no_model")
        result = await self._generate(turn, request, settings, engine)
        return replace(result, timings_ms={"debounce": max(pause_ms, 0.0), **result.timings_ms})

    async def _generate(
        self, turn: Turn, request: CompletionRequest, settings: Settings, engine: Engine
    ) -> CompletionResult:
        def work(generator: Generator, cancellation: Cancellation) -> CompletionResult:
            return self._service.complete(request, generator, settings, cancellation=cancellation)

        job = engine.submit(turn.key, work)
        timeout_s = WAIT_FOR_MODEL_S[request.trigger] if engine.status.busy else None
        try:
            if not await turn.wait(_ended(job.future), timeout_s):
                return _nothing("superseded")
            if not job.future.done():
                return _nothing("model_not_ready")
            result = job.future.result()
        except Cancelled:
            return _nothing("cancelled")
        except ModelError as error:
            logger.warning(event("completion failed", reason=error.message))
            return _nothing("model_error")
        finally:
            engine.cancel(job)
        if request.trigger == "automatic":
            self._debounce.answered(job.queue_ms + result.timings_ms.get("total", 0.0))
        return replace(result, timings_ms={"queue": job.queue_ms, **result.timings_ms})

    def _prefetch(
        self, request: CompletionRequest, result: CompletionResult, settings: Settings, engine: Engine
    ) -> None:
        """Work out what would follow if the first suggestion were accepted."""
        if not (settings.completion.prefetch and result.suggestions) or engine.status.busy:
            return
        if engine.wanted != settings.model:  # another was chosen meanwhile; this answer brings none back
            return
        following = replace(after_accepting(request, result.suggestions[0]), hurried=False)
        loop = asyncio.get_running_loop()

        def prefetch(generator: Generator, cancellation: Cancellation) -> None:
            ahead = self._service.complete(following, generator, settings, cancellation=cancellation)
            _tell(loop, lambda: self.on_prefetched(following, ahead))

        if self._service.from_cache(following, settings, engine.model) is None:
            _idle(engine, "prefetch", prefetch)

    def _warm(self, request_now: RequestNow) -> None:
        self._warm_timer = None
        wanted = request_now()
        if wanted is None:
            return
        request, settings = wanted
        engine = self._engines.of(settings.model)
        if engine.status.busy:
            return

        def warm(generator: Generator, cancellation: Cancellation) -> None:
            self._service.warm(request, generator, settings, cancellation=cancellation)

        _idle(engine, "warm", warm)


def _idle(engine: Engine, key: str, work: Callable[[Generator, Cancellation], None]) -> None:
    if engine.status.kind != "Error":
        engine.submit_idle(key, work).future.add_done_callback(_note_idle_failure)


def _nothing(reason: str) -> CompletionResult:
    return CompletionResult((), reason=reason)


def _ended(future: "Future[Any]") -> "asyncio.Future[None]":
    """Done on the event loop once `future` is done on its thread; its outcome is read from `future` itself."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(_: "Future[Any]") -> None:
        _tell(loop, lambda: None if ended.done() else ended.set_result(None))

    future.add_done_callback(tell)
    return ended


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Call back on the event loop, from any thread."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:  # the loop is closed: nobody waits any more
        return


def _note_idle_failure(future: "Future[Any]") -> None:
    error = future.exception()
    if error is not None and not isinstance(error, (Cancelled, ModelError)):
        logger.error(event("idle work failed"), exc_info=error)


def _log(request: CompletionRequest, result: CompletionResult) -> None:
    fields: dict[str, Any] = {"trigger": request.trigger, "source": result.source}
    if request.trigger_point:
        fields["point"] = request.trigger_point
    if result.reason:
        fields["reason"] = result.reason
    if result.suggestions:
        first = result.suggestions[0]
        fields |= {"id": first.id, "extent": result.extent, "count": len(result.suggestions), "tokens": first.tokens}
    fields |= {f"{stage}_ms": value for stage, value in result.timings_ms.items()}
    logger.info(event("completion", **fields))
