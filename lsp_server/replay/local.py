"""The local engine: worker processes on this machine, each with its own copy of the model."""

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.scoring import Json
from lsp_server.replay.answering import Answered, Answerer, Plan

_AHEAD = 4
"""Requests per worker that are under way or wait for it: enough to keep it busy, few enough for memory."""

_answerer: Answerer | None = None
"""The copy of the model in a worker process."""


def answer_locally(cases: Iterable[Case], plan: Plan) -> Iterator[Answered]:
    """Answers as they come. Raises `UserError` when a worker died; what it had yielded until then stands."""
    requests = iter(cases)
    # `spawn`: a fork would copy the threads' locks of whatever this process has loaded.
    with ProcessPoolExecutor(plan.workers, get_context("spawn"), _start, (plan,)) as pool:
        running: dict[Future[Json], Case] = {
            pool.submit(_answer, case): case for case in islice(requests, plan.workers * _AHEAD)
        }
        try:
            while running:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    case = running.pop(future)
                    for following in islice(requests, 1):
                        running[pool.submit(_answer, following)] = following
                    yield case, future.result()
        except BrokenProcessPool as error:
            hint = "It may have run out of memory: take fewer --workers. The same command goes on where this one ended."
            raise UserError("A worker process died.", hint) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start(plan: Plan) -> None:
    """Runs first in each worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle; it then ends us
    Thread(target=_end_with_parent, daemon=True).start()
    global _answerer
    _answerer = Answerer(plan)


def _answer(case: Case) -> Json:
    assert _answerer is not None  # `_start` has run
    return _answerer.answer(case)


def _end_with_parent() -> None:
    """A parent that was killed cannot end its workers, and they would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
