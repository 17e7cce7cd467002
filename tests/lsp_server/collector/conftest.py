"""A real PostgreSQL of our own, in a temporary folder, and records to send."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest


def _program(name: str) -> str | None:
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL, which refuses to run as root and so runs as somebody else there."""
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="dragoman-pg-"))
    somebody: dict[str, str] = {}
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        somebody = {"user": "postgres" if "postgres" in names else "nobody"}
        shutil.chown(folder, somebody["user"])
    data = folder / "data"
    command = [initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **somebody)  # pyright: ignore[reportCallIssue, reportArgumentType]
    running = subprocess.Popen(
        [server, "-D", str(data), "-k", str(folder), "-c", "listen_addresses="],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **somebody,  # pyright: ignore[reportArgumentType, reportCallIssue]
    )
    try:
        for _ in range(600):
            if (folder / ".s.PGSQL.5432").exists() and (data / "postmaster.pid").exists():
                break
            assert running.poll() is None, "PostgreSQL did not start"
            sleep(0.1)
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        running.terminate()
        running.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
