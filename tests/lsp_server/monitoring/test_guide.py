"""Between a watch and a decoder: constraints pass, the guide waits only at the end, and faults cost nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest

from lsp_server.monitoring import MonitorGuide
from models import Constraint
from monitors import Document, Watch
from monitors.analysis.analyser import Place
from monitors.enquiry import DirectSource, Source
from monitors.properties.dereference import DereferenceMonitor
from monitors.testing import ScriptedAnalyser, watch_with

DOCUMENT = Document("/w/x.py", "python", "def f(a):\n    return ", "\n")
MEMBERS = frozenset({"name", "size"})


@pytest.fixture
def workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Gated:
    """Answers once the gate is open."""

    def __init__(self, workers: ThreadPoolExecutor) -> None:
        self._workers = workers
        self.gate = threading.Event()

    def ask(self, question: str, place: Place) -> "Future[Any]":
        def answer() -> Any:
            self.gate.wait(10)
            return getattr(ScriptedAnalyser(MEMBERS), question)(place)

        return self._workers.submit(answer)


def guide_over(
    source: Source,
    workers: ThreadPoolExecutor,
    *,
    left_s: float = 60,
    budget_ms: float = 5000,
    patience: float = 1e6,
) -> MonitorGuide:
    monitors = (DereferenceMonitor(),)
    return MonitorGuide(
        lambda: watch_with(source, workers, DOCUMENT, monitors, budget_ms=budget_ms), monotonic() + left_s, patience
    )


def test_a_monitors_constraint_becomes_the_decoders(workers: ThreadPoolExecutor) -> None:
    guide = guide_over(DirectSource(ScriptedAnalyser(MEMBERS)), workers)
    assert list(guide.poll("a.")) == [] or guide.constraints
    guide.wait()
    guide.poll("a.na")
    assert guide.constraints[0][1] == Constraint("dereference", 2, names=MEMBERS)
    assert guide.constraints[0][0] == "a."
    assert [finding.outcome for finding in guide.findings] == ["constrained"]


def test_text_that_was_cut_off_is_forgotten(workers: ThreadPoolExecutor) -> None:
    guide = guide_over(DirectSource(ScriptedAnalyser(MEMBERS)), workers)
    guide.poll("a.b.")
    guide.rolled_back("a.")
    guide.wait()
    guide.poll("a.size")
    assert [constraint.start for _, constraint in guide.constraints][-1] == 2


def test_only_the_end_is_waited_at_and_no_longer_than_there_is_time(workers: ThreadPoolExecutor) -> None:
    source = Gated(workers)
    with ThreadPoolExecutor(1) as analysis:
        guide = guide_over(source, analysis, left_s=0.05)
        began = monotonic()
        assert list(guide.poll("a.")) == []
        assert not guide.wait()
        assert 0.03 < monotonic() - began < 3
        source.gate.set()


def test_an_answer_that_comes_while_the_end_is_waited_at_is_taken(workers: ThreadPoolExecutor) -> None:
    source = Gated(workers)
    with ThreadPoolExecutor(1) as analysis:
        guide = guide_over(source, analysis)
        guide.poll("a.nonsense")
        threading.Timer(0.05, source.gate.set).start()
        assert guide.wait()
        assert [constraint.names for constraint in guide.poll("a.nonsense")] == [MEMBERS]
        assert not guide.wait()  # nothing is open any more


def test_a_place_in_the_text_is_worth_little_of_the_time_that_the_text_took(workers: ThreadPoolExecutor) -> None:
    source = Gated(workers)
    with ThreadPoolExecutor(1) as analysis:
        guide = guide_over(source, analysis, budget_ms=60_000, patience=0.2)
        guide.poll("a.nonsense")
        began = monotonic()
        assert not guide.wait()
        assert monotonic() - began < 5
        source.gate.set()
        assert list(guide.poll("a.nonsense")) == []


def test_a_fault_in_monitoring_is_no_fault_of_the_completion() -> None:
    def broken() -> Watch:
        raise RuntimeError("a fault of ours")

    guide = MonitorGuide(broken, monotonic() + 60)
    assert list(guide.poll("a.")) == []
    assert list(guide.poll("a.b")) == []
    assert not guide.wait()
    assert guide.findings == ()
