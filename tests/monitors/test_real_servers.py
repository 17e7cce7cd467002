"""The paper's motivating example with every analyser of Python, and with a scripted server where there is no other.

The model alone invents members of a type that it has not seen; the monitor allows those that there are. The real
servers of other languages are asked in `test_every_language.py`.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitors import Constraint, Document, Finding, MonitorError, MonitorSettings, Supervisor
from monitors.install import install
from monitors.testing import constraints_of
from tests.monitors.projects import PROJECTS, Project, lay_out


def answers(
    project: Project, root: Path, home: Path, document: Callable[[], Document], seconds: float
) -> tuple[list[Constraint], tuple[Finding, ...]]:
    """Ask until the server is up and gives a constraint."""
    chosen = {project.language: project.analyser} if project.analyser else {}
    settings = MonitorSettings(("dereference",), budget_ms=5000, analysers=chosen)
    with Supervisor(root, settings, home=home) as supervisor:
        end = time.monotonic() + seconds
        while True:
            watch = supervisor.watch(document())
            found = constraints_of(watch, [""])
            if found or time.monotonic() > end:
                return found, watch.findings
            time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in PROJECTS if "with" in name])
def test_only_members_that_exist(name: str, tmp_path: Path, host_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = PROJECTS[name]
    lay_out(project, tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    try:
        install(project.analyser or project.language, host_home)
    except MonitorError as error:
        pytest.skip(error.message)

    def document() -> Document:
        return Document(str(tmp_path / project.path), project.language, project.prefix, project.suffix)

    constraints, findings = answers(project, tmp_path, host_home, document, 120)
    assert constraints, findings
    allowed = constraints[0].names or frozenset((constraints[0].regex or "").strip("(?:").split(")")[0].split("|"))
    assert project.members <= allowed
    for invented in ("host", "ip", "addIp", "with_host", "withHost", "hidden", "hidden_"):
        assert invented not in allowed
    if project.path in project.files:
        assert (tmp_path / project.path).read_text(encoding="utf-8") == project.files[project.path]
