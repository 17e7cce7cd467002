"""`dragoman evaluate translation`: candidates made elsewhere, and the rules without a model, through the real judge."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli.app import app
from lsp_server.sandbox.sandbox import SandboxUnavailable, find_sandbox

CASE = {
    "id": "hx-0-js-python",
    "source_language": "javascript",
    "target_language": "python",
    "source": "const twice = (x) => {\n  return x * 2\n}\n",
    "declaration": "def twice(x):\n",
    "tests": "assert twice(4) == 8\n",
}


@pytest.fixture(autouse=True)
def walls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


def evaluate(tmp_path: Path, cases: list[dict[str, Any]], *arguments: str) -> Result:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    out = str(tmp_path / "report.json")
    return CliRunner().invoke(app, ["evaluate", "translation", str(path), "--out", out, *arguments])


def test_candidates_are_judged(tmp_path: Path) -> None:
    candidates = tmp_path / "candidates.jsonl"
    lines = [
        {"id": "hx-0-js-python", "prediction": "    return x + x\n"},
        {"id": "b", "predictions": ["def twice(x):\n    return x ** 2\n", "def twice(x):\n    return 2 * x\n"]},
    ]
    candidates.write_text("".join(json.dumps(line) + "\n" for line in lines))
    cases = [CASE, {**CASE, "id": "b"}, {**CASE, "id": "nothing"}]
    result = evaluate(tmp_path, cases, "--candidates", str(candidates))
    assert result.exit_code == 0, result.output
    assert "1 of 3 cases have no candidate" in result.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["metrics"]["computational_accuracy"] == 33.33
    assert report["metrics"]["ca_at_k"] == 66.67
    assert report["metrics"]["build_rate"] == 66.67
    assert [row["verdict"]["status"] for row in report["predictions"]] == ["verified", "failed", "failed"]
    assert "def twice(x):\n    return x + x" in report["predictions"][0]["prediction"]
    assert "javascript-python" in result.stdout
    assert not (tmp_path / "report.json.partial.jsonl").exists()


def test_rules_need_no_model(tmp_path: Path) -> None:
    result = evaluate(tmp_path, [CASE], "--no-model", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["model"] == "rules"
    assert report["metrics"]["computational_accuracy"] == 100.0
    assert report["origins"] == {"rules": 1}


def test_each_case_is_judged_or_translated(tmp_path: Path) -> None:
    cases = [{**CASE, "id": "a", "candidate": "def twice(x):\n    return x ** 2\n"}, {**CASE, "id": "b"}]
    result = evaluate(tmp_path, cases, "--no-model", "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["predictions"]
    assert [(row["origin"], row["verdict"]["status"]) for row in rows] == [("given", "failed"), ("rules", "verified")]


def test_tests_that_test_nothing_verify_nothing(tmp_path: Path) -> None:
    wrong = {**CASE, "source": "/** > twice(4)\n 8 */\n" + CASE["source"], "candidate": "def twice(x):\n    return 0\n"}
    rows = [{**wrong, "id": "a", "tests": "# tests follow\n"}, {**wrong, "id": "b", "tests": ""}]
    result = evaluate(tmp_path, rows, "--json")
    assert result.exit_code == 0, result.output
    first, second = json.loads(result.stdout)["predictions"]
    assert first["verdict"]["status"] == "failed"
    assert first["verdict"] == {**second["verdict"], "milliseconds": first["verdict"]["milliseconds"]}


def test_candidates_for_other_cases_are_refused(tmp_path: Path) -> None:
    candidates = tmp_path / "candidates.jsonl"
    candidates.write_text('{"id": "zzz", "prediction": ""}\n')
    result = evaluate(tmp_path, [CASE], "--candidates", str(candidates))
    assert result.exit_code == 2
    assert "no case has the id 'zzz'" in result.stderr


def test_wrong_cases_are_told_in_one_line(tmp_path: Path) -> None:
    result = evaluate(tmp_path, [{**CASE, "target_language": "klingon"}])
    assert result.exit_code == 2
    assert "klingon" in result.output
