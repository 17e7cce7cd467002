"""Records on their way to the disk: one thread takes them from the event loop, lets the consent have its say, and
writes them.

Whatever is wrong, with the disk or with us, costs a warning, once, and memory: what could not be written waits, the
newest version of each record, and is tried again. Nobody ever waits for this thread but the one who ends it.
"""

import logging
import threading
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from time import monotonic, time
from typing import Any, Protocol

from lsp_server.logs import event
from lsp_server.telemetry.policy import permitted
from lsp_server.telemetry.record import Consent, GroundTruth, Record
from lsp_server.telemetry.redaction import Redactor
from lsp_server.telemetry.serial import to_json
from lsp_server.telemetry.store import Store, StoreError

logger = logging.getLogger(__name__)

GATHER_S = 0.2
"""So long records are gathered before they are written together."""
RETRY_S = (1.0, 60.0)
"""The first wait after a failure, and the longest: each is twice as long as the one before."""
MAX_WAITING = 5_000
"""Records that are kept in memory while the disk fails, on each side of the consent; beyond that the oldest are given
up."""
MAX_WRITTEN = 20_000
"""Of so many records it is remembered that they were written: several times as many as are watched."""
ABANDONED_S = 3600.0
"""A record that nobody has finished for so long belonged to a server that was killed."""


class Keeps(Protocol):
    """A store, or what stands for one in a test."""

    @property
    def identity(self) -> int: ...
    def put(
        self, records: list[Record], *, written: Container[str] = (), is_wanted: Callable[[], bool] = lambda: True
    ) -> bool: ...
    def unfinished(self, before: float) -> list[Record]: ...
    def close(self) -> None: ...


class Writer:
    """Takes records from any thread."""

    def __init__(
        self,
        path: Path,
        warn: Callable[[str], None],
        *,
        delays_s: tuple[float, ...] = (),
        open_store: Callable[[Path], Keeps] = Store,
    ) -> None:
        """`warn` is called from the writing thread with a sentence for the user, once in a row of failures."""
        self._path = path
        self._warn = warn
        self._delays = delays_s
        self._open = open_store
        self._redactor = Redactor()
        self._changed = threading.Condition()
        self._waiting: dict[str, tuple[Record, Consent]] = {}
        self._ready: dict[str, Record] = {}
        """Past the consent, not on the disk yet. Only the thread adds to it."""
        self._forgotten = 0
        """How often the consent was taken back: what the thread took before is not to be written."""
        self._written: dict[str, None] = {}
        """What the store held once: what is not there any more was deleted. Only the thread touches it."""
        self._written_to = 0
        """Which store that was."""
        self._busy = False
        self._closed = False
        self._failing = False
        self._retry_s = RETRY_S[0]
        self._next_try = 0.0
        self._store: Keeps | None = None
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def put(self, record: Record, consent: Consent) -> None:
        """Write a record, soon, in the place of an earlier one with its id. Returns at once."""
        with self._changed:
            if not self._closed:
                self._waiting[record.id] = record, consent
                _give_up_oldest(self._waiting, MAX_WAITING)
                self._changed.notify()

    def forget(self) -> None:
        """Give up everything that was not written yet: the consent was taken back. Returns at once; what is being
        committed at that moment counts as written."""
        with self._changed:
            self._forgotten += 1
            self._waiting.clear()
            self._ready.clear()
            self._changed.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything so far is on the disk; whether it is."""
        until = monotonic() + timeout_s
        with self._changed:
            while self._waiting or self._busy or self._ready:
                if not self._changed.wait(until - monotonic()) or monotonic() >= until:
                    return False
        return True

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what is there, as far as the disk lets us, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        self._attempt(lambda: import_module("rapidfuzz.distance"))  # so that the first ground truth does not wait
        self._attempt(self._settle_abandoned)
        while self._take():
            self._attempt(self._write)
        self._attempt(lambda: self._write(now=True))
        if self._ready:
            logger.warning(event("records lost", count=len(self._ready)))
        if self._store is not None:
            self._store.close()

    def _attempt(self, work: Callable[[], object]) -> None:
        """Do what may fail without ending the thread."""
        try:
            work()
        except StoreError as error:
            self._failed(error)
        except Exception as error:  # noqa: BLE001 - without this thread nothing would be recorded any more
            name = type(error).__name__
            self._failed(StoreError(f"Telemetry cannot be written ({name}).", reason=name))

    def _take(self) -> bool:
        """Wait for records and gather them, past the consent; whether there may be more."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            if not self._waiting and not self._closed:
                self._changed.wait(self._retry_s if self._ready else None)
            if not self._closed:
                self._changed.wait_for(lambda: self._closed, GATHER_S)
            taken, self._waiting = self._waiting, {}
            self._busy = bool(taken)
            closed, forgotten = self._closed, self._forgotten
        for record, consent in taken.values():
            self._let_through(record, consent, forgotten)
        return not closed

    def _let_through(self, record: Record, consent: Consent, forgotten: int) -> None:
        try:
            allowed = permitted(record, consent, self._redactor)
            if allowed is not None:
                to_json(allowed)  # else it would hold up those that are written with it
        except Exception as error:  # noqa: BLE001 - what cannot be made safe, or is no JSON, is not kept
            logger.warning(event("record withheld", id=record.id, reason=type(error).__name__))
            return
        with self._changed:
            if allowed is None or self._forgotten != forgotten:
                return
            self._ready.pop(record.id, None)
            self._ready[record.id] = allowed
            _give_up_oldest(self._ready, MAX_WAITING)

    def _write(self, *, now: bool = False) -> None:
        with self._changed:
            records, forgotten = list(self._ready.values()), self._forgotten
        if not records or (monotonic() < self._next_try and not now):
            return
        store = self._opened()
        if not store.put(records, written=self._written, is_wanted=lambda: self._forgotten == forgotten):
            return
        with self._changed:
            self._ready.clear()
        for record in records:
            self._written[record.id] = None
            _give_up_oldest(self._written, MAX_WRITTEN)
        if self._failing:
            logger.info(event("telemetry store works again"))
        self._failing, self._retry_s = False, RETRY_S[0]
        for record in records:
            logger.debug(event("recorded", id=record.id, truths=len(record.truths)))

    def _failed(self, error: StoreError) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        self._retry_s = min(self._retry_s * 2, RETRY_S[1]) if self._failing else RETRY_S[0]
        self._next_try = monotonic() + self._retry_s
        if not self._failing:
            self._failing = True
            logger.warning(event("telemetry store fails", reason=error.reason))
            with suppress(Exception):  # the editor may be gone
                self._warn(f"{error.message} What is recorded waits in memory. {error.hint}".strip())

    def _settle_abandoned(self) -> None:
        """Say of records whose server was killed that nobody watched any more."""
        if not self._path.exists():
            return
        store = self._opened()
        before = time() - max(ABANDONED_S, *self._delays, 0.0)
        abandoned = [finished(record, self._delays) for record in store.unfinished(before)]
        if abandoned:
            store.put(abandoned, written={record.id for record in abandoned})

    def _opened(self) -> Keeps:
        if self._store is None:
            self._store = self._open(self._path)
            identity = self._store.identity
            if identity != self._written_to:  # the other was moved aside: what is not here was not deleted
                self._written.clear()
                self._written_to = identity
        return self._store


def _give_up_oldest(records: dict[str, Any], most: int) -> None:
    if len(records) > most:
        del records[next(iter(records))]


def finished(record: Record, delays_s: tuple[float, ...]) -> Record:
    """A record with the state `unknown` for every delay at which nothing was taken."""
    taken = {truth.after_s for truth in record.truths if truth.moment == "delay"}
    missing = tuple(GroundTruth(after_s=delay) for delay in delays_s if delay not in taken)
    return replace(record, truths=(*record.truths, *missing), finished=True)
