"""What the server tells its editor without being asked: the model's status, progress, log lines, settings that were
left out.

Safe to call from any thread; messages leave from the event loop.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types

from lsp_server.engine import Status
from lsp_server.logs import ForwardHandler, event
from lsp_server.settings import SettingProblem

if TYPE_CHECKING:
    from lsp_server.server.server import DragomanServer

logger = logging.getLogger(__name__)

MAX_MESSAGES = 5
"""More wrong settings than this at once are summed up in one line."""


class Reporter:
    """Quiet until `begin`: before the editor says it is initialized, nothing may be sent."""

    def __init__(self, server: "DragomanServer") -> None:
        self._server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._handler = ForwardHandler(self.log)
        self._progress: _Progress | None = None

    def begin(self) -> None:
        """To be called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._handler.attach()

    def end(self) -> None:
        self._handler.detach()
        self._loop = None

    def status(self, status: Status) -> None:
        """`didChangeStatus`, and `$/progress` while the status is busy."""
        self._on_loop(lambda: self._send_status(status))

    def log(self, level: int, line: str) -> None:
        """`window/logMessage`."""
        params = types.LogMessageParams(_message_type(level), line)
        self._on_loop(lambda: self._server.window_log_message(params))

    def problems(self, problems: Sequence[SettingProblem]) -> None:
        """`window/showMessage`, one for each setting that was left out."""
        lines = [str(problem) for problem in problems[:MAX_MESSAGES]]
        if len(problems) > MAX_MESSAGES:
            lines.append(f"{len(problems) - MAX_MESSAGES} more settings were left out; the log names them.")
        for problem in problems:
            logger.warning(event("setting left out", name=problem.name, origin=problem.origin, reason=problem.reason))
        for line in lines:
            params = types.ShowMessageParams(types.MessageType.Warning, f"Dragoman: {line}")
            self._on_loop(lambda params=params: self._server.window_show_message(params))

    def warning(self, sentence: str) -> None:
        """`window/showMessage`, for what the user should know and may mend."""
        params = types.ShowMessageParams(types.MessageType.Warning, f"Dragoman: {sentence}")
        self._on_loop(lambda: self._server.window_show_message(params))

    def _on_loop(self, send: Callable[[], Any]) -> None:
        if self._loop is None:
            return
        if threading.get_ident() == self._thread:
            send()
            return
        try:
            self._loop.call_soon_threadsafe(send)
        except RuntimeError:  # the loop is closed: the editor has gone
            return

    def _send_status(self, status: Status) -> None:
        if not (status.busy or self._server.knows_settings):
            return  # nothing is ready before the editor's settings are known; it is told again then
        self._server.protocol.notify("didChangeStatus", status.as_params())
        if status.busy and self._progress is None:
            if self._server.client_shows_progress:
                self._progress = _Progress(str(uuid4()))
                self._progress.beginning = asyncio.ensure_future(self._begin_progress(self._progress, status))
        elif status.busy and self._progress is not None:
            percentage = None if status.fraction is None else int(status.fraction * 100)
            self._send_progress(types.WorkDoneProgressReport(message=status.message, percentage=percentage))
        elif self._progress is not None:
            self._send_progress(types.WorkDoneProgressEnd(message=status.message))
            self._progress = None

    async def _begin_progress(self, progress: "_Progress", status: Status) -> None:
        params = types.WorkDoneProgressCreateParams(progress.token)
        try:
            await self._server.window_work_done_progress_create_async(params)
        except Exception as error:  # noqa: BLE001 - an editor that will not show progress is no reason to stop
            logger.debug(event("progress refused", reason=error))
            return
        if self._progress is progress:  # else it has ended already, and never begins
            progress.begun = True
            percentage = 0 if status.fraction is not None else None
            self._send_progress(types.WorkDoneProgressBegin("Dragoman", message=status.message, percentage=percentage))

    def _send_progress(self, value: Any) -> None:
        if self._progress is not None and self._progress.begun:
            self._server.protocol.notify(types.PROGRESS, types.ProgressParams(self._progress.token, value))


@dataclass(eq=False)
class _Progress:
    token: str
    begun: bool = False
    """The editor has agreed to show it."""
    beginning: "asyncio.Future[None] | None" = None


def _message_type(level: int) -> types.MessageType:
    if level >= logging.ERROR:
        return types.MessageType.Error
    if level >= logging.WARNING:
        return types.MessageType.Warning
    return types.MessageType.Info if level >= logging.INFO else types.MessageType.Log
