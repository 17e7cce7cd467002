"""`dragoman evaluate completion` from its arguments to its report, with a model that says the same each time."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import lsp_server.cli.console
import lsp_server.engine.loading
from lsp_server.cli.app import app
from lsp_server.cli.evaluate import _Tracker  # pyright: ignore[reportPrivateUsage] - a run is over too soon to watch it
from models import Candidate, DecodingParameters, Generation, ModelError, Prompt

CASES: list[dict[str, Any]] = [
    {"id": str(i), "language": "Python", "prefix": f"a{i} = ", "suffix": "\n", "expected": f"value_{i}", "trigger": "="}
    for i in range(4)
]


class Model:
    """Knows the value of one variable; counts its work."""

    name = "constant"
    fingerprint = "0123"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.before: Callable[[], None] = lambda: None

    def generate(self, prompt: Prompt, parameters: DecodingParameters, **_: Any) -> Generation:
        self.before()
        self.asked.append(prompt.prefix)
        return Generation((Candidate("value_1", token_ids=(1,), logprobs=(-0.1,), finish_reason="stop"),))

    def close(self) -> None: ...


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    model = Model()

    def load(settings: Any, _progress: Any) -> Model:
        if settings.name == "missing":
            raise ModelError("there is no model 'missing'", "See `dragoman models list`.")
        return model

    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(lsp_server.engine.loading, "load_model", load)
    return model


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, CASES)))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", "completion", *map(str, arguments)])


def test_a_report_has_all_that_was_promised(model: Model, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = run(cases, "--monitors", "none", "--out", out)
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text())
    assert (report["cases"], report["model"], report["coverage"]) == (4, "constant", 100)
    assert report["metrics"]["exact_match"] == report["as_published"]["exact_match"] == 25
    assert report["by_language"]["Python"]["cases"] == report["by_trigger"]["="]["cases"] == 4
    assert set(report["latency_ms"]) == {"p50", "p95"}
    assert {"triggered", "masked_steps", "harmful_masks", "unresolved_members", "overhead_ratio"} <= set(
        report["monitors"]
    )
    assert [row["id"] for row in report["predictions"]] == ["0", "1", "2", "3"]
    assert [row["exact_match"] for row in report["predictions"]] == [False, True, False, False]
    assert report["provenance"]["fingerprint"] == "0123"
    assert report["provenance"]["parameters"]["extent"] == "line"
    assert not (tmp_path / "r.json.partial.jsonl").exists()
    assert "constant" in result.stdout


def test_progress_tells_cases_and_exact_match(
    model: Model, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lsp_server.cli.console, "PATIENCE_S", 0)
    result = run(cases, "--out", tmp_path / "r.json")
    assert "Evaluating: 0 of 4 cases 0%" in result.stderr
    assert "Evaluating: 4 of 4 cases, exact match 25.0% 100%" in result.stderr
    assert "Evaluating" not in result.stdout


def test_its_predictions_can_be_scored_again(model: Model, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    report = json.loads(run(cases, "--out", out, "--json").stdout)
    assert report == json.loads(out.read_text())
    predictions = tmp_path / "p.jsonl"
    predictions.write_text("\n".join(map(json.dumps, report["predictions"])))
    again = json.loads(CliRunner().invoke(app, ["score", str(predictions), "--json"]).stdout)
    without_document = {name: value for name, value in report["metrics"].items() if name != "parse_rate"}
    assert {name: again["metrics"][name] for name in without_document} == without_document


def test_an_interrupted_run_goes_on(model: Model, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"

    def interrupt() -> None:
        if len(model.asked) == 2:
            raise KeyboardInterrupt

    model.before = interrupt
    stopped = run(cases, "--out", out)
    assert stopped.exit_code == 130
    assert "the same command goes on from there" in stopped.stderr
    assert not out.exists()
    assert len((tmp_path / "r.json.partial.jsonl").read_text().splitlines()) == 2

    model.before = lambda: None
    finished = run(cases, "--out", out)
    assert finished.exit_code == 0
    assert "Going on after 2 of 4 cases" in finished.stderr
    assert model.asked == ["a0 = ", "a1 = ", "a2 = ", "a3 = "]
    assert json.loads(out.read_text())["provenance"]["resumed_cases"] == 2


def test_a_limit_takes_the_first_cases(model: Model, cases: Path, tmp_path: Path) -> None:
    assert run(cases, "--limit", "2", "--out", tmp_path / "r.json").exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text())["cases"] == 2


def test_failing_cases_are_counted_and_said(model: Model, cases: Path, tmp_path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("out of luck")

    model.before = fail
    result = run(cases, "--out", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    assert result.exit_code == 0
    assert "4 cases failed" in result.stderr
    assert (report["errors"], report["coverage"]) == (4, 0)
    assert report["predictions"][0]["error"] == "RuntimeError: out of luck"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--monitors", "clairvoyance"], "there is no monitor 'clairvoyance'"),
        (["--model", "missing"], "there is no model 'missing'"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_a_wrong_option_ends_with_status_2(
    model: Model, cases: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = run(cases, "--out", tmp_path / "r.json", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "r.json").exists()
    assert not model.asked


def test_a_faulty_case_is_found_before_the_model_is_loaded(model: Model, cases: Path, tmp_path: Path) -> None:
    cases.write_text(json.dumps(CASES[0]) + '\n{"id": "1"}\n')
    result = run(cases, "--model", "missing", "--out", tmp_path / "r.json")
    assert result.exit_code == 2
    assert f"{cases}:2: `language` is missing" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_what_is_said_of_progress_is_as_far_as_the_percentage() -> None:
    told: list[tuple[float, str]] = []
    tracker = _Tracker(200, lambda fraction, what: told.append((fraction, what)))
    outcome: Any = SimpleNamespace(scored=SimpleNamespace(values={"exact_match": 0.0}), resumed=True)
    for _ in range(200):
        tracker.add(outcome)
    assert all(what.startswith(f"{fraction * 200:.0f} of 200 cases") for fraction, what in told)
    assert [fraction for fraction, _ in told] == [0.0, 1 / 200, 1.0]
