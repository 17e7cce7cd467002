"""Work that can wait, on a thread of its own: whoever asks for it never waits for it."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Worker:
    """Runs jobs one after the other. A job with the key of one that waits takes its place: only the latest matters."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: OrderedDict[str, Callable[[], None]] = OrderedDict()
        self._changed = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, key: str, job: Callable[[], None]) -> None:
        """Run `job` soon. The thread starts with the first one."""
        with self._changed:
            if self._closed:
                return
            self._jobs[key] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; whether that came to pass in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs and not self._busy, timeout_s)

    def close(self) -> None:
        """Drop what waits and end after the job that runs."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._jobs) or self._closed)
                if self._closed:
                    return
                key, job = self._jobs.popitem(last=False)
                self._busy = True
            try:
                job()
            except Exception:  # one file that cannot be read must not end the reading of all others
                logger.exception("context job failed job=%s", key)
