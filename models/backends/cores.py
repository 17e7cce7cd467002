"""How many processor cores a computation may use."""

import os
from pathlib import Path


def physical_cores() -> int:
    """Cores this process may run on, hyper-threads of one core counted once; at least 1.

    A second thread on the same core adds nothing to matrix products. Where the platform does not say which processors
    are siblings, all count.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    siblings = {_siblings(processor) for processor in allowed}
    return max(1, len(siblings))


def _siblings(processor: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return str(processor)
