"""Runs that are interrupted, that fail, that hang: each case is asked once, and none is lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.completion import Prediction, completion_report, predict_all
from lsp_server.evaluation.journal import Journal
from lsp_server.evaluation.watching import Watching
from models import Cancellation, Interventions, ModelError

CASES = [Case(str(i), "Go", f"x{i}", prefix=f"a{i} = ") for i in range(4)]

Say = Callable[[Case, Cancellation], str]


class Scripted:
    """A predictor that says what it is told and remembers what it was asked."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.asked: list[str] = []

    def __call__(self, case: Case, cancellation: Cancellation) -> Prediction:
        self.asked.append(case.id)
        return Prediction(self.say(case, cancellation), confidence=0.5, tokens=2, finish_reason="stop")


def truth(case: Case, _: Cancellation) -> str:
    return f" {case.expected}"


def test_predictions_come_in_order_with_their_figures(tmp_path: Path) -> None:
    with Journal(tmp_path / "p.jsonl", "c") as journal:
        seen: list[str] = []
        outcomes = predict_all(CASES, Scripted(truth), journal, 60, lambda o: seen.append(o.scored.case.id))
    report = completion_report("m", outcomes, monitors=(), seed=0)
    assert seen == ["0", "1", "2", "3"]
    assert [row["id"] for row in report["predictions"]] == seen
    assert report["metrics"]["exact_match"] == report["coverage"] == 100
    assert report["errors"] == 0
    assert 0 <= report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    assert report["predictions"][1]["prediction"] == " x1"
    assert report["predictions"][1]["exact_match"] is True
    json.dumps(report)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def interrupted(case: Case, _: Cancellation) -> str:
        if case.id == "2":
            raise KeyboardInterrupt
        return case.expected

    path = tmp_path / "p.jsonl"
    first = Scripted(interrupted)
    with pytest.raises(KeyboardInterrupt), Journal(path, "c") as journal:
        predict_all(CASES, first, journal, 60)
    path.write_bytes(path.read_bytes()[:-5])  # and killed while it wrote the second row

    second = Scripted(truth)
    with Journal(path, "c") as journal:
        outcomes = predict_all(CASES, second, journal, 60)
    assert second.asked == ["1", "2", "3"]
    assert [o.resumed for o in outcomes] == [True, False, False, False]

    uninterrupted = Scripted(truth)
    with Journal(tmp_path / "q.jsonl", "c") as journal:
        straight = predict_all(CASES, uninterrupted, journal, 60)
    assert [o.scored.values for o in outcomes] == [o.scored.values for o in straight]


def test_another_configuration_or_a_changed_case_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with Journal(path, "c") as journal:
        predict_all(CASES, Scripted(truth), journal, 60)
    changed = [Case("0", "Go", "x0", prefix="different"), *CASES[1:]]
    same_configuration, other_configuration = Scripted(truth), Scripted(truth)
    with Journal(path, "c") as journal:
        predict_all(changed, same_configuration, journal, 60)
    with Journal(path, "d") as journal:
        predict_all(CASES, other_configuration, journal, 60)
    assert same_configuration.asked == ["0"]
    assert other_configuration.asked == ["0", "1", "2", "3"]


def test_a_case_that_fails_or_hangs_is_an_empty_prediction_with_its_error(tmp_path: Path) -> None:
    def troubled(case: Case, cancellation: Cancellation) -> str:
        match case.id:
            case "0":
                raise ZeroDivisionError("by zero")
            case "1":
                raise ModelError("the tokens do not fit", "a hint")
            case "2":
                while True:
                    cancellation.raise_if_cancelled()
            case _:
                return case.expected

    with Journal(tmp_path / "p.jsonl", "c") as journal:
        report = completion_report("m", predict_all(CASES, Scripted(troubled), journal, 0.05), (), seed=0)
    assert [row["error"] for row in report["predictions"]] == [
        "ZeroDivisionError: by zero",
        "the tokens do not fit",
        "no answer within 0.05 s",
        None,
    ]
    assert [row["prediction"] for row in report["predictions"]] == ["", "", "", "x3"]
    assert (report["errors"], report["coverage"], report["metrics"]["exact_match"]) == (3, 25, 25)
    assert report["predictions"][0]["latency_ms"] is None
    assert report["latency_ms"]["p50"] is not None


def test_latency_of_no_answer_at_all_is_unknown(tmp_path: Path) -> None:
    def broken(_: Case, __: Cancellation) -> str:
        raise RuntimeError("broken")

    with Journal(tmp_path / "p.jsonl", "c") as journal:
        report = completion_report("m", predict_all(CASES, Scripted(broken), journal, 60), (), seed=0)
    assert report["latency_ms"] == {"p50": None, "p95": None}
    assert report["coverage"] == 0


def test_monitor_figures_are_zero_without_monitors_and_unknown_where_not_measured(tmp_path: Path) -> None:
    def guided(case: Case, __: Cancellation) -> Prediction:
        found = ({"monitor": "d", "outcome": "constrained", "start": 0, "analysis_ms": 4.0},) * 2
        watching = Watching(found, ("d",), "y", 3.0, 2.0, 5.0, 2.0)
        interventions = Interventions(constraints=2, masked_steps=3, changed_steps=1)
        return Prediction("y" if case == CASES[0] else "x", interventions=interventions, watching=watching)

    with Journal(tmp_path / "p.jsonl", "c") as journal:
        plain = completion_report("m", predict_all(CASES, Scripted(truth), journal, 60), (), seed=0)["monitors"]
    assert (plain["names"], plain["triggered"], plain["masked_steps"], plain["harmful_masks"]) == ([], 0, 0, 0)
    assert plain["overhead_ratio"] is None

    with Journal(tmp_path / "q.jsonl", "c") as journal:
        with_one = completion_report("m", predict_all(CASES, guided, journal, 60), ("d",), seed=0)["monitors"]
    assert (with_one["triggered"], with_one["masked_steps"], with_one["changed_steps"]) == (8, 12, 4)
    assert with_one["harmful_masks"] == 4
    assert (with_one["overhead_ratio"], with_one["analysis_ms"]["p50"]) == (1.5, 4)
    assert with_one["overhead_ratio_same_text"] == 1.5
    assert (with_one["overhead_ratio_typed"], with_one["warm_ms"]["p95"]) == (2.5, 3)
    assert with_one["outcomes"] == {"d": {"constrained": 8}}
