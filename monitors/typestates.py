"""In which order an API may be called, as a small declarative file says it.

A specification is TOML (docs/monitors.md has two worked examples):

    [connection]
    languages = ["python"]
    made_by = ["sqlite3.connect", "connect"]     # calls whose result is a fresh object
    start = "open"
    [connection.states.open]
    execute = "open"                              # method = the state after it
    close = "closed"
    [connection.states.closed]                    # nothing may be called any more

Methods that occur in no state are not governed: they may be called at any time.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitors.errors import MonitorError


@dataclass(frozen=True)
class Protocol:
    """The order of calls on one kind of object."""

    name: str
    languages: frozenset[str]
    """Languages it applies to; empty: all."""
    made_by: tuple[str, ...]
    """Calls that make an object in the first state, as they are written: `open`, `socket.socket`, `new Thread`."""
    start: str
    states: Mapping[str, Mapping[str, str]]
    """State to method to the state after it."""

    @property
    def governed(self) -> frozenset[str]:
        """All methods that the protocol has a say about."""
        return frozenset(method for methods in self.states.values() for method in methods)

    def after(self, states: frozenset[str], method: str) -> frozenset[str]:
        """The states an object may be in after a call; a call that is not allowed leaves it where it may have been."""
        if method not in self.governed:
            return states
        following = frozenset(self.states[state][method] for state in states if method in self.states[state])
        return following or states

    def allowed(self, states: frozenset[str]) -> frozenset[str]:
        """The governed methods that some of the states allow."""
        return frozenset(method for state in states for method in self.states[state])


def read_protocols(paths: Iterable[Path]) -> tuple[Protocol, ...]:
    """The protocols of all files. Raises `MonitorError` that says what is wrong with which."""
    return tuple(protocol for path in paths for protocol in _of_file(path))


def _of_file(path: Path) -> Iterable[Protocol]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MonitorError(f"Cannot read {path}: {error.strerror}", "Mend `monitors.typestates`.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MonitorError(f"{path} is no TOML: {error}", "Mend the file.") from error
    return [_protocol(path, name, table) for name, table in tables.items()]


def _protocol(path: Path, name: str, table: Any) -> Protocol:
    where = f"[{name}] in {path}"
    if not isinstance(table, dict):
        raise MonitorError(f"{name} in {path} is not a table", "Each protocol is a table of its own.")
    states = table.get("states")
    if not isinstance(states, dict) or not states or not all(isinstance(methods, dict) for methods in states.values()):
        raise MonitorError(f"{where} has no states", f"Add at least one table [{name}.states.NAME].")
    start = table.get("start", next(iter(states)))
    for target in (start, *(target for methods in states.values() for target in methods.values())):
        if target not in states:
            raise MonitorError(f"{where} leads to {target!r}, which is no state", f"States are {', '.join(states)}.")
    made_by = table.get("made_by")
    if not isinstance(made_by, list) or not made_by or not all(isinstance(call, str) and call for call in made_by):
        raise MonitorError(f"{where} does not say what makes such an object", 'Add made_by = ["call", ...].')
    languages = table.get("languages", [])
    if not isinstance(languages, list) or not all(isinstance(language, str) for language in languages):
        raise MonitorError(f"{where}: languages is not a list of names", 'Write languages = ["python"].')
    return Protocol(name, frozenset(languages), tuple(made_by), start, states)
