"""The monitors that come with Dragoman, one property of code in each file.

They know languages and ask analysers; none of them knows how an answer is come by, or what is done with a constraint.
"""

from pathlib import Path

from monitors.monitor import Monitor
from monitors.settings import MonitorSettings


def builtin_monitors(settings: MonitorSettings, root: Path) -> tuple[Monitor, ...]:
    """All of them, ready for the workspace at `root`."""
    from monitors.properties.dereference import DereferenceMonitor

    return (DereferenceMonitor(),)


__all__ = ["builtin_monitors"]
