"""Processes that do not outlive the one that needs them."""

import contextlib
import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _prctl() -> "ctypes._NamedFuncPointer | None":  # pyright: ignore[reportPrivateUsage] - its only name
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None


# Looked up once, because `die_with_parent` runs between fork and exec, where little is safe.
_PRCTL = _prctl()


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends. Elsewhere closed pipes have to do."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_group(leader: int) -> None:
    """Kill a process group with all that runs in it; nothing happens if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
