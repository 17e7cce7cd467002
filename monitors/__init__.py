"""Properties that generated code must keep, as text in and constraint out, and the static analysers that they ask.

Knows source text, positions and language servers; will never know about tokens, logits or models.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitors.analysis.client import AnalyserStatus
    from monitors.constraint import Constraint
    from monitors.document import Document, View
    from monitors.errors import MonitorError, NoAnswer
    from monitors.monitor import Answer, Monitor, Trigger
    from monitors.settings import MonitorSettings
    from monitors.supervisor import Supervisor
    from monitors.unaided import Unaided
    from monitors.watch import Finding, Watch

# Imported when first used: the analysis host imports this package too, and must start fast.
_WHERE = {
    "AnalyserStatus": "monitors.analysis.client",
    "Answer": "monitors.monitor",
    "Constraint": "monitors.constraint",
    "Document": "monitors.document",
    "Finding": "monitors.watch",
    "Monitor": "monitors.monitor",
    "MonitorError": "monitors.errors",
    "MonitorSettings": "monitors.settings",
    "NoAnswer": "monitors.errors",
    "Supervisor": "monitors.supervisor",
    "Trigger": "monitors.monitor",
    "Unaided": "monitors.unaided",
    "View": "monitors.document",
    "Watch": "monitors.watch",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'monitors' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


__all__ = [
    "AnalyserStatus",
    "Answer",
    "Constraint",
    "Document",
    "Finding",
    "Monitor",
    "MonitorError",
    "MonitorSettings",
    "NoAnswer",
    "Supervisor",
    "Trigger",
    "Unaided",
    "View",
    "Watch",
]
