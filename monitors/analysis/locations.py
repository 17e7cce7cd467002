"""Where things lie: the private folder of analysers, the host's entry, the interpreter of a workspace."""

import os
import re
import sys
from pathlib import Path

HOST_MAIN = Path(__file__).resolve().parent.parent / "host" / "__main__.py"
HOST_REQUIREMENTS = HOST_MAIN.with_name("requirements.txt")

_ENVIRONMENTS = (".venv", "venv", "env")


def analysers_home() -> Path:
    """The folder of installed analysers: below `DRAGOMAN_HOME`, or where the platform keeps a user's data."""
    home = os.environ.get("DRAGOMAN_HOME")
    if home:
        return Path(home).expanduser().absolute() / "data" / "analysers"
    from platformdirs import PlatformDirs

    return PlatformDirs("dragoman", appauthor=False).user_data_path / "analysers"


def workspace_python(root: Path) -> str | None:
    """The interpreter whose packages a workspace uses: its own environment, else the active one, else `None`."""
    folders = [root / name for name in _ENVIRONMENTS]
    folders += [Path(value) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if (value := os.environ.get(name))]
    for folder in folders:
        for program in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if program.is_file():
                return str(program)
    return None


def python_version(python: str | None) -> str:
    """The version of an interpreter (`3.11`), read from the environment it lies in; ours where that does not say.

    Never asked of the interpreter itself: what lies in a workspace is not run for that.
    """
    if python:
        try:
            text = (Path(python).parent.parent / "pyvenv.cfg").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", text, re.MULTILINE)
        if found:
            return found[1]
    return f"{sys.version_info.major}.{sys.version_info.minor}"
