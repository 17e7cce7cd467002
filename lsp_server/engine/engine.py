"""The model behind the server: brought in while the editor already works, put to work on one thread, replaced when
asked.

Loading is a job of the same thread that decodes: whatever is asked meanwhile waits its turn, and nothing is ever freed
while it is in use. An engine never dies of its model: where there is none, its status says why and what to do.
"""

import logging
import threading
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from lsp_server.engine.status import NOT_STARTED, Status
from lsp_server.engine.worker import Job, Worker
from lsp_server.settings import ModelSettings
from models import Cancellation, Cancelled, Generator, ModelError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

Progress = Callable[[float, str], None]
"""A fraction from 0 to 1, negative if nobody can tell, and what is being done."""

Load = Callable[[ModelSettings, Progress, Cancellation], Generator]
"""Brings a model into memory, fetching and converting it first if need be. Raises `ModelError` and `Cancelled`."""

PROGRESS_INTERVAL_S = 0.2
"""Least time between two reports of progress."""


class Engine:
    """One model at a time, and the thread it runs on."""

    def __init__(self, load: Load, on_status: Callable[[Status], None] = lambda _: None) -> None:
        """`on_status` is called from any thread."""
        self._load = load
        self._on_status = on_status
        self._worker = Worker(at_end=self._drop)
        self._generator: Generator | None = None
        self._wanted: ModelSettings | None = None
        self._status = NOT_STARTED
        self._telling = threading.RLock()
        """Nobody chooses a model between a look at what is on its way and the status that follows from it."""

    @property
    def status(self) -> Status:
        return self._status

    @property
    def model(self) -> str:
        """The catalog name of the model in use; empty while there is none."""
        return self._generator.name if self._generator is not None else ""

    @property
    def wanted(self) -> ModelSettings | None:
        """What it was started with."""
        return self._wanted

    def start(self, settings: ModelSettings, *, again: bool = True) -> None:
        """Bring in the model that `settings` ask for, unless it is there or on its way; one that failed is tried
        `again`."""
        if settings != self._wanted or (again and self._status.kind == "Error"):
            self._wanted = settings
            self.restart()

    def restart(self) -> None:
        """Drop the model and bring it in again."""
        if self._wanted is None:
            return
        settings = self._wanted
        with self._telling:
            self._set_status(Status("Normal", f"Loading {settings.name}", busy=True))
            self._worker.submit("load", lambda cancellation: self._bring_in(settings, cancellation))

    def submit(self, key: str, work: Callable[[Generator, Cancellation], Result]) -> Job[Result]:
        """Run `work` as soon as a model is there and the requests before it are done.

        The newest job of a key cancels the older one. The job's future raises `ModelError` where there is no model.
        """
        return self._worker.submit(key, lambda cancellation: self._run(work, cancellation))

    def submit_idle(self, key: str, work: Callable[[Generator, Cancellation], Result]) -> Job[Result]:
        """Run `work` when there is nothing else to do; any request stops it."""
        return self._worker.submit_idle(key, lambda cancellation: self._run(work, cancellation))

    def cancel(self, job: Job[Result]) -> None:
        """Stop a job, down to the decoder."""
        self._worker.cancel(job)

    def close(self) -> None:
        """Stop everything and free the model: what runs for long yet frees it when it ends. Blocking."""
        self._worker.close()

    def _run(self, work: Callable[[Generator, Cancellation], Result], cancellation: Cancellation) -> Result:
        """Run `work`, and let the status say whether the model does its work: a server far away may come and go."""
        generator = self._generator
        if generator is None:
            raise ModelError(self._status.message or "There is no model.")
        try:
            result = work(generator, cancellation)
        except ModelError as error:
            with self._telling:
                if not self._status.busy:  # else another model is on its way already
                    self._set_status(Status("Warning", f"{error.message} {error.hint}".strip()))
            raise
        with self._telling:
            if self._status.kind == "Warning" and not self._status.busy:
                self._set_status(_ready(generator))
        return result

    def _drop(self) -> None:
        generator, self._generator = self._generator, None
        if generator is not None:
            generator.close()

    def _bring_in(self, settings: ModelSettings, cancellation: Cancellation) -> None:
        start = last = perf_counter()

        def report(fraction: float, what: str) -> None:
            nonlocal last
            if perf_counter() - last > PROGRESS_INTERVAL_S:
                last = perf_counter()
                self._tell(_in_progress(settings.name, fraction, what), cancellation)

        self._drop()
        try:
            self._generator = self._load(settings, report, cancellation)
        except Cancelled:
            logger.info("model given up name=%s", settings.name)
        except ModelError as error:
            self._fail(settings, f"{error.message} {error.hint}".strip(), cancellation)
        except Exception as error:  # a fault of ours must not take the editor's connection with it
            logger.exception("model failed name=%s", settings.name)
            self._fail(
                settings, f"{settings.name} could not be loaded ({type(error).__name__}: {error}).", cancellation
            )
        else:
            seconds = perf_counter() - start
            logger.info("model ready name=%s seconds=%.2f", self._generator.name, seconds)
            self._tell(_ready(self._generator), cancellation)

    def _fail(self, settings: ModelSettings, reason: str, cancellation: Cancellation) -> None:
        if not cancellation.cancelled:
            logger.error("model failed name=%s reason=%s", settings.name, reason)
            self._tell(Status("Error", reason), cancellation)

    def _tell(self, status: Status, cancellation: Cancellation) -> None:
        """How a model that is brought in is, unless another was chosen meanwhile: then that one is on its way."""
        with self._telling:
            if not cancellation.cancelled:
                self._set_status(status)

    def _set_status(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self._on_status(status)


def _ready(generator: Generator) -> Status:
    return Status("Normal", f"{generator.name} is ready")


def _in_progress(name: str, fraction: float, what: str) -> Status:
    """Work that takes so long that somebody should know why nothing is suggested."""
    known = fraction if 0 <= fraction <= 1 else None
    percent = "" if known is None else f" ({known:.0%})"
    return Status("Warning", f"Getting {name} ready: {what}{percent}", busy=True, fraction=known)
