"""The order of work on the model's thread, and how soon it can be taken off it again."""

import threading
from collections.abc import Iterator

import pytest

from lsp_server.engine.worker import MAX_IDLE_JOBS, Worker
from models import Cancellation, Cancelled


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


class Busy:
    """Work that runs until it is told to stop, as a decoder does."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.finish = threading.Event()

    def __call__(self, cancellation: Cancellation) -> str:
        self.started.set()
        while not self.finish.wait(0.001):
            cancellation.raise_if_cancelled()
        return "finished"


def test_a_result_and_an_exception_reach_whoever_waits(worker: Worker) -> None:
    assert worker.submit("a", lambda _: 42).future.result(5) == 42
    with pytest.raises(ZeroDivisionError):
        worker.submit("a", lambda _: 1 // 0).future.result(5)
    assert worker.submit("a", lambda _: "still alive").future.result(5) == "still alive"


def test_the_newest_of_a_key_wins_running_and_waiting(worker: Worker) -> None:
    running = Busy()
    first = worker.submit("a", running)
    running.started.wait(5)
    second = worker.submit("a", lambda _: 2)
    third = worker.submit("a", lambda _: 3)
    assert third.future.result(5) == 3
    for old in (first, second):
        with pytest.raises(Cancelled):
            old.future.result(5)


def test_other_keys_are_left_alone(worker: Worker) -> None:
    running = Busy()
    first = worker.submit("a", running)
    running.started.wait(5)
    second = worker.submit("b", lambda _: 2)
    assert not first.cancellation.cancelled
    running.finish.set()
    assert (first.future.result(5), second.future.result(5)) == ("finished", 2)
    assert second.queue_ms > 0


def test_idle_work_gives_way_and_waits(worker: Worker) -> None:
    idle = Busy()
    first = worker.submit_idle("warm", idle)
    idle.started.wait(5)
    order: list[str] = []
    later = worker.submit_idle("prefetch", lambda _: order.append("idle"))
    request = worker.submit("a", lambda _: order.append("request"))
    request.future.result(5)
    later.future.result(5)
    assert order == ["request", "idle"]
    with pytest.raises(Cancelled):
        first.future.result(5)


def test_idle_work_does_not_disturb_a_request(worker: Worker) -> None:
    running = Busy()
    request = worker.submit("a", running)
    running.started.wait(5)
    worker.submit_idle("warm", lambda _: None)
    assert not request.cancellation.cancelled
    running.finish.set()
    assert request.future.result(5) == "finished"


def test_the_newest_idle_work_comes_first_and_the_oldest_is_forgotten(worker: Worker) -> None:
    running = Busy()
    worker.submit("a", running)
    running.started.wait(5)
    order: list[int] = []

    def note(number: int) -> None:
        order.append(number)

    jobs = [worker.submit_idle(str(i), lambda _, i=i: note(i)) for i in range(MAX_IDLE_JOBS + 2)]
    running.finish.set()
    for job in jobs[2:]:
        job.future.result(5)
    assert order == list(reversed(range(2, MAX_IDLE_JOBS + 2)))
    assert all(isinstance(job.future.exception(5), Cancelled) for job in jobs[:2])


def test_cancelling_is_idempotent_at_every_stage(worker: Worker) -> None:
    running = Busy()
    job = worker.submit("a", running)
    waiting = worker.submit("b", lambda _: None)
    running.started.wait(5)
    for one in (waiting, waiting, job, job):
        worker.cancel(one)
    assert isinstance(waiting.future.exception(5), Cancelled)
    assert isinstance(job.future.exception(5), Cancelled)
    done = worker.submit("c", lambda _: 1)
    done.future.result(5)
    worker.cancel(done)
    assert done.future.result() == 1


def test_closing_stops_everything_and_refuses_more() -> None:
    worker = Worker()
    running = Busy()
    job = worker.submit("a", running)
    waiting = worker.submit("b", lambda _: None)
    running.started.wait(5)
    assert worker.close()
    late = worker.submit("c", lambda _: None)
    assert all(isinstance(one.future.exception(5), Cancelled) for one in (job, waiting, late))


def test_the_end_comes_after_what_cannot_be_stopped() -> None:
    started, finish, ended = (threading.Event() for _ in range(3))
    worker = Worker(at_end=ended.set)

    def work(_: Cancellation) -> bool:
        started.set()
        finish.wait(5)
        return ended.is_set()

    job = worker.submit("a", work)
    started.wait(5)
    assert not worker.close(timeout_s=0.01)
    assert not ended.is_set()
    finish.set()
    assert job.future.result(5) is False
    assert ended.wait(5)


def test_a_thousand_submissions_from_many_threads_all_end(worker: Worker) -> None:
    jobs: list[threading.Thread] = []
    outcomes: list[bool] = []

    def hammer(name: str) -> None:
        for i in range(250):
            submit = worker.submit_idle if i % 3 == 0 else worker.submit
            job = submit(name, lambda _: None)
            if i % 5 == 0:
                worker.cancel(job)
            outcomes.append(job.future.exception(5) in (None,) or isinstance(job.future.exception(), Cancelled))

    for name in "abcd":
        jobs.append(threading.Thread(target=hammer, args=(name,)))
        jobs[-1].start()
    for thread in jobs:
        thread.join(20)
    assert len(outcomes) == 1000 and all(outcomes)
