"""What jedi has parsed outlives a kill: an entry is whole, or it is made again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitors.analysis.analyser import Place
from monitors.analysis.client import HostClient, host_command
from monitors.analysis.locations import jedi_cache

TEXT = "x = ''\nx."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


def names(root: Path) -> set[str]:
    """What a new host says of a string, for which jedi must read `builtins.pyi`."""
    with HostClient(host_command(None), {"root": str(root)}) as client:
        return {
            n.name
            for n in client.ask("complete", Place(str(root / "m.py"), "python", TEXT, len(TEXT))).result(60).names
        }


def entries() -> list[Path]:
    return sorted(jedi_cache().glob("*/*"))


def test_an_entry_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    assert "upper" in names(tmp_path)
    whole = {path: path.stat().st_size for path in entries()}
    assert whole and all(path.suffix == ".pkl" for path in whole)
    for path in whole:
        os.truncate(path, whole[path] // 2)
    assert "upper" in names(tmp_path)
    assert {path: path.stat().st_size for path in entries()} == whole


def test_a_kill_while_an_entry_is_written_leaves_none(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "from pathlib import Path\n"
        "from types import SimpleNamespace\n"
        "import parso.cache\n"
        "from monitors.host.python import JediAnalyser\n"
        "from monitors.analysis.analyser import Place\n"
        "def half(item, file, protocol):\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os._exit(9)\n"
        "parso.cache.pickle = SimpleNamespace(dump=half, HIGHEST_PROTOCOL=4)\n"
        f"jedi = JediAnalyser({str(tmp_path)!r}, None, Path({str(jedi_cache())!r}))\n"
        f"jedi.complete(Place({str(tmp_path / 'm.py')!r}, 'python', {TEXT!r}, {len(TEXT)}))\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False)
    assert killed.returncode == 9
    (left,) = entries()
    assert left.read_bytes() == b"half"
    assert "upper" in names(tmp_path)
    assert left.read_bytes() == b"half"  # no entry: nobody reads it


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    jedi_cache().parent.mkdir(parents=True)
    jedi_cache().write_text("a file where the folder should be")
    assert "upper" in names(tmp_path)
