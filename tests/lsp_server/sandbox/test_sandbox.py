"""What a well-behaved job gets."""

import json
import os
import sys
from pathlib import Path

import pytest

from lsp_server.sandbox.job import Job, Step
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox

SHELL = "/bin/sh"


def test_files_input_output_and_environment(sandbox: Sandbox) -> None:
    job = Job(
        {"deep/er/name.txt": "für alle\r\n"},
        (Step((SHELL, "-c", "cat deep/er/name.txt -; echo $COLOUR $HOME >&2; pwd"), stdin="typed\n"),),
        environment={"COLOUR": "blue"},
    )
    (result,) = sandbox.run(job)
    assert result.ok
    assert result.stdout == "für alle\r\ntyped\n/job\n"
    assert result.stderr == "blue /job\n"


def test_steps_share_a_folder_and_end_with_the_first_that_fails(sandbox: Sandbox) -> None:
    commands = ("echo made > f", "cat f; exit 3", "echo never")
    results = sandbox.run(Job({}, tuple(Step((SHELL, "-c", command)) for command in commands)))
    assert [(result.exit_code, result.stdout) for result in results] == [(0, ""), (3, "made\n")]


def test_jobs_leave_nothing_for_each_other(sandbox: Sandbox) -> None:
    sandbox.run(Job({}, (Step((SHELL, "-c", "echo > /job/f; echo > /tmp/g")),)))
    (result,) = sandbox.run(Job({}, (Step((SHELL, "-c", "ls /job /tmp")),)))
    assert result.stdout == "/job:\n\n/tmp:\n"


def test_a_signal_is_a_negative_exit_code(sandbox: Sandbox) -> None:
    (result,) = sandbox.run(Job({}, (Step((SHELL, "-c", "kill -ABRT $$")),)))
    assert (result.exit_code, result.stopped_by) == (-6, "")


def test_a_program_that_is_not_there(sandbox: Sandbox) -> None:
    (result,) = sandbox.run(Job({}, (Step(("/usr/bin/no-such-program",)),)))
    assert result.exit_code == 127
    assert "No such file" in result.stderr


def test_a_toolchain_elsewhere_is_shown_read_only(sandbox: Sandbox, tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho works; echo x > $0")
    tool.chmod(0o755)
    for folder in (tmp_path.parent, *tmp_path.parent.parents):  # pytest's own folders are closed to other users
        if folder.stat().st_uid == os.getuid() and folder != folder.parent and "pytest" in folder.name:
            folder.chmod(0o755)
    tmp_path.chmod(0o755)
    (result,) = sandbox.run(Job({}, (Step((str(tool),)),), visible=(str(tmp_path),)))
    assert result.stdout == "works\n"
    assert result.exit_code != 0


ENDED_WELL = json.dumps({"exit_code": 0, "stdout": "", "stderr": ""}) + "\n"


def keeper_that_says(said: str, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox whose keeper ends after these results, as one does that the kernel kills."""

    def command(*_: object) -> list[str]:
        return [SHELL, "-c", f"cat > /dev/null; printf %s '{said}'"]

    monkeypatch.setattr(Sandbox, "_command", command)
    return Sandbox("namespaces")


@pytest.mark.parametrize("said", ["", ENDED_WELL, ENDED_WELL + ENDED_WELL[:20]])
def test_a_keeper_that_ends_early_is_not_a_job_that_ended_well(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (Step((SHELL, "-c", "true")),) * 2
    with pytest.raises(SandboxUnavailable, match="ended early"):
        keeper_that_says(said, monkeypatch).run(Job({}, steps))


def test_after_a_step_that_failed_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    said = ENDED_WELL.replace("0", "3")
    (result,) = keeper_that_says(said, monkeypatch).run(Job({}, (Step((SHELL, "-c", "exit 3")),) * 2))
    assert result.exit_code == 3


def test_a_machine_without_walls_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    find_sandbox.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match="plan9"):
            find_sandbox()
    finally:
        monkeypatch.undo()
        find_sandbox.cache_clear()
