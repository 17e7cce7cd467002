"""docs/writing-a-monitor.md holds a whole monitor and its tests: they are taken from the page and run, and the package
that the page describes is found as if it were installed.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from monitors import MonitorSettings, Supervisor
from monitors.enquiry import DirectSource
from monitors.testing import ScriptedAnalyser

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-monitor.md"


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[
        number
    ]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's package, laid out as an installer leaves it."""
    site = tmp_path / "site"
    project = tomllib.loads(block("toml"))["project"]
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in targets.items())
        for group, targets in project["entry-points"].items()
    )
    distribution = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    distribution.mkdir(parents=True)
    (distribution / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1\n")
    (distribution / "entry_points.txt").write_text(points)
    (site / "dragoman_environment.py").write_text(block("python"))
    monkeypatch.syspath_prepend(site)
    invalidate_caches()
    yield site
    sys.modules.pop("dragoman_environment", None)


def test_the_monitor_is_about_forty_lines() -> None:
    lines = [line for line in block("python").splitlines() if line.strip()]
    assert len(lines) <= 40


def test_its_tests_pass(package: Path, tmp_path: Path) -> None:
    namespace: dict[str, object] = {}
    exec(block("python") + block("python", 1), namespace)
    tests = [value for name, value in namespace.items() if name.startswith("test_")]
    assert len(tests) == 2
    for number, test in enumerate(tests):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert callable(test)
        test(folder)


def test_the_installed_package_takes_part(package: Path, tmp_path: Path) -> None:
    with Supervisor(tmp_path, source=DirectSource(ScriptedAnalyser())) as supervisor:
        names = [monitor.name for monitor in supervisor.monitors]
        assert names[-1] == "environment"
        assert "dereference" in names
    settings = MonitorSettings(("environment", "dereference"))
    with Supervisor(tmp_path, settings, source=DirectSource(ScriptedAnalyser())) as supervisor:
        assert [monitor.name for monitor in supervisor.monitors] == ["environment", "dereference"]
