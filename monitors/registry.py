"""The monitors there are: ours, and those that installed packages add through the entry point group
`dragoman.monitors`.
"""

import logging
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points

from monitors.errors import MonitorError
from monitors.monitor import Monitor

GROUP = "dragoman.monitors"

_log = logging.getLogger(__name__)


def third_party_monitors(points: Iterable[EntryPoint] | None = None) -> tuple[Monitor, ...]:
    """What the entry points make. Each names a callable without arguments that returns a `Monitor`; one that fails is
    left out and logged, because a package that somebody installed must not break completion.
    """
    made: list[Monitor] = []
    for point in points if points is not None else entry_points(group=GROUP):
        try:
            factory: Callable[[], object] = point.load()
            monitor = factory()
        except Exception as error:  # noqa: BLE001 - code of others
            _log.warning("monitor not loaded", extra={"monitor": point.name, "error": repr(error)})
            continue
        if isinstance(monitor, Monitor):
            made.append(monitor)
        else:
            _log.warning("monitor not loaded", extra={"monitor": point.name, "error": "it is not a Monitor"})
    return tuple(made)


def choose(available: Iterable[Monitor], names: Iterable[str] | None) -> tuple[Monitor, ...]:
    """The monitors called `names`, or those that are on by default. Of two with one name the first wins. Raises
    `MonitorError` for unknown names.
    """
    by_name: dict[str, Monitor] = {}
    for monitor in available:
        by_name.setdefault(monitor.name, monitor)
    if names is None:
        return tuple(monitor for monitor in by_name.values() if monitor.on_by_default)
    wanted = tuple(names)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise MonitorError(f"There is no monitor called {unknown[0]!r}", f"There are {', '.join(sorted(by_name))}.")
    return tuple(by_name[name] for name in wanted)
