"""`dragoman translate`, without a model: what the rules reach needs none."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server.cli.app import app
from lsp_server.translation.targets import TARGETS

GCD = "def gcd(a: int, b: int) -> int:\n    while b:\n        a, b = b, a % b\n    return a\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "gcd.py"
    path.write_text(GCD, encoding="utf-8")
    return path


@pytest.mark.parametrize("target", ["javascript", "java", "cpp", "typescript"])
def test_nothing_is_run_unasked_and_the_verdict_says_so(source: Path, target: str) -> None:
    result = CliRunner().invoke(app, ["translate", str(source), "--to", target, "--json"])
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["text"]
    assert answer["verdict"]["status"] == "unchecked"
    assert "--run" in answer["verdict"]["hint"]
    assert (answer["sourceLanguage"], answer["targetLanguage"], answer["origin"]) == ("python", target, "rules")
    assert target in TARGETS


def test_the_code_goes_to_stdout_and_the_verdict_to_stderr(source: Path) -> None:
    result = CliRunner().invoke(app, ["translate", str(source), "--to", "js"])
    assert result.stdout.startswith("function gcd(a, b) {\n")
    assert "unchecked:" in result.stderr


def test_given_tests_decide(tmp_path: Path) -> None:
    source, tests = tmp_path / "gcd.js", tmp_path / "check.py"
    source.write_text("function gcd(a, b) { while (b) { [a, b] = [b, a % b]; } return a; }\n", encoding="utf-8")
    tests.write_text("assert gcd(12, 18) == 6\n", encoding="utf-8")
    arguments = ["translate", str(source), "--to", "python", "--tests", str(tests), "--run", "--json"]
    verdict = json.loads(CliRunner().invoke(app, arguments).stdout)["verdict"]
    if verdict["stage"] in ("sandbox", "toolchain"):
        pytest.skip(verdict["evidence"])
    assert (verdict["status"], verdict["testOrigin"]) == ("verified", "given"), verdict


def test_a_file_of_tests_without_a_test_is_as_good_as_none(source: Path, tmp_path: Path) -> None:
    tests = tmp_path / "check.js"
    tests.write_text("// nothing to see\n", encoding="utf-8")
    plain = CliRunner().invoke(app, ["translate", str(source), "--to", "javascript", "--run"])
    result = CliRunner().invoke(app, ["translate", str(source), "--to", "javascript", "--tests", str(tests), "--run"])
    said, *_, verdict = result.stderr.splitlines()
    assert said == f"dragoman: {tests} holds no test; it is as if none had been given."
    assert verdict == plain.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "klingon"], "Nothing can be translated to 'klingon'"),
        (["--to", "python"], "Python already"),
        (["--to", "rust", "--from", "latin"], "'latin' is not a language"),
        (["--to", "rust", "--tests", "missing.rs"], "missing.rs cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(source: Path, arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["translate", str(source), *arguments])
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_syntax_error_and_an_unknown_language_are_refused(tmp_path: Path) -> None:
    for name, text, words in (
        ("a.py", "def f(:\n", "syntax error in line 1"),
        ("story.txt", "Once upon\n", "cannot tell"),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        result = CliRunner().invoke(app, ["translate", str(path), "--to", "rust"])
        assert result.exit_code == 2
        assert words in result.stderr
