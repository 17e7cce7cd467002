"""Finding the toolchains of this machine: programs by name, and the folders that the sandbox has to show for them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lsp_server.languages import Language
from lsp_server.languages.toolchain import Command, Toolchain, Way
from lsp_server.languages.toolchains import toolchain_for

_ELSEWHERE = (
    "~/.cargo/bin",
    "/usr/local/go/bin",
    "~/go/bin",
    "~/.dotnet",
    "~/.local/bin",
    "~/.nvm/versions/node/*/bin",
    "~/.sdkman/candidates/*/current/bin",
    "/opt/homebrew/bin",
)
"""Where installers put programs that an editor started from a desktop does not have on its path."""


@dataclass(frozen=True)
class Tools:
    """A toolchain as it was found."""

    toolchain: Toolchain
    way: Way
    programs: dict[str, str]
    """Absolute paths by name."""
    visible: tuple[str, ...]
    """Folders outside the system's own that hold them."""

    def command(self, template: Command) -> tuple[str, ...]:
        """The command with programs in place of their names."""
        return tuple(
            self.programs[part[1:-1]] if part[:1] == "{" else part.replace("{cc}", self.programs.get("cc", ""))
            for part in template
        )


def find_tools(language: Language) -> Tools | None:
    """The first way to build and run the language whose programs are all there."""
    toolchain = toolchain_for(language)
    if toolchain is None:
        return None
    for way in toolchain.ways:
        programs = {name: path for name in way.programs if (path := find_program(name))}
        if len(programs) == len(way.programs):
            visible = tuple(dict.fromkeys(folder for path in programs.values() for folder in _folders(path)))
            return Tools(toolchain, way, programs, visible)
    return None


@lru_cache(maxsize=128)
def find_program(name: str) -> str | None:
    """Absolute path of a program without links and proxies on the way; looked for once."""
    home_of_java = os.environ.get("JAVA_HOME")
    places = [os.environ.get("PATH", ""), *([f"{home_of_java}/bin"] if home_of_java else []), *_elsewhere()]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        return os.path.realpath(sys.executable) if name == "python3" else None
    real = os.path.realpath(found)
    if Path(real).name == "rustup":
        return _behind_rustup(found, name)
    if Path(real).parent.name == "shims":
        return _behind_shim(real, name) or real
    # Not the real path: alternatives and compilers go by the name that they are called by.
    return found if real.startswith("/usr/") and not found.startswith(str(Path.home())) else real


def _behind_rustup(proxy: str, name: str) -> str | None:
    """The program itself: the proxy looks for its settings in the home folder, which the sandbox hides."""
    try:
        answer = subprocess.run(
            [proxy, "--print", "sysroot"], capture_output=True, text=True, timeout=30, check=True, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    program = Path(answer.stdout.strip()) / "bin" / name
    return str(program) if program.exists() else None


def _behind_shim(shim: str, name: str) -> str | None:
    """The program behind a version manager's script (pyenv, rbenv), which takes longer to start than many a program."""
    root = Path(shim).parent.parent
    manager = next((path for path in (root / "bin" / "pyenv", root / "bin" / "rbenv") if path.exists()), None)
    if manager is None:
        return None
    try:
        answer = subprocess.run(
            [manager, "which", name], capture_output=True, text=True, timeout=30, check=True, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return os.path.realpath(answer.stdout.strip()) if answer.stdout.strip() else None


def _elsewhere() -> Iterator[str]:
    for pattern in _ELSEWHERE:
        path = Path(pattern).expanduser()
        yield from (str(found) for found in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))))


def _folders(program: str) -> Iterator[str]:
    """What to show for a program: the folder above its `bin`."""
    real = os.path.realpath(program)
    if not real.startswith(("/usr/", "/bin/", "/lib")):
        yield str(Path(real).parent.parent)
