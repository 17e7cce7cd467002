"""Keeps one language server alive: started at the first question, restarted after it died, ever less eagerly."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from monitors.analysis.servers import ServerSpec
from monitors.errors import AnalysisFailed
from monitors.host.wire import Request

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_TIMEOUTS_BORNE = 3
"""A server that lets so many requests in a row run out of time is taken to hang, and is killed."""
_SLOW_START_S = 60.0
"""A server that has not answered anything yet may still be reading the project: it is borne for so long."""


class ServerKeeper:
    """Answers requests through a server that may not be running yet. All methods run on the host's event loop."""

    def __init__(self, spec: ServerSpec, root: str, report: Callable[[str, str, str], None]) -> None:
        """`report(analyser, state, message)` is called whenever the state changes."""
        self.spec = spec
        self._root = root
        self._report = report
        self._server: Any = None
        self._starting: asyncio.Task[Any] | None = None
        self._pause_s = _FIRST_PAUSE_S
        self._not_before = 0.0
        self._why_down = ""
        self._timeouts = 0
        self._started = 0.0
        self._has_answered = False
        self._order = asyncio.Lock()

    async def answer(self, request: Request) -> Any:
        """The answer to a request. Raises `AnalysisFailed`, also when the patience ends before its turn comes."""
        try:
            async with asyncio.timeout(request.patience_ms / 1000):
                server = await self._running()
                await self._order.acquire()
        except TimeoutError:
            raise AnalysisFailed(f"{self.spec.name} is not ready yet") from None
        # A virtual document is shown and asked about in one go: another request must not change it in between.
        try:
            answer = await getattr(server, request.question)(request.place)
        except TimeoutError:
            await self._timed_out(server)
            raise AnalysisFailed(f"{self.spec.name} did not answer in time") from None
        finally:
            self._order.release()
        self._timeouts = 0
        self._has_answered = True
        self._pause_s = _FIRST_PAUSE_S
        return answer

    async def stop(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
        if self._server is not None:
            await self._server.stop()

    async def _timed_out(self, server: Any) -> None:
        self._timeouts += 1
        patient = not self._has_answered and time.monotonic() < self._started + _SLOW_START_S
        if self._timeouts >= _TIMEOUTS_BORNE and not patient and server is self._server:
            await server.stop()
            self._went_down("it stopped answering")

    async def _running(self) -> Any:
        if self._server is not None:
            return self._server
        if self._starting is None:
            if time.monotonic() < self._not_before:
                raise AnalysisFailed(self._why_down)
            self._starting = asyncio.get_running_loop().create_task(self._start())
            self._starting.add_done_callback(_look_at)
        # Shielded: whoever loses patience must not stop a server that others are waiting for.
        return await asyncio.shield(self._starting)

    async def _start(self) -> Any:
        from monitors.host.server import Server

        self._report(self.spec.name, "starting", "")
        try:
            server = Server(self.spec, self._root, self._went_down)
            await server.start()
        except AnalysisFailed as failed:
            self._went_down(str(failed))
            raise
        finally:
            self._starting = None
        self._server = server
        self._started = time.monotonic()
        self._has_answered = False
        self._report(self.spec.name, "ready", "")
        return server

    def _went_down(self, reason: str) -> None:
        self._server = None
        self._timeouts = 0
        self._why_down = f"{self.spec.name}: {reason}"
        self._not_before = time.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        self._report(self.spec.name, "failed", reason)


def _look_at(task: "asyncio.Task[Any]") -> None:
    """A start that nobody waits for any more may fail in silence; it was reported."""
    if not task.cancelled():
        task.exception()
