"""`dragoman complete`: what it prints, and what it says when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli import complete as complete_module
from lsp_server.cli.app import app
from lsp_server.settings import ModelSettings
from models import ModelError

SOURCE = "x = 1\nécho 😀 word\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(SOURCE.encode())
    return path


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripted_generator: Any) -> Any:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))

    def load(settings: ModelSettings, *_: Any) -> Any:
        scripted_generator.name = "scripted" if settings == ModelSettings() else settings.name
        return scripted_generator

    monkeypatch.setattr(complete_module, "load_model", load)
    return scripted_generator


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, ["complete", *map(str, arguments)])


def at(file: Path, line: int, column: int, *more: Any) -> Result:
    return run(file, "--line", line, "--column", column, *more)


def one_line_error(result: Result) -> str:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("dragoman: ")
    return result.stderr


def test_text_at_the_end_of_a_line_counted_in_code_points(file: Path, surroundings: Any) -> None:
    result = at(file, 2, 12)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "(word)\n", "")
    assert surroundings.prompts[0].prefix == SOURCE.rstrip("\n")
    assert surroundings.prompts[0].path == "a.py"


def test_json_has_exactly_these_members(file: Path) -> None:
    result = at(file, 2, 12, "--json", "--n", 2)
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert set(report) == {
        "completions",
        "model",
        "extent",
        "reason",
        "prompt_tokens",
        "timings_ms",
        "monitors",
    }
    assert [completion["text"] for completion in report["completions"]] == ["(word)", "(word1)"]
    assert set(report["completions"][0]) == {
        "text",
        "confidence",
        "min_confidence",
        "tokens",
        "replace_after",
        "finish_reason",
    }
    assert report["completions"][0]["tokens"] == 3
    assert report["completions"][0]["confidence"] == pytest.approx(0.9048)
    assert report["model"] == "scripted"
    assert {"load", "context", "prompt", "prefill", "decode", "postprocess", "total"} == set(report["timings_ms"])


def test_several_completions_are_numbered(file: Path) -> None:
    assert at(file, 2, 12, "--n", 2).stdout == "--- 1 (90%)\n(word)\n--- 2 (90%)\n(word1)\n"


def test_nothing_to_suggest_is_no_error(file: Path) -> None:
    file.write_bytes(b"a\0b")
    result = at(file, 1, 4)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to suggest" in result.stderr
    assert json.loads(at(file, 1, 4, "--json").stdout)["completions"] == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", ""])
def test_every_line_end_and_a_byte_order_mark(file: Path, surroundings: Any, ending: str) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + f"x = 1{ending or chr(10)}echo word{ending}".encode())
    assert at(file, 2, 10).stdout == "(word)\n"
    assert surroundings.prompts[0].prefix == "x = 1\necho word"


@pytest.mark.parametrize(
    ("line", "column", "complaint"),
    [
        (0, 1, "has no line 0. Give --line from 1 to 3."),
        (-1, 1, "has no line -1"),
        (4, 1, "has no line 4"),
        (2, 0, "has no column 0. Give --column from 1 to 12."),
        (2, 13, "has no column 13"),
        (3, 2, "has no column 2. Give --column from 1 to 1."),
    ],
)
def test_a_position_outside_the_file(file: Path, line: int, column: int, complaint: str) -> None:
    assert complaint in one_line_error(at(file, line, column))


def test_a_file_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    assert "cannot be read: No such file" in one_line_error(at(tmp_path / "missing.py", 1, 1))
    assert "cannot be read" in one_line_error(at(tmp_path, 1, 1))
    file.write_bytes(b"caf\xe9 = 1\n")
    assert "is not UTF-8 (byte 4). Convert it" in one_line_error(at(file, 1, 1))


@pytest.mark.parametrize("option", [("--n", 0), ("--n", 11), ("--max-tokens", 0), ("--extent", "page")])
def test_an_option_out_of_range(file: Path, option: tuple[str, Any]) -> None:
    assert option[0] in one_line_error(at(file, 1, 1, *option))


def test_a_model_that_is_not_known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(settings: Any, *_: Any) -> Any:
        assert settings.name == "nope"
        raise ModelError("No model is called 'nope'.", "`dragoman models list` shows all.")

    monkeypatch.setattr(complete_module, "load_model", load)
    assert "No model is called 'nope'." in one_line_error(at(file, 1, 1, "--model", "nope"))


def test_an_error_while_generating(file: Path) -> None:
    file.write_text("fail here")
    assert "The script says so." in one_line_error(at(file, 1, 10))


def test_settings_come_from_environment_and_workspace(
    file: Path, monkeypatch: pytest.MonkeyPatch, surroundings: Any
) -> None:
    monkeypatch.setenv("DRAGOMAN_COMPLETION_MAX_LINE_TOKENS", "many")
    (file.parent / "dragoman.toml").write_text('[model]\nname = "evil"\n')
    result = at(file, 2, 12)
    assert result.exit_code == 0 and result.stdout == "(word)\n"
    lines = result.stderr.splitlines()
    assert "dragoman.completion.max_line_tokens (the environment): it must be a whole number" in lines[0]
    assert "may not set this" in lines[1]


def test_an_option_beats_the_settings(file: Path, monkeypatch: pytest.MonkeyPatch, surroundings: Any) -> None:
    monkeypatch.setenv("DRAGOMAN_MODEL_NAME", "from-environment")
    at(file, 2, 12)
    assert surroundings.name == "from-environment"
    at(file, 2, 12, "--model", "asked-for", "--no-monitors", "--max-tokens", 7, "--extent", "block")
    assert surroundings.name == "asked-for"


def test_how_far_a_completion_reaches_can_be_set(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def extent(*options: Any) -> str:
        return json.loads(at(file, 2, 12, "--json", *options).stdout)["extent"]

    monkeypatch.setenv("DRAGOMAN_COMPLETION_EXTENT", "block")
    assert [extent(), extent("--extent", "line")] == ["block", "line"]
    monkeypatch.setenv("DRAGOMAN_COMPLETION_EXTENT", "line")
    assert [extent(), extent("--extent", "block")] == ["line", "block"]


def test_other_files_are_read_when_that_is_asked_for(tmp_path: Path, surroundings: Any) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "shapes.py").write_text("def area_of_circle(radius):\n    return 3 * radius * radius\n")
    main = tmp_path / "main.py"
    main.write_text("from shapes import area_of_circle\n\nprint(area_of_circle(word")
    at(main, 3, 26)
    at(main, 3, 26, "--cross-file")
    alone, together = surroundings.prompts
    assert alone.snippets == ()
    assert [snippet.path for snippet in together.snippets] == ["shapes.py"]
    assert "def area_of_circle(radius)" in together.snippets[0].text


def test_where_a_workspace_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    inner = tmp_path / "project" / "src"
    inner.mkdir(parents=True)
    assert complete_module.workspace_root(inner / "a.py") is None
    (tmp_path / "dragoman.toml").touch()
    assert complete_module.workspace_root(inner / "a.py") is None, "the home folder is nobody's project"
    (tmp_path / "project" / "go.mod").touch()
    assert complete_module.workspace_root(inner / "a.py") == tmp_path / "project"
