"""Running a helper program that must not outlive us, whatever happens to us."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.decoding.cancellation import NEVER, Cancellation

_WATCHED = (
    "import os, runpy, sys, threading\n"
    "def watch():\n"
    "    os.read(0, 1)\n"  # nothing is ever written: this returns when the parent is gone, however it went
    "    os._exit(1)\n"
    "threading.Thread(target=watch, daemon=True).start()\n"
    "sys.argv = sys.argv[1:]\n"
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
)


@dataclass(frozen=True)
class Outcome:
    returncode: int
    output: str
    """The last lines of what it printed, on either stream."""
    timed_out: bool = False


def python_module(module: str, arguments: Sequence[str]) -> list[str]:
    """The command that runs a module in this interpreter and ends when its standard input does.

    `-P` keeps the working folder, which may be anybody's project, from being imported from.
    """
    return [sys.executable, "-P", "-c", _WATCHED, module, *arguments]


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    timeout: float,
    poll: Callable[[], None],
    cancellation: Cancellation = NEVER,
) -> Outcome:
    """Run `command` without a shell, calling `poll` a few times a second; its standard input is a pipe held by us.

    The program is killed on time-out and on cancellation (raises `Cancelled`). Raises `OSError` if it cannot start.
    """
    deadline = time.monotonic() + timeout
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=dict(environment)
        )
        timed_out = False
        try:
            while True:
                try:
                    process.wait(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    cancellation.raise_if_cancelled()
                    poll()
                    if time.monotonic() > deadline:
                        timed_out = True
                        break
        finally:
            process.kill()
            process.communicate()
        output.seek(0)
        return Outcome(process.returncode, _tail(output.read()), timed_out)


def _tail(output: bytes, lines: int = 20) -> str:
    return "\n".join(output.decode(errors="replace").strip().splitlines()[-lines:])
