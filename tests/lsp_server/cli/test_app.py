"""The command as a whole: light to start, one line for an error, no traceback for anybody."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lsp_server.cli import app as app_module
from lsp_server.cli.app import COMMANDS, Entry, app
from lsp_server.cli.console import fail, user_errors
from lsp_server.errors import UserError
from models import ModelError

NO_SPACE = "cannot be used: No space left on device. Free some space, mend the permissions or give another path.\n"
HEAVY = ("numpy", "onnxruntime", "onnx", "tokenizers", "rich", "httpx", "pygls", "lsprotocol", "tree_sitter", "nltk")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for name, entry in COMMANDS.items():
        assert name in result.stdout and entry.help in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert name in result.stdout and "Usage:" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from lsp_server.cli.app import app; "
        "CliRunner().invoke(app, ['--help']); CliRunner().invoke(app, ['complete', '--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0 and result.stdout.startswith("dragoman ")


def test_a_command_that_is_missing_does_not_break_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "absent", Entry("lsp_server.cli.absent", "Not there."))
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0 and "Not there." not in result.stdout
    assert CliRunner().invoke(app, ["absent"]).exit_code == 2
    assert CliRunner().invoke(app, ["never-heard-of"]).exit_code == 2


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UserError("The file\nis torn", "Mend it."), 2, "dragoman: The file is torn. Mend it.\n"),
        (ModelError("No model.", ""), 2, "dragoman: No model.\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, f"dragoman: The output {NO_SPACE}"),
        (OSError(errno.ENOSPC, "No space left on device", "/full/x"), 2, f"dragoman: /full/x {NO_SPACE}"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_become_one_line(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as exit_info, user_errors():
        raise error
    assert exit_info.value.exit_code == status
    assert capsys.readouterr().err == line


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_a_full_disk_behind_stdout_is_no_fault_of_ours() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "lsp_server", "models", "list", "--json"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (run.returncode, run.stderr) == (2, f"dragoman: The output {NO_SPACE}")


def test_other_errors_of_the_system_stay_ours() -> None:
    with pytest.raises(FileNotFoundError), user_errors():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/x")


def test_fail_leaves_with_the_status_of_a_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as exit_info:
        fail("It is too late", "Come tomorrow.")
    assert exit_info.value.exit_code == 2
    assert capsys.readouterr().err == "dragoman: It is too late. Come tomorrow.\n"


@pytest.mark.parametrize("verbose", [False, True])
def test_a_fault_of_ours_shows_its_traceback_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verbose: bool
) -> None:
    (tmp_path / "broken_command.py").write_text("def broken():\n    raise ZeroDivisionError('by zero')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "broken", Entry("broken_command", "Breaks."))
    if verbose:
        monkeypatch.setenv(app_module.TRACEBACK_VARIABLE, "1")
    else:
        monkeypatch.delenv(app_module.TRACEBACK_VARIABLE, raising=False)
    result = CliRunner().invoke(app, ["broken"])
    assert result.exit_code == 1
    if verbose:
        assert isinstance(result.exception, ZeroDivisionError)
    else:
        assert result.stderr == (
            "dragoman: ZeroDivisionError: by zero. This is a fault of Dragoman's; DRAGOMAN_TRACEBACK=1 shows where.\n"
        )


def test_python_dash_m_is_the_same_command() -> None:
    run = subprocess.run([sys.executable, "-m", "lsp_server", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("dragoman ")
