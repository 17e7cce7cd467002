"""The one thread on which a model runs. Requests come first; idle work runs when no request waits, and gives way at
once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, TypeVar

from models import Cancellation, Cancelled

Result = TypeVar("Result")

MAX_IDLE_JOBS = 4
"""Idle work that waits beyond this many jobs is forgotten, oldest first: it was about where the user no longer is."""


GRACE_S = 0.01
"""After a request idle work waits so long: the answer has to leave, and a model takes all processors."""


@dataclass(eq=False)
class Job(Generic[Result]):
    """Work that was handed in."""

    key: str
    work: Callable[[Cancellation], Result]
    idle: bool
    cancellation: Cancellation = field(default_factory=Cancellation)
    future: "Future[Result]" = field(default_factory=lambda: Future[Any]())
    """Ends with the result, with what `work` raised, or with `Cancelled`."""
    submitted: float = field(default_factory=perf_counter)
    started: float = 0.0
    """Seconds on `perf_counter`'s clock; 0 until it begins."""

    @property
    def queue_ms(self) -> float:
        """How long it waited, in milliseconds."""
        return max(self.started - self.submitted, 0.0) * 1000


class Worker:
    """Jobs with the same key replace each other: the newest wins, the older is cancelled, running or not."""

    def __init__(self, name: str = "decoder", at_end: Callable[[], None] = lambda: None) -> None:
        """`at_end` is called on the thread, once it was closed and nothing runs any more."""
        self._at_end = at_end
        self._changed = threading.Condition()
        self._requests: list[Job[Any]] = []
        self._idle: list[Job[Any]] = []
        self._running: Job[Any] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, key: str, work: Callable[[Cancellation], Result]) -> Job[Result]:
        """Run `work` as soon as the requests before it are done. Idle work stops at once."""
        return self._add(Job(key, work, idle=False))

    def submit_idle(self, key: str, work: Callable[[Cancellation], Result]) -> Job[Result]:
        """Run `work` when there is nothing else to do. It may be cancelled at any time, and is not tried again."""
        return self._add(Job(key, work, idle=True))

    def cancel(self, job: Job[Any]) -> None:
        """Stop a job: one that waits never begins, one that runs is told through its cancellation."""
        with self._changed:
            job.cancellation.cancel()
            for queue in (self._requests, self._idle):
                if job in queue:
                    queue.remove(job)
                    _refuse(job)

    def cancel_all(self, *, idle_only: bool = False) -> None:
        """Stop everything that waits or runs."""
        with self._changed:
            jobs = [*self._idle, *([] if idle_only else self._requests)]
            if self._running is not None and (self._running.idle or not idle_only):
                jobs.append(self._running)
        for job in jobs:
            self.cancel(job)

    def close(self, timeout_s: float = 5.0) -> bool:
        """Stop everything and end the thread; whether it ended within `timeout_s` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self.cancel_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _add(self, job: Job[Result]) -> Job[Result]:
        with self._changed:
            if self._closed:
                _refuse(job)
                return job
            superseded = [other for other in (*self._requests, *self._idle) if other.key == job.key]
            running = self._running
            if running is not None and (running.key == job.key or (running.idle and not job.idle)):
                superseded.append(running)
            queue = self._idle if job.idle else self._requests
            queue.append(job)
            superseded += self._idle[:-MAX_IDLE_JOBS]
            self._changed.notify()
        for other in superseded:
            self.cancel(other)
        return job

    def _take(self) -> Job[Any] | None:
        """The next job: the oldest request, else the newest idle work; `None` at the end."""
        with self._changed:
            answered = self._running is not None and not self._running.idle
            self._running = None
            if answered and not self._closed and not self._requests:
                self._changed.wait(GRACE_S)
            while not self._closed and not self._requests and not self._idle:
                self._changed.wait()
            if self._closed:
                return None
            self._running = self._requests.pop(0) if self._requests else self._idle.pop()
            self._running.started = perf_counter()
            return self._running

    def _run(self) -> None:
        while (job := self._take()) is not None:
            _execute(job)
            del job  # while the thread waits, it must not keep the last document's text alive
        self._at_end()


def _execute(job: Job[Any]) -> None:
    if not job.future.set_running_or_notify_cancel():
        return
    try:
        job.cancellation.raise_if_cancelled()
        result = job.work(job.cancellation)
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the job, never to this thread
        job.future.set_exception(error)
    else:
        job.future.set_result(result)


def _refuse(job: Job[Any]) -> None:
    if job.future.set_running_or_notify_cancel():
        job.future.set_exception(Cancelled())
