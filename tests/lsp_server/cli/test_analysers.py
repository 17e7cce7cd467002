"""`dragoman analysers` as a person or a script uses it; installers are replaced, nothing is fetched."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli.app import app
from monitors import install as installing
from monitors.install import list_analysers


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "data" / "analysers"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["analysers", *arguments])


def test_the_list_is_a_table_for_people_and_json_for_programs() -> None:
    table = run("list")
    assert table.exit_code == 0
    lines = table.stdout.splitlines()
    assert lines[0].split() == ["NAME", "LANGUAGES", "STATE"]
    assert lines[1].split()[:3] == ["jedi", "python", "ready"]
    rows = json.loads(run("list", "--json").stdout)["analysers"]
    assert [row["name"] for row in rows] == [analyser.name for analyser in list_analysers()]


def test_what_is_installed_is_told_and_can_be_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def put_there(command: list[str], what: str) -> None:
        if "--prefix" not in command:
            return
        program = Path(command[command.index("--prefix") + 1], "node_modules/@typescript/native-preview-linux/lib/tsgo")
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)

    monkeypatch.setattr(installing, "_run", put_there)
    monkeypatch.setattr(installing.shutil, "which", lambda name: f"/usr/bin/{name}")  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    installed = run("install", "typescript")
    assert installed.exit_code == 0, installed.output
    assert installed.stdout == "Installed host, tsgo.\n"
    assert (home / "tsgo").is_dir()
    assert run("install", "tsgo").stdout == "Everything was there already.\n"
    assert json.loads(run("remove", "tsgo", "host", "clangd", "--json").stdout) == {"removed": ["tsgo", "host"]}
    assert not (home / "tsgo").exists()


@pytest.mark.parametrize("verb", ["install", "remove"])
def test_a_wrong_name_is_one_line_with_what_there_is(verb: str) -> None:
    result = run(verb, "nonsense")
    assert result.exit_code == 2
    assert "There is no analyser called 'nonsense'" in result.stderr
    assert "clangd" in result.stderr
    assert "Traceback" not in result.output
