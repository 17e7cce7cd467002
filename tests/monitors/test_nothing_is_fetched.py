"""A language server fetches nothing by itself: what is installed is the user's to decide."""

import os
import time
from pathlib import Path

import pytest

from monitors import Document, MonitorError, MonitorSettings, Supervisor
from monitors.install import install
from monitors.testing import constraints_of
from tests.monitors.projects import PROJECTS, lay_out


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_types_are_acquired(tmp_path: Path, host_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = PROJECTS["javascript"]
    lay_out(project, tmp_path)
    (tmp_path / "package.json").write_text('{"dependencies": {"lodash": "^4"}}')
    try:
        install("javascript", host_home)
    except MonitorError as error:
        pytest.skip(error.message)
    called = tmp_path / "called"
    (tmp_path / "bin").mkdir(exist_ok=True)
    npm = tmp_path / "bin" / "npm"
    npm.write_text(f'#!/bin/sh\necho "$@" >> "{called}"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")
    document = Document(str(tmp_path / project.path), project.language, project.prefix, project.suffix)
    with Supervisor(tmp_path, MonitorSettings(("dereference",), budget_ms=5000), home=host_home) as supervisor:
        end = time.monotonic() + 120
        while not constraints_of(supervisor.watch(document), [""]) and time.monotonic() < end:
            time.sleep(0.3)
        time.sleep(3)
        assert time.monotonic() < end, "the server never answered"
    assert not called.exists(), called.read_text()
