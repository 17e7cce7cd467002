"""What can be set about monitors. One frozen data class; where its values come from is nobody's business here."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MonitorSettings:
    """The defaults are what was measured to be worth having (docs/monitors.md)."""

    monitors: tuple[str, ...] | None = None
    """Names of the monitors to use; `None` is every monitor that is on by default."""
    budget_ms: float = 250.0
    """How long after its trigger an answer may still come; later ones are dropped (and kept for the next keystroke)."""
    analysers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Language to analyser, where the first installed one is not wanted: `{"python": "jedi"}`."""
    python: str = ""
    """Path of the Python interpreter whose packages the workspace imports; empty: found by itself."""
    max_document_chars: int = 1_000_000
    """Documents longer than this are not analysed."""
    schemas: tuple[str, ...] = ()
    """SQL schema files or SQLite databases, for SQL in strings; relative to the workspace."""
    typestates: tuple[str, ...] = ()
    """Files that say in which order an API may be called; relative to the workspace."""
