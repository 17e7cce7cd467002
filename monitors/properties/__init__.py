"""The monitors that come with Dragoman, one property of code in each file.

They know languages and ask analysers; none of them knows how an answer is come by, or what is done with a constraint.
"""

from functools import partial
from pathlib import Path

from monitors.monitor import Monitor
from monitors.settings import MonitorSettings


def builtin_monitors(settings: MonitorSettings, root: Path) -> tuple[Monitor, ...]:
    """All of them, ready for the workspace at `root`. Raises `MonitorError` about files that the settings name."""
    from monitors.analysis.locations import workspace_python
    from monitors.properties.arguments import ArgumentCountMonitor, KeywordMonitor
    from monitors.properties.dereference import DereferenceMonitor
    from monitors.properties.enums import EnumMonitor
    from monitors.properties.imports import ImportMonitor
    from monitors.properties.instantiation import InstantiationMonitor
    from monitors.properties.names import NamesMonitor
    from monitors.properties.sql import SqlMonitor
    from monitors.properties.syntax import SyntaxMonitor
    from monitors.properties.typestate import TypestateMonitor
    from monitors.schemas import read_schema
    from monitors.typestates import read_protocols

    python_known = bool(settings.python or workspace_python(root))
    return (
        DereferenceMonitor(),
        ImportMonitor(python_known, root),
        KeywordMonitor(),
        ArgumentCountMonitor(),
        InstantiationMonitor(),
        EnumMonitor(),
        NamesMonitor(),
        SyntaxMonitor(),
        SqlMonitor(partial(read_schema, settings.schemas, root) if settings.schemas else None),
        TypestateMonitor(read_protocols(root / path for path in settings.typestates)),
    )


__all__ = ["builtin_monitors"]
