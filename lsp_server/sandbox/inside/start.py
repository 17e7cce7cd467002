"""How the process that keeps a job begins: the job arrives on stdin as JSON, results leave on stdout, a line a step.

A last line `{"error": ...}` says what kept the walls from being built. The process dies with the one that started it.
"""

import json
import os
import signal
import sys
from typing import Any

from lsp_server.sandbox.inside import kernel
from lsp_server.sandbox.inside.keeper import keep
from lsp_server.sandbox.inside.walls import INSIDE_USER, build_root, leave_namespaces, surrender

_FIRST_USER = 2_000_000_000
"""The real root runs every job as a user of its own from here on: one that owns nothing and runs nothing else."""


def main(mode: str) -> None:
    """`own`: build the walls, then keep the job. `keep`: the walls are there, as bubblewrap has built them."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    job: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    user = _FIRST_USER + os.getpid() if os.geteuid() == 0 else INSIDE_USER
    try:
        if mode == "keep":
            keep(job, lambda: surrender(user), user)
            return
        leave_namespaces()
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        build_root(job["visible"], job["disk_bytes"], user)
        keep(job, lambda: surrender(user), user)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the one who waits wants to hear of it
        os.write(1, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n")
    finally:
        os._exit(0)
