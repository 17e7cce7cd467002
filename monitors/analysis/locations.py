"""Where things lie: the private folder of analysers, jedi's cache, the host's entry, the interpreter of a workspace."""

import os
import re
import sys
from pathlib import Path
from typing import Literal

HOST_MAIN = Path(__file__).resolve().parent.parent / "host" / "__main__.py"
HOST_REQUIREMENTS = HOST_MAIN.with_name("requirements.txt")

_ENVIRONMENTS = (".venv", "venv", "env")


def analysers_home() -> Path:
    """The folder of installed analysers."""
    return _folder("data") / "analysers"


def jedi_cache() -> Path:
    """The folder of what jedi has parsed; it may not exist yet."""
    return _folder("cache") / "jedi"


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
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (_version_in(Path(python).parent.parent) if python else None) or ours


def _version_in(folder: Path) -> str | None:
    """What a virtual environment says of itself, else what conda has put there, else whose library lies there."""
    try:
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", text, re.MULTILINE)
    if found:
        return found[1]
    for installed in ((folder / "conda-meta").glob("python-3.*.json"), (folder / "lib").glob("python3.*")):
        # Conda links `python3.1` to `python3.11`, for packages that cut the name short.
        names = [path.name for path in installed if not path.is_symlink()]
        versions = {match[1] for name in names if (match := re.match(r"python-?(3\.\d+)", name))}
        if len(versions) == 1:
            return versions.pop()
    return None


def _folder(kind: Literal["data", "cache"]) -> Path:
    """Below `DRAGOMAN_HOME`, or where the platform keeps a user's data, or what can be made again."""
    home = os.environ.get("DRAGOMAN_HOME")
    if home:
        return Path(home).expanduser().absolute() / kind
    from platformdirs import PlatformDirs

    folders = PlatformDirs("dragoman", appauthor=False)
    return folders.user_data_path if kind == "data" else folders.user_cache_path
