"""Folders of the dead are swept, and of nobody else. All of it below a folder of the test's own."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from monitors.errors import MonitorError
from monitors.install import HOST
from monitors.scratch import Scratch, sweep
from monitors.settings import MonitorSettings
from monitors.supervisor import Supervisor

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")

_HOLDER = "from monitors.scratch import Scratch; s = Scratch(); print(s.folder, flush=True); input()"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, as this test's processes see it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def kill_one(temporary: Path) -> Path:
    """The folder of a process that was killed; it is seen not to be swept before."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        (folder / "data").mkdir()
        (folder / "data" / "index").write_text("much")
        sweep()
        assert (folder / "data" / "index").is_file(), "it is alive"
        process.kill()
    assert folder.parent == temporary
    assert (folder / "data" / "index").is_file()
    return folder


def test_what_the_dead_left_is_swept_and_the_living_keep_theirs(temporary: Path) -> None:
    dead, mine = kill_one(temporary), Scratch()
    others = [temporary / "dragoman-check-x", temporary / "dragoman-analysis-just-being-made"]
    for folder in others:
        folder.mkdir()
    sweep()
    assert not dead.exists()
    assert sorted(temporary.iterdir()) == sorted([mine.folder, *others])
    mine.remove()
    mine.remove()
    assert sorted(temporary.iterdir()) == sorted(others)


def test_what_other_users_left_is_none_of_our_business(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = kill_one(temporary)
    monkeypatch.setattr(os, "getuid", lambda: dead.stat().st_uid + 1)
    sweep()
    assert dead.exists()


def test_a_supervisor_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    home = tmp_path / "home"
    (home / HOST).mkdir(parents=True)
    (home / HOST / "installed.json").touch()
    dead = kill_one(temporary)
    with Supervisor(tmp_path, home=home):
        end = time.monotonic() + 30
        while dead.exists() and time.monotonic() < end:
            time.sleep(0.01)
        (own,) = temporary.iterdir()
        assert own != dead
    assert list(temporary.iterdir()) == []
    with pytest.raises(MonitorError):
        Supervisor(tmp_path, MonitorSettings(analysers={"python": "clangd"}), home=home)
    assert list(temporary.iterdir()) == []
