"""Evaluation of translations: cases and candidates read, runs resumed, figures of known verdicts."""

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.journal import Journal
from lsp_server.evaluation.translation import (
    Answer,
    Tried,
    completed,
    judge_candidates,
    report_table,
    run_cases,
    translation_report,
)
from lsp_server.evaluation.translation_cases import TranslationCase, read_candidates, read_translation_cases
from lsp_server.languages import language_for
from lsp_server.verification import AgainstSource, GivenTests, Tests, Verdict
from models import Cancellation

LINE: dict[str, Any] = {
    "id": "a",
    "source_language": "python",
    "target_language": "js",
    "source": "def twice(x):\n    return x * 2\n",
    "declaration": "\nconst twice = (x) => {\n",
    "tests": "console.assert(twice(4) === 8)\n",
}


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def case(**changes: Any) -> TranslationCase:
    fields: dict[str, Any] = {
        "id": "a",
        "source_language": language_for("python"),
        "target_language": language_for("javascript"),
        "source": LINE["source"],
        "declaration": LINE["declaration"],
        "tests": LINE["tests"],
    }
    return TranslationCase(**{**fields, **changes})


def test_cases_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "c.jsonl", LINE, {**LINE, "id": "b", "candidates": ["x", "y"], "tests": None})
    first, second = read_translation_cases(path)
    assert (first.pair, first.target_language.id, first.candidates) == ("python-javascript", "javascript", ())
    assert (second.tests, second.candidates) == ("", ("x", "y"))
    assert first.content_hash != second.content_hash


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": None}, "`source` is missing"),
        ({"target_language": "klingon"}, "klingon"),
        ({"candidates": [1]}, "not a list of strings"),
        ({"tests": 5}, "`tests` is a number"),
    ],
)
def test_a_case_that_is_wrong_is_named_by_its_line(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = written(tmp_path / "c.jsonl", LINE, {**LINE, "id": "b", **change})
    with pytest.raises(UserError, match=r"c\.jsonl:2") as raised:
        read_translation_cases(path)
    assert said in raised.value.message


def test_ids_must_differ(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="used on line 1"):
        read_translation_cases(written(tmp_path / "c.jsonl", LINE, LINE))


def test_candidates_are_read(tmp_path: Path) -> None:
    lines = ({"id": "a", "prediction": "x"}, {"id": "b", "predictions": ["y", "z"]}, {"id": "c", "prediction": None})
    assert read_candidates(written(tmp_path / "p.jsonl", *lines)) == {"a": ("x",), "b": ("y", "z"), "c": ()}
    with pytest.raises(UserError, match="neither"):
        read_candidates(written(tmp_path / "p.jsonl", {"id": "a", "text": "x"}))


@pytest.mark.parametrize(
    ("candidate", "whole"),
    [
        ("  return x * 2\n}\n", "\nconst twice = (x) => {\n  return x * 2\n}\n"),
        ("const twice = (x) => x * 2\n", "const twice = (x) => x * 2\n"),
        ("function twice(x) { return x * 2 }\n", "function twice(x) { return x * 2 }\n"),
    ],
)
def test_a_candidate_that_is_only_a_body_is_completed(candidate: str, whole: str) -> None:
    assert completed(candidate, case()) == whole


def test_bodies_are_completed_in_other_languages_too() -> None:
    java = case(
        target_language=language_for("java"),
        declaration="class Solution {\n    public int twice(int x) {\n",
    )
    body = "        return x * 2;\n    }\n}\n"
    assert completed(body, java) == java.declaration + body
    assert completed(java.declaration + body, java) == java.declaration + body
    python = case(target_language=language_for("python"), declaration="from typing import *\n\ndef twice(x: int):\n")
    assert completed("    return x * 2\n", python).startswith("from typing")
    assert completed("def twice(x):\n    return 2 * x\n", python).startswith("def twice")


def scripted(text: str, _language: object, tests: Tests | None, _cancellation: Cancellation) -> Verdict:
    """A judge that goes by a word of the candidate."""
    assert tests == AgainstSource(GivenTests(LINE["tests"]), LINE["source"], language_for("python"), "twice")
    for word, verdict in VERDICTS.items():
        if word in text:
            return verdict
    raise AssertionError(text)


VERDICTS = {
    "right": Verdict("verified", "yes"),
    "wrong": Verdict("failed", "no", "tests"),
    "untested": Verdict("builds", "perhaps"),
    "unjudged": Verdict("unchecked", "unknown", "toolchain"),
}


def run(tmp_path: Path, *candidates: tuple[str, ...]) -> dict[str, Any]:
    cases = [
        case(id=str(number), declaration="", candidates=texts, tests=LINE["tests"])
        for number, texts in enumerate(candidates)
    ]
    with Journal(tmp_path / "j.jsonl", "c") as journal:
        return translation_report("m", run_cases(cases, judge_candidates(scripted), journal, jobs=2))


def test_figures_of_known_verdicts(tmp_path: Path) -> None:
    report = run(tmp_path, ("right",), ("wrong", "right"), ("untested",), ("unjudged",), ("wrong",))
    metrics = report["metrics"]
    assert metrics["computational_accuracy"] == metrics["ca_at_1"] == 20.0
    assert metrics["ca_at_k"] == 40.0
    assert metrics["build_rate"] == 80.0
    assert report["unchecked"] == 1
    assert report["by_pair"]["python-javascript"]["cases"] == 5
    assert sum(report["faults"].values()) == 2
    assert [row["id"] for row in report["predictions"]] == ["0", "1", "2", "3", "4"]
    assert "python-javascript" in report_table(report)


def test_faults_are_told_by_pair(tmp_path: Path) -> None:
    report = run(tmp_path, ("right",), ("wrong",), ("wrong",))
    fault = next(iter(report["faults"]))
    lines = report_table(report).splitlines()
    assert lines[-2].split() == ["fault", "python-javascript", "all"]
    assert lines[-1].split() == [fault, "2", "2"]


def test_a_reference_is_given_or_the_source_of_a_sibling(tmp_path: Path) -> None:
    back = {
        **LINE,
        "id": "7-js-python",
        "source_language": "javascript",
        "target_language": "python",
        "source": "x = 1",
    }
    there, given = {**LINE, "id": "7-python-js"}, {**LINE, "id": "8-python-js", "reference": "let y"}
    other = {**LINE, "id": "9-python-js"}
    cases = read_translation_cases(written(tmp_path / "c.jsonl", back, there, given, other))
    assert [each.reference for each in cases] == [LINE["source"], "x = 1", "let y", ""]


def test_codebleu_is_of_the_cases_that_have_a_reference(tmp_path: Path) -> None:
    right = Verdict("verified", "yes")
    answers = {"a": "let x = 1\n", "b": "", "c": "let x = 1\n"}
    cases = [case(id=name, reference="" if name == "c" else "let x = 1\n") for name in answers]
    with Journal(tmp_path / "j.jsonl", "c") as journal:
        rows = run_cases(cases, lambda each, _token: Answer(answers[each.id], "model", right, ()), journal)
    report = translation_report("m", rows)
    assert [row["codebleu"] for row in report["predictions"]] == [100.0, 0.0, None]
    assert report["metrics"]["codebleu"] == report["by_pair"]["python-javascript"]["codebleu"] == 50.0
    assert " 50.0" in report_table(report)


def test_rounds_of_repair_are_counted(tmp_path: Path) -> None:
    wrong, right = Verdict("failed", "no", "tests"), Verdict("verified", "yes")
    tried = (Tried("a", "model", 0, wrong), Tried("b", "model", 1, wrong), Tried("c", "model", 2, right))

    def answer(_case: TranslationCase, _cancellation: Cancellation) -> Answer:
        return Answer("c", "model", right, tried)

    with Journal(tmp_path / "j.jsonl", "c") as journal:
        metrics = translation_report("m", run_cases([case()], answer, journal))["metrics"]
    assert metrics["debugging_success_rate"] == {"0": 0.0, "1": 0.0, "2": 100.0}
    assert (metrics["computational_accuracy"], metrics["ca_at_k"], metrics["ca_at_1"]) == (100.0, 0.0, 0.0)


def test_a_case_that_raises_counts_as_wrong_and_says_why(tmp_path: Path) -> None:
    def answer(_case: TranslationCase, _cancellation: Cancellation) -> Answer:
        raise UserError("This is no code.")

    with Journal(tmp_path / "j.jsonl", "c") as journal:
        report = translation_report("m", run_cases([case()], answer, journal))
    assert report["errors"] == 1
    assert report["metrics"]["computational_accuracy"] == 0.0
    assert report["predictions"][0]["error"] == "This is no code."


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    cases = [case(id=str(number)) for number in range(3)]
    asked: list[str] = []

    def answer(asked_case: TranslationCase, _cancellation: Cancellation) -> Answer:
        asked.append(asked_case.id)
        if asked_case.id == "2" and len(asked) < 4:
            raise KeyboardInterrupt
        return Answer("x", "model", Verdict("verified", "yes"), ())

    path = tmp_path / "j.jsonl"
    with Journal(path, "c") as journal, pytest.raises(KeyboardInterrupt):
        run_cases(cases, answer, journal)
    with Journal(path, "c") as journal:
        rows = run_cases(cases, answer, journal)
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    assert asked == ["0", "1", "2", "2"]
