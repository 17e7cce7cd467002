"""A real Python project to work in, with the real server behind a program that keeps its log."""

import shlex
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import packaging
import pytest

ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / "build" / "editors"
"""Screenshots and logs of the last run, kept by CI."""
PATIENCE_S = 60.0
"""How long anything may take on a machine that does other things too."""

NEWER = '''\
"""Which of two releases is newer."""

from .version import Version


def is_newer(first: Version, second: Version) -> bool:
    return first > second


def is_older(first: Version, second: Version) -> bool:
'''
"""A file whose next line every model can tell: `return first < second`."""

# Time enough on a busy machine, and answers that depend on this file only.
ENVIRONMENT = (
    "DRAGOMAN_COMPLETION_MAX_AUTOMATIC_TIME_MS=60000 DRAGOMAN_COMPLETION_MAX_INVOKED_TIME_MS=120000 "
    "DRAGOMAN_CONTEXT_CROSS_FILE=false"
)

Value = TypeVar("Value")


def wait_for(what: str, look: Callable[[], Value], timeout_s: float = PATIENCE_S) -> Value:
    """The first value of `look` that is true; fails with `what` was waited for."""
    until = time.monotonic() + timeout_s
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > until:
            pytest.fail(f"waited {timeout_s:.0f} s for {what}; last seen: {value!r}")
        time.sleep(0.05)


@dataclass(frozen=True)
class Project:
    """A folder with a copy of the package `packaging`, a file to write in, and a server that keeps a log."""

    folder: Path
    file: Path
    server: Path
    """Starts the server; whatever the editor, its log is in `log`."""
    log: Path

    def events(self, name: str) -> list[str]:
        """Lines of the log that tell of an event."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return [line for line in text.splitlines() if name in line]


def make_project(folder: Path, command: str, environment: str = "") -> Project:
    """A fresh project below `folder`, with a program that runs `python COMMAND ...` as the server."""
    package = folder / "project" / "packaging"
    shutil.copytree(Path(str(packaging.__file__)).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package.parent / "pyproject.toml").write_text('[project]\nname = "project"\nversion = "1"\n', encoding="utf-8")
    file = package / "newer.py"
    file.write_text(NEWER, encoding="utf-8")
    log = folder / "server.log"
    server = folder / "dragoman"
    server.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(ROOT))} {ENVIRONMENT} {environment}\n"
        f'exec {shlex.quote(sys.executable)} {command} "$@" 2>>{shlex.quote(str(log))}\n',
        encoding="utf-8",
    )
    server.chmod(0o755)
    return Project(package.parent, file, server, log)


def slow_command() -> tuple[str, str]:
    """The server and its environment, with a model that takes two seconds more for each suggestion."""
    return shlex.quote(str(Path(__file__).with_name("slow_server.py"))), "SLOW_SERVER_S=2"


def server_processes(project: Project) -> list[int]:
    """Process ids of the running servers of a project, by the log they write to."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "fd" / "2").readlink() == project.log:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
