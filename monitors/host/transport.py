"""multilspy's JSON-RPC client, with its faults mended.

Measured with multilspy 0.1.1: a request to a server that died waits for ever, as does everything after a line of 64
KiB on the server's stderr; requests that timed out are never cancelled at the server; the task of every message is
kept.
"""

# multilspy is installed in the host's own environment only, so the type checker cannot see it.
# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from typing import Any

from multilspy.lsp_protocol_handler.server import (
    Error,
    LanguageServerHandler,
    create_message,
    make_error_response,
    make_notification,
    make_request,
    make_response,
)

from monitors.errors import AnalysisFailed
from monitors.host.lifetime import die_with_parent

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_STDERR_KEPT = 2000


class Transport(LanguageServerHandler):
    """Owns one server process, on one event loop. Whatever was asked fails when the process ends."""

    def __init__(self, launch: Any, on_exit: Callable[[str], None]) -> None:
        """`on_exit` is called once, with the last words of the server, when it ends without having been told to."""
        # Not a session of its own: the server stays in the host's process group and is killed with it.
        super().__init__(launch, logger=None, start_independent_lsp_process=False)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._on_exit = on_exit
        self._readers: list[asyncio.Task[None]] = []
        self._last_words = b""
        self._stopping = False
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process. Raises `AnalysisFailed` if there is no such program."""
        info = self.process_launch_info
        try:
            process = await asyncio.create_subprocess_exec(
                *info.cmd,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **info.env},
                cwd=info.cwd,
                preexec_fn=die_with_parent,
            )
        except OSError as error:
            raise AnalysisFailed(f"cannot start {info.cmd[0]}: {error.strerror or error}") from error
        self.process = self._process = process
        self.loop = asyncio.get_running_loop()
        if process.stdout is not None and process.stderr is not None:
            self._readers = [
                self.loop.create_task(self._read_messages(process, process.stdout)),
                self.loop.create_task(self._drain_stderr(process.stderr)),
            ]

    async def stop(self) -> None:
        """Kill the process. Language servers that we use keep nothing that a kill could spoil."""
        self._stopping = True
        for task in self._readers:
            task.cancel()
        if self._process is not None:
            await _kill(self._process)
        self._fail_all("the language server was stopped")

    async def send_request(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """The result of a request. Raises `AnalysisFailed` if the server is gone or answers with an error.

        Cancelling the caller (a timeout, say) cancels the request at the server.
        """
        if not self.running:
            raise AnalysisFailed("the language server is not running")
        request_id = self.request_id
        self.request_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        try:
            await self._send_payload(make_request(method, request_id, params))
            return await future
        except asyncio.CancelledError:
            self.send_notification("$/cancelRequest", {"id": request_id})
            raise
        finally:
            self._waiting.pop(request_id, None)

    def send_notification(self, method: str, params: dict[str, Any] | None = None) -> None:
        self._write(make_notification(method, params))

    def send_response(self, request_id: Any, params: Any) -> None:
        self._write(make_response(request_id, params))

    def send_error_response(self, request_id: Any, err: Error) -> None:
        self._write(make_error_response(request_id, err))

    async def _send_payload(self, payload: Any) -> None:
        self._write(payload)
        if self._process is not None and self._process.stdin is not None:
            try:
                await self._process.stdin.drain()
            except ConnectionError as error:
                raise AnalysisFailed("the language server does not read any more") from error

    def _write(self, payload: Any) -> None:
        stdin = self._process.stdin if self._process is not None else None
        if stdin is not None and self.running and not stdin.is_closing():
            stdin.writelines(create_message(payload))

    async def _read_messages(self, process: asyncio.subprocess.Process, stream: asyncio.StreamReader) -> None:
        """Read until the stream ends or stops making sense; then nothing that was asked can be answered any more."""
        try:
            while True:
                header = await stream.readuntil(b"\r\n\r\n")
                length = _content_length(header)
                body = await stream.readexactly(length)
                payload = json.loads(body)
                if isinstance(payload, dict):
                    await self._receive_payload(payload)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            if not self._stopping:
                await _kill(process)
                words = self._last_words.decode("utf-8", "replace").strip().splitlines()
                reason = f"the language server ended with status {process.returncode}"
                reason += f": {words[-1].strip()[:200]}" if words else ""
                self._fail_all(reason)
                self._on_exit(reason)

    async def _drain_stderr(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(65536):
            self._last_words = (self._last_words + chunk)[-_STDERR_KEPT:]

    async def _response_handler(self, response: dict[str, Any]) -> None:
        future = self._waiting.get(response.get("id", -1))
        if future is None or future.done():
            return
        error = response.get("error")
        if isinstance(error, dict):
            future.set_exception(AnalysisFailed(f"the language server says: {error.get('message', error)}"))
        else:
            future.set_result(response.get("result"))

    def _fail_all(self, reason: str) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(AnalysisFailed(reason))


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _content_length(header: bytes) -> int:
    """Raises `ValueError` on a header that is none, or that announces more than can be meant."""
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
            if 0 <= length <= _MAX_MESSAGE_BYTES:
                return length
    raise ValueError("no usable Content-Length")
