"""`dragoman score` as a person or a script uses it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli.app import app

LINES: list[dict[str, Any]] = [
    {"id": "1", "language": "Go", "expected": "a.b()", "predictions": {"m": "a.b()", "n": "a.c()"}},
    {"id": "2", "language": "C", "expected": "x;", "predictions": {"m": "", "n": "x;"}},
]


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "predictions.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["score", *(str(argument) for argument in arguments)])


def test_a_table_goes_to_stdout_and_the_report_to_the_file(predictions: Path, tmp_path: Path) -> None:
    result = run(predictions, "--out", tmp_path / "r.json")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split()[:4] == ["m", "empties", "wrong", "2"]
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["models"]["m"]["coverage"] == 50
    assert report["models"]["m"]["metrics"]["exact_match"] == 50
    assert report["models"]["m"]["as_published"]["exact_match"] == 100
    assert report["common_subset"]["cases"] == 1
    assert {"tokenizer", "definitions", "libraries", "provenance"} <= set(report)


def test_a_seed_is_checked_before_the_work(predictions: Path) -> None:
    result = run(predictions, "--seed", "-1")
    assert result.exit_code == 2
    assert "--seed" in result.stderr and "fault" not in result.stderr


def test_json_is_the_same_report_on_stdout(predictions: Path, tmp_path: Path) -> None:
    result = run(predictions, "--model", "n", "--json", "--out", tmp_path / "r.json")
    report = json.loads(result.stdout)
    assert report == json.loads((tmp_path / "r.json").read_text())
    assert (report["model"], report["cases"], report["metrics"]["exact_match"]) == ("n", 2, 50)


def test_one_prediction_a_line_makes_one_report(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(json.dumps({"id": "1", "language": "Go", "expected": "x", "prediction": "x"}))
    report = json.loads(run(path, "--json").stdout)
    assert (report["model"], report["metrics"]["exact_match"]) == (None, 100)
    assert len(run(path).stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1", "language": "Go", "prediction": "x"}', ":1: `expected` is missing"),
        ("{", ":1: not valid JSON"),
        ("", "holds no cases"),
    ],
)
def test_a_faulty_file_ends_with_status_2_and_one_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line)
    result = run(path, "--out", tmp_path / "r.json")
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "r.json").exists()


def test_an_unknown_model_and_a_bad_place_for_the_report_are_named(predictions: Path, tmp_path: Path) -> None:
    unknown = run(predictions, "--model", "z")
    assert unknown.exit_code == 2
    assert "'z'" in unknown.stderr
    assert "m, n" in unknown.stderr
    assert run(predictions, "--out", tmp_path).exit_code == 2
