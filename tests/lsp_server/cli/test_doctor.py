"""`dragoman doctor`: honest about what is there and what is not."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server.cli import doctor as doctor_module
from lsp_server.cli.app import app
from lsp_server.sandbox.sandbox import SandboxUnavailable


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    return tmp_path


def states() -> dict[str, list[tuple[str, str]]]:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    report = json.loads(result.stdout)
    assert result.exit_code == (0 if report["healthy"] else 1)
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in report["findings"]:
        found.setdefault(finding["subject"], []).append((finding["state"], finding["detail"]))
    return found


def test_on_a_machine_where_all_is_well() -> None:
    found = states()
    assert found["Python"][0][0] == found["ONNX Runtime"][0][0] == "ok"
    assert found["Model"] == [("note", "smollm2-135m is fetched when it is first used.")]


def test_what_is_wrong_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[model]\nname = "nope"\n[completion]\nextent = "page"\n')
    monkeypatch.setattr(doctor_module, "LEAST_FREE_MEMORY", 10**18)
    monkeypatch.setattr(doctor_module, "LEAST_FREE_DISK", 10**18)
    found = states()
    for subject in ("Settings", "Model", "Memory", "Model cache"):
        assert any(state == "problem" for state, _ in found[subject]), subject


def test_a_file_that_cannot_be_read_is_not_called_read(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text("[model")
    assert [state for state, _ in states()["Settings"]] == ["problem"]


def test_monitors_and_files_that_are_not_there_are_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_MONITORS_ENABLED", raising=False)
    assert [state for state, _ in states()["Monitors"]] == ["ok"]
    (home / "config").mkdir()
    config = home / "config" / "config.toml"
    missing, here = json.dumps(str(home / "missing.toml")), json.dumps(str(home / "here.sql"))
    (home / "here.sql").write_text("CREATE TABLE t (a INT)")
    config.write_text(f'[monitors]\nonly = ["syntx", "names"]\ntypestates = [{missing}]\nschemas = [{here}, "s.sql"]\n')
    found = states()["Monitors"]
    assert [state for state, _ in found] == ["ok", "problem", "problem", "note"]
    assert found[0][1] == "names."
    assert "syntx" in found[1][1]
    assert found[2][1].endswith("missing.toml: No such file or directory.")
    config.write_text("[monitors]\nenabled = false\n")
    assert states()["Monitors"] == [("note", "off, as the settings say.")]


def test_a_device_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.loading.has_cuda", lambda: False)
    monkeypatch.setattr("models.loading._torch_has_cuda", lambda: False)
    monkeypatch.setenv("DRAGOMAN_MODEL_DEVICE", "cuda")
    assert states()["Model"] == [("problem", "CUDA was asked for but cannot be used.")]
    monkeypatch.setenv("DRAGOMAN_MODEL_NAME", "http://127.0.0.1:9/v1#far")
    assert states()["Model"][0][0] == "ok"


def test_toolchains_are_those_that_the_judge_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(program: str) -> str | None:
        return f"/bin/{program}" if program in ("clang", "javac") else None

    monkeypatch.setattr("lsp_server.verification.toolbox.find_program", find)
    found = states()["Toolchains"]
    assert found[0] == ("ok", "C (clang)")
    missing = " ".join(detail for _, detail in found[1:])
    assert "none for Java: translations into it stay unchecked" in missing
    assert "none for PHP: no tests can be made of its sources" in missing


def test_it_says_whether_there_is_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> None:
        raise SandboxUnavailable("no walls here")

    assert len(states()["Sandbox"]) == 1
    monkeypatch.setattr("lsp_server.sandbox.sandbox.find_sandbox", nowhere)
    assert states()["Sandbox"] == [("note", "no walls here: translations are not run.")]


def test_as_a_list_for_people() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert "✓ Python" in result.stdout
