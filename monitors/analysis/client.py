"""The near end of the analysis host: questions in, futures out; the process is started, watched, killed and started
again.

One thread, the keeper, does everything that may block (starting, writing); one a process reads answers. Nobody who
asks waits.
"""

import contextlib
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import IO, Any

from monitors.analysis.analyser import Place
from monitors.errors import AnalysisFailed
from monitors.host.lifetime import kill_group
from monitors.host.wire import Request, decode, encode, request_message, unpack
from monitors.text.lexicon import base_language

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnalyserStatus:
    """How an analyser is doing."""

    analyser: str
    """Its name, or `host` for the process that holds them all."""
    state: str
    """`starting`, `ready` or `failed`."""
    message: str = ""


@dataclass
class _Waiting:
    future: "Future[Any]"
    question: str
    sent: float


class HostClient:
    """Starts the host at the first question. Thread-safe; `close` (or leaving the `with` block) kills it and all it
    started.
    """

    def __init__(
        self,
        command: Sequence[str],
        configuration: dict[str, Any],
        on_status: Callable[[AnalyserStatus], None] | None = None,
        *,
        languages: frozenset[str] | None = None,
        stuck_after_s: float = 15.0,
        first_pause_s: float = 0.5,
        longest_pause_s: float = 30.0,
        patience_ms: float = 2000.0,
    ) -> None:
        """`languages` are those that anybody answers for (`None`: not known); questions about others end at once.
        `stuck_after_s` without any answer while one is due, and the host is killed; between restarts it pauses,
        twice as long each time it dies without having answered anything.
        """
        self._command = tuple(command)
        self._configuration = configuration
        self._on_status = on_status
        self._languages = languages
        self.stuck_after_s = stuck_after_s
        self._first_pause_s = self._pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._patience_ms = patience_ms
        self._outbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: dict[int, _Waiting] = {}
        self._next_id = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._heard = 0.0
        self._closed = False
        self._was_down = False
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> "HostClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The running host's process id, which is also its process group."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, question: str, place: Place) -> "Future[Any]":
        """Send a question and return at once. The future ends in `AnalysisFailed` if there will be no answer."""
        future: Future[Any] = Future()
        if self._languages is not None and base_language(place.language) not in self._languages:
            future.set_exception(AnalysisFailed(f"no analyser for {place.language} is installed"))
            return future
        with self._lock:
            if self._closed:
                future.set_exception(AnalysisFailed("analysis has been shut down"))
                return future
            self._next_id += 1
            request = Request(self._next_id, question, place, self._patience_ms)
            self._waiting[request.id] = _Waiting(future, question, time.monotonic())
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="analysis host", daemon=True)
                self._keeper.start()
        self._outbox.put(request)
        self._kill_if_stuck()
        return future

    def close(self) -> None:
        """Kill the host and wait for it. Safe to call twice."""
        with self._lock:
            self._closed = True
            keeper = self._keeper
        self._outbox.put(None)
        self._kill()
        if keeper is not None and keeper is not threading.current_thread():
            keeper.join(5.0)
        self._kill()
        self._fail_all("analysis has been shut down")

    def _keep(self) -> None:
        """The keeper thread. It must live as long as the host, because Linux kills the host when its parent thread
        ends.
        """
        while not self._closed:
            try:
                request = self._outbox.get(timeout=1.0)
            except queue.Empty:
                self._kill_if_stuck()
                continue
            if request is None:
                break
            self._send(request)
        self._kill()

    def _send(self, request: Request) -> None:
        with self._lock:
            waiting = self._waiting.get(request.id)
        if waiting is None:
            return
        waited_ms = (time.monotonic() - waiting.sent) * 1000
        if waited_ms > self._patience_ms:
            self._fail(request.id, "waited too long for the analysis host")
            return
        try:
            stream = self._running()
            stream.write(encode(request_message(request)))
            stream.flush()
        except AnalysisFailed as failed:
            self._fail(request.id, str(failed))
        except (OSError, ValueError) as error:
            self._fail(request.id, f"the analysis host is gone: {error}")

    def _running(self) -> IO[bytes]:
        process = self._process
        if process is None or process.poll() is not None:
            if time.monotonic() < self._not_before:
                raise AnalysisFailed("the analysis host died and is not started again yet")
            process = self._start()
        if process.stdin is None:
            raise AnalysisFailed("the analysis host has no standard input")
        return process.stdin

    def _start(self) -> "subprocess.Popen[bytes]":
        self._kill()
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self._back_off()
            self._report("failed", f"cannot start the analysis host: {error}")
            raise AnalysisFailed(f"cannot start the analysis host: {error}") from error
        with self._lock:
            self._process = process
            self._heard = time.monotonic()
            closed = self._closed
        if closed:
            self._kill()
            raise AnalysisFailed("analysis has been shut down")
        threading.Thread(target=self._read, args=(process,), name="analysis answers", daemon=True).start()
        threading.Thread(target=_drain, args=(process.stderr,), name="analysis stderr", daemon=True).start()
        if process.stdin is not None:
            process.stdin.write(encode({"configure": self._configuration}))
        return process

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is not None:
            with contextlib.suppress(OSError, ValueError):
                for line in process.stdout:
                    self._heard = time.monotonic()
                    self._receive(decode(line))
        kill_group(process.pid)  # before the wait: until then the number cannot be anybody else's
        process.wait()
        with self._lock:
            current = self._process is process
        if current and not self._closed:
            self._back_off()
            self._fail_all("the analysis host died")
            self._report("failed", f"it ended with status {process.returncode}; it will be started again")

    def _receive(self, message: dict[str, Any]) -> None:
        status = message.get("status")
        if isinstance(status, dict):
            self._report(str(status.get("state")), str(status.get("message") or ""), str(status.get("analyser")))
            return
        request_id = message.get("id")
        with self._lock:
            waiting = self._waiting.pop(request_id, None) if isinstance(request_id, int) else None
        if waiting is None:
            return
        self._pause_s = self._first_pause_s
        if self._was_down:
            self._was_down = False
            self._report("ready", "")
        if "answer" not in message:
            waiting.future.set_exception(AnalysisFailed(str(message.get("error") or "no answer")))
            return
        try:
            waiting.future.set_result(unpack(waiting.question, message["answer"]))
        except AnalysisFailed as failed:
            waiting.future.set_exception(failed)

    def _kill_if_stuck(self) -> None:
        """jedi cannot be interrupted, and neither can a library that hangs: only a process can be killed.

        Not left to the keeper alone, which may be the one that is stuck, writing to a host that does not read.
        """
        with self._lock:
            process = self._process
            oldest = min((w.sent for w in self._waiting.values()), default=None)
            now = time.monotonic()
            if process is None or oldest is None or now - max(oldest, self._heard) < self.stuck_after_s:
                return
            self._heard = now
        self._report("failed", f"no answer for {self.stuck_after_s:.0f} s; it was killed")
        kill_group(process.pid)

    def _kill(self) -> None:
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            kill_group(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5.0)
        if process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()

    def _back_off(self) -> None:
        self._not_before = time.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, self._longest_pause_s)

    def _fail(self, request_id: int, reason: str) -> None:
        with self._lock:
            waiting = self._waiting.pop(request_id, None)
        if waiting is not None:
            waiting.future.set_exception(AnalysisFailed(reason))

    def _fail_all(self, reason: str) -> None:
        with self._lock:
            lost = list(self._waiting.values())
            self._waiting.clear()
        for waiting in lost:
            waiting.future.set_exception(AnalysisFailed(reason))

    def _report(self, state: str, message: str, analyser: str = "host") -> None:
        if analyser == "host":
            self._was_down = state == "failed"
        _log.info("analyser", extra={"analyser": analyser, "state": state, "reason": message})
        if self._on_status is not None:
            self._on_status(AnalyserStatus(analyser, state, message))


def _drain(stream: IO[bytes] | None) -> None:
    """Read what the host says on stderr, so that it never waits for someone to read it."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        while chunk := stream.read(8192):
            _log.debug("analysis host: %s", chunk.decode("utf-8", "replace").rstrip())


def host_command(libraries: str | None) -> tuple[str, ...]:
    """How to start the host: in the environment at `libraries`, or, without one, in ours (then only with jedi)."""
    from monitors.analysis.locations import HOST_MAIN, jedi_cache

    command = (str(HOST_MAIN), "--cache", str(jedi_cache()))
    if libraries is None:
        return (sys.executable, "-P", *command)
    return (sys.executable, "-I", "-S", *command, "--libraries", libraries)
