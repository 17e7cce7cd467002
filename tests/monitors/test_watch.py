"""What a generation sees of monitoring: nothing blocks, late and failing answers constrain nothing, all of it is
counted.
"""

import re
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from monitors import Answer, Constraint, Document, Monitor, Trigger, View, Watch
from monitors.analysis.analyser import Analyser, Place, Precedent
from monitors.cache import AnswerCache, PlaceKey
from monitors.enquiry import DirectSource, Question, Source
from monitors.errors import AnalysisFailed
from monitors.properties.dereference import DereferenceMonitor
from monitors.supervisor import Supervisor
from monitors.testing import ScriptedAnalyser, constraints_of, watch_with

PYTHON = Document("/w/x.py", "python", "def f(a):\n    return ", "\n")
MEMBERS = ["name", "size", "nest"]


@pytest.fixture
def workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class SlowSource:
    """Answers on threads of its own, when it is let."""

    def __init__(self, analyser: ScriptedAnalyser) -> None:
        self._analyser = analyser
        self._workers = ThreadPoolExecutor(8)
        self.gate = threading.Event()
        self.fail = False

    def ask(self, question: str, place: Place) -> "Future[Any]":
        return self._workers.submit(self._answer, question, place)

    def _answer(self, question: str, place: Place) -> Any:
        self.gate.wait(10)
        if self.fail:
            raise AnalysisFailed("it died")
        return getattr(self._analyser, question)(place)


def direct() -> DirectSource:
    return DirectSource(ScriptedAnalyser(MEMBERS))


def watching(
    source: Source,
    workers: ThreadPoolExecutor,
    document: Document = PYTHON,
    monitors: Iterable[Monitor] = (DereferenceMonitor(),),
    budget_ms: float = 5000,
    cache: AnswerCache[PlaceKey, Any] | None = None,
) -> Watch:
    return watch_with(source, workers, document, monitors, budget_ms=budget_ms, cache=cache)


def test_a_dereference_in_generated_text_is_constrained(workers: ThreadPoolExecutor) -> None:
    watch = watching(direct(), workers)
    found = constraints_of(watch, ["a", "a."])
    assert found == [Constraint("dereference", 2, names=frozenset(MEMBERS))]
    assert [(f.outcome, f.names) for f in watch.findings] == [("constrained", 3)]


def test_a_first_look_serves_every_generation_that_follows(tmp_path: Path) -> None:
    asked: list[Place] = []

    class Counting(DirectSource):
        def ask(self, question: Question, place: Place) -> "Future[Any]":
            asked.append(place)
            return super().ask(question, place)

    document = Document("/w/x.py", "python", "def f(a):\n    return a.", "\n")
    with Supervisor(tmp_path, source=Counting(ScriptedAnalyser(MEMBERS))) as supervisor:
        supervisor.prefetch(document)
        assert supervisor.watch(document).wait(5)
        first, second = supervisor.watch_ahead(document)(), supervisor.watch_ahead(document)()
        assert [c.start for c in constraints_of(first, ["", "na", "name(", "name(a."])] == [0, 7]
        assert [c.start for c in second.observe("")] == [0], "one generation is nothing to the other"
        assert len(asked) == 2
        supervisor.workspace_changed()
        assert [c.start for c in constraints_of(supervisor.watch_ahead(document)(), [""])] == [0]
        assert len(asked) == 3, "what another file says may be different now"


def test_a_first_look_without_an_answer_serves_nobody(tmp_path: Path) -> None:
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    document = Document("/w/x.py", "python", "x = a.", "\n")
    with Supervisor(tmp_path, source=source) as supervisor:
        supervisor.prefetch(document)
        watch = supervisor.watch_ahead(document)()
        assert watch.observe("") == []
        assert [(finding.outcome, finding.cached) for finding in watch.findings] == [("pending", False)]
        source.gate.set()
        assert watch.wait(5)
        assert [c.start for c in constraints_of(supervisor.watch_ahead(document)(), [""])] == [0]


def test_a_first_look_that_fails_costs_nothing_but_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document("/w/x.py", "python", "x = a.", "\n")
    with Supervisor(tmp_path, source=direct()) as supervisor:
        with monkeypatch.context() as broken:
            broken.setattr(Watch, "look", None)
            supervisor.prefetch(document)
            begin = supervisor.watch_ahead(document)
            assert isinstance(begin(), Watch)
        assert [c.start for c in constraints_of(supervisor.watch_ahead(document)(), [""])] == [0]


def test_a_dereference_inside_one_token_is_seen(workers: ThreadPoolExecutor) -> None:
    watch = watching(direct(), workers)
    assert [c.start for c in constraints_of(watch, ["a.nme(", "a.nme(a.size"])] == [2, 8]


def test_the_word_half_typed_at_the_cursor_is_part_of_it(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "x = a.n", "\n")
    watch = watching(direct(), workers, document)
    assert constraints_of(watch, [""]) == [Constraint("dereference", -1, names=frozenset({"name", "nest"}), typed="n")]


def test_a_typed_word_that_no_name_begins_with_means_that_the_answer_is_wrong(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "x = a.zz", "\n")
    watch = watching(direct(), workers, document)
    assert constraints_of(watch, [""]) == []
    assert [f.outcome for f in watch.findings] == ["unknown"]


def test_earlier_dereferences_of_the_line_are_no_business_of_ours(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "x = a.zz + b.c(1", "\n")
    analyser = ScriptedAnalyser(MEMBERS)
    assert constraints_of(watching(DirectSource(analyser), workers, document), ["", ")"]) == []
    assert analyser.asked == []


def test_observing_never_waits(workers: ThreadPoolExecutor) -> None:
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    watch = watching(source, workers)
    began = time.monotonic()
    assert watch.observe("a.") == []
    assert time.monotonic() - began < 0.1
    assert not watch.wait(0.01)
    source.gate.set()
    assert watch.wait(5)
    # The model has run ahead; the constraint speaks about the place of its trigger all the same.
    assert [c.start for c in watch.observe("a.nam")] == [2]


def test_a_late_answer_constrains_nothing_but_is_kept(workers: ThreadPoolExecutor) -> None:
    source, cache = SlowSource(ScriptedAnalyser(MEMBERS)), AnswerCache[PlaceKey, Any]()
    watch = watching(source, workers, budget_ms=30, cache=cache)
    assert watch.observe("a.") == []
    time.sleep(0.1)
    assert watch.observe("a.n") == []
    assert [f.outcome for f in watch.findings] == ["late"]
    source.gate.set()
    again = watching(source, workers, cache=cache)
    for _ in range(100):
        again = watching(source, workers, cache=cache)
        if again.observe("a."):
            break
        time.sleep(0.01)
    assert [(f.outcome, f.cached) for f in again.findings] == [("constrained", True)]


def test_a_failing_analyser_constrains_nothing(workers: ThreadPoolExecutor) -> None:
    source = SlowSource(ScriptedAnalyser())
    source.fail = True
    source.gate.set()
    watch = watching(source, workers)
    assert constraints_of(watch, ["a."]) == []
    assert [(f.outcome, f.reason) for f in watch.findings] == [("failed", "it died")]


def test_a_place_is_asked_about_once(workers: ThreadPoolExecutor) -> None:
    analyser, cache = ScriptedAnalyser(MEMBERS), AnswerCache[PlaceKey, Any]()
    for _ in range(3):
        assert constraints_of(watching(DirectSource(analyser), workers, cache=cache), ["a.", "a.n", "a.name"])
    assert len(analyser.asked) == 1


def test_cutting_back_forgets_what_lay_beyond(workers: ThreadPoolExecutor) -> None:
    members = {"return a.": ["name"], "return a.name.": ["first"], "return a.nest.": ["second"]}
    answer = ScriptedAnalyser(lambda before: next((v for k, v in members.items() if before.endswith(k)), ()))
    watch = watching(DirectSource(answer), workers)
    assert [c.names for c in constraints_of(watch, ["a.", "a.name."])] == [{"name"}, {"first"}]
    watch.cut_back("a.")
    assert [c.names for c in constraints_of(watch, ["a.", "a.nest", "a.nest."])] == [{"second"}]


def test_an_assignment_may_name_something_new(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "def __init__(self):\n    ", "\n")
    source = direct()
    for written in ["self.new = 1", "self.new: int = 1", "self.new, self.other = 1, 2"]:
        watch = watching(source, workers, document)
        texts = [written[: i + 1] for i in range(len(written))]
        assert all(c.start != 5 for c in constraints_of(watch, texts)), written
        assert watch.findings[0].outcome == "moot"
    watch = watching(source, workers, document)
    found = constraints_of(watch, ["self", "self.", "self.new", "self.new(", "self.new(1)"])
    assert [c.start for c in found] == [5]


def test_an_answer_that_is_not_trusted_advises(workers: ThreadPoolExecutor) -> None:
    known = ScriptedAnalyser(["__init__"], precedents=[Precedent("rows", 3.0, 0.0)])
    watch = watching(DirectSource(known), workers)
    (found,) = constraints_of(watch, ["a.", "a.b", "a.b("])
    assert (found.binding, found.names, found.start) == (False, {"rows"}, 2)
    assert [(f.outcome, f.reason, f.names) for f in watch.findings] == [("advised", "only what every object has", 1)]
    watch = watching(DirectSource(ScriptedAnalyser(["__init__"])), workers)
    assert constraints_of(watch, ["a."]) == []
    assert [f.outcome for f in watch.findings] == ["unknown"]


def test_advice_on_an_assignment(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "def __init__(self, size):\n    ", "\n")
    watch = watching(direct(), workers, document)
    (found,) = constraints_of(watch, ["self.", "self.size", "self.size ="])
    assert (found.binding, found.start) == (False, 5)
    assert [f.outcome for f in watch.findings] == ["advised"]


def test_a_comparison_is_not_an_assignment(workers: ThreadPoolExecutor) -> None:
    document = Document("/w/x.py", "python", "def __init__(self):\n    ", "\n")
    watch = watching(direct(), workers, document)
    assert constraints_of(watch, ["self.new ="]) == []
    assert [c.start for c in constraints_of(watch, ["self.new == 2"])] == [5]


class Evens(Monitor):
    """A second monitor: numbers are even."""

    name = "evens"
    languages = frozenset[str]()

    def pre(self, view: View) -> Iterable[Trigger]:
        return [Trigger(view.cursor + match.end()) for match in re.finditer(r"\(", view.generated)]

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        return Answer(regex=r"[0-9]*[02468]\)(?s:.*)")


class Faulty(Evens):
    name = "faulty"

    def pre(self, view: View) -> Iterable[Trigger]:
        raise RuntimeError("oh")


class FaultyLater(Evens):
    name = "faulty later"

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        raise RuntimeError("oh")


def test_monitors_are_joined_and_faulty_ones_left_out(workers: ThreadPoolExecutor) -> None:
    monitors = (Faulty(), DereferenceMonitor(), FaultyLater(), Evens())
    watch = watching(direct(), workers, monitors=monitors)
    found = constraints_of(watch, ["a.size(", "a.size(2) + a."])
    assert [(c.source, c.start) for c in found] == [("dereference", 2), ("evens", 7), ("dereference", 14)]
    assert sorted(f.monitor for f in watch.findings if f.outcome == "failed") == [
        "faulty",
        "faulty later",
        "faulty later",
    ]


class FaultyOnAWorker(FaultyLater):
    name = "faulty on a worker"
    works_long = True


class FaultyMask(Evens):
    name = "faulty mask"

    def mask(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        raise RuntimeError("oh")


class FaultyAdvice(Evens):
    name = "faulty advice"

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        return Answer(reason="who knows", weights=(("two", 1.0),))

    def advise(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        raise RuntimeError("oh")


@pytest.mark.parametrize("faulty", [FaultyOnAWorker(), FaultyMask(), FaultyAdvice()])
def test_a_monitor_that_fails_behind_its_analysis_is_left_out_alone(
    workers: ThreadPoolExecutor, faulty: Monitor
) -> None:
    watch = watching(direct(), workers, monitors=(faulty, DereferenceMonitor(), Evens()))
    found = constraints_of(watch, ["a.size(b(", "a.size(b(2)) + a.name("])
    said = sorted((c.start, c.source) for c in found)
    assert said == [(2, "dereference"), (7, "evens"), (9, "evens"), (17, "dereference"), (22, "evens")]
    failed = [(f.start, f.reason) for f in watch.findings if f.outcome == "failed"]
    assert [start for start, _ in failed] == [0, 7, 9], "and it is not asked about what follows"
    assert all("oh" in reason for _, reason in failed)


def test_an_analysis_that_a_shutdown_cut_off_is_no_fault_of_its_monitor() -> None:
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    with ThreadPoolExecutor(1) as workers:
        workers.submit(source.gate.wait, 10)
        watch = watching(source, workers)
        assert watch.observe("a.") == []
        workers.shutdown(wait=False, cancel_futures=True)
        assert watch.observe("a.n") == []
        assert [(f.outcome, f.reason) for f in watch.findings] == [("failed", "analysis has been shut down")]
        source.gate.set()


def test_monitors_of_other_languages_are_not_asked(workers: ThreadPoolExecutor) -> None:
    analyser = ScriptedAnalyser(MEMBERS)
    watch = watching(DirectSource(analyser), workers, Document("/w/x.sh", "shellscript", "a.", ""))
    assert watch.observe("") == []
    assert watch.findings == ()


def test_an_end_is_waited_at_until_the_budget_is_over(workers: ThreadPoolExecutor) -> None:
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    watch = watching(source, workers, budget_ms=50)
    watch.observe("a.b")
    began = time.monotonic()
    watch.hear_out(60)
    assert 0.04 < time.monotonic() - began < 5
    assert watch.observe("a.b") == []
    assert [f.outcome for f in watch.findings] == ["late"]
    assert not watch.hear_out(60)
    source.gate.set()


@pytest.mark.parametrize("worth_waiting", [True, False])
def test_patience_is_for_places_in_the_text_that_are_worth_it(workers: ThreadPoolExecutor, worth_waiting: bool) -> None:
    class Dots(DereferenceMonitor):
        pass

    Dots.worth_waiting = worth_waiting
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    watch = watching(source, workers, Document("/w/x.py", "python", "x = ", "\n"), [Dots()], budget_ms=60_000)
    watch.observe("a.b")
    began = time.monotonic()
    assert not watch.hear_out(60, patience_s=0.1)
    assert (time.monotonic() - began > 0.09) == worth_waiting
    assert time.monotonic() - began < 30
    assert [f.outcome for f in watch.findings] == ["late"]
    source.gate.set()


@pytest.mark.parametrize("worth_waiting", [True, False])
def test_what_came_while_the_end_was_written_is_heard(workers: ThreadPoolExecutor, worth_waiting: bool) -> None:
    class Dots(DereferenceMonitor):
        pass

    Dots.worth_waiting = worth_waiting
    source = SlowSource(ScriptedAnalyser(MEMBERS))
    watch = watching(source, workers, Document("/w/x.py", "python", "x = ", "\n"), [Dots()])
    assert watch.observe("a.b") == []
    source.gate.set()
    assert watch.wait(5)
    assert watch.hear_out(60)
    assert [constraint.start for constraint in watch.observe("a.b")] == [2]
    assert not watch.hear_out(60), "all of it was told"
