"""`dragoman models` as a person or a script uses it."""

import json
import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli.app import app

CONTEXT = 256


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A model of a few kilobytes, by the function that the tests of acquisition have for it."""
    path = Path(__file__).parents[2] / "models" / "acquisition" / "tiny_model.py"
    return runpy.run_path(str(path))["write_gguf"](tmp_path / "tiny.gguf")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["models", *(str(argument) for argument in arguments)])


def test_the_list_is_a_table_for_people_and_json_for_programs() -> None:
    table = run("list")
    assert table.exit_code == 0
    lines = table.stdout.splitlines()
    assert lines[0].split()[:4] == ["NAME", "CONTEXT", "FIM", "CHAT"]
    assert lines[1].startswith("smollm2-135m")
    rows = json.loads(run("list", "--json").stdout)["models"]
    assert len(rows) == len(lines) - 1
    assert rows[0]["name"] == "smollm2-135m" and rows[0]["licence"] == "Apache-2.0"


def test_a_file_is_added_listed_measured_and_removed(weights: Path) -> None:
    added = run("add", weights, "--name", "mine", "--licence", "MIT")
    assert added.exit_code == 0, added.output
    assert "Use it with `--model mine`" in added.stdout
    rows = json.loads(run("list", "--json").stdout)["models"]
    mine = next(row for row in rows if row["name"] == "mine")
    assert (mine["licence"], mine["context_length"], mine["source"]) == ("MIT", CONTEXT, str(weights))
    assert mine["bytes_on_disk"] > 0

    figures = run("bench", "mine", "--prompt-tokens", "32", "--new-tokens", "4", "--rounds", "1", "--json")
    assert figures.exit_code == 0, figures.output
    assert {"load_ms", "prefill_tokens_per_s", "decode_ms_per_token", "keystroke_ms"} <= set(json.loads(figures.stdout))
    shown = run("bench", "mine", "--prompt-tokens", "32", "--new-tokens", "4", "--rounds", "1")
    assert "ms/token" in shown.stdout

    removed = run("remove", "mine")
    assert removed.exit_code == 0 and "forgotten" in removed.stdout
    assert "mine" not in run("list").stdout
    assert weights.exists()


def test_a_server_is_added_with_what_it_can_do() -> None:
    result = run("add", "http://gpu:8000/v1#codellama-7b-awq", "--structured", "vllm", "--key-env", "KEY", "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)
    assert (row["name"], row["family"], row["fim"]) == ("codellama-7b-awq", "codellama", "spm")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["add", "/nowhere/x.gguf"], "no model at /nowhere/x.gguf"),
        (["add", "no-such-name"], "No model is called 'no-such-name'"),
        (["add", "http://host/v1"], "which model of which server"),
        (["remove", "no-such-name"], "No model of yours is called"),
        (["bench", "no-such-name"], "No model is called"),
        (["bench", "http://host/v1#m"], "runs on a server"),
    ],
)
def test_a_users_error_is_one_line_and_status_2(arguments: list[str], complaint: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""
