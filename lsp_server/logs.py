"""Log lines are events with fields: `completion trigger=automatic source=cache ms=0.4`. To stderr, and on to the
editor.

Never the text of a document: what is typed stays out of logs. Other libraries are heard only when they warn.
"""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

ROOMS = ("dragoman", "lsp_server", "models", "monitors")
"""The loggers whose events are ours."""

Forward = Callable[[int, str], None]
"""Called from any thread with a level of `logging` and a line."""


def event(name: str, /, **fields: Any) -> str:
    """One line: the event's name and its fields, in order; values with blanks or quotes are quoted."""
    return " ".join([name, *(f"{key}={_value(value)}" for key, value in fields.items())])


def log_to_stderr(level: str = "info") -> None:
    """Send log lines to stderr. Calling it again only changes the level."""
    root = logging.getLogger()
    if not any(isinstance(handler, _StderrHandler) for handler in root.handlers):
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
        root.addHandler(handler)
        root.setLevel(logging.WARNING)
    set_level(level)


def set_level(level: str) -> None:
    """The least serious events of ours that are written: `debug`, `info`, `warning` or `error`."""
    for room in ROOMS:
        logging.getLogger(room).setLevel(level.upper())


class ForwardHandler(logging.Handler):
    """Hands our events to an editor as well, without tracebacks: those are for stderr."""

    def __init__(self, forward: Forward) -> None:
        super().__init__(logging.INFO)
        self._forward = forward

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._forward(record.levelno, record.getMessage())
        except Exception:  # noqa: BLE001 - a log line must never be the reason why something fails
            self.handleError(record)

    def attach(self) -> None:
        for room in ROOMS:
            logging.getLogger(room).addHandler(self)

    def detach(self) -> None:
        for room in ROOMS:
            logging.getLogger(room).removeHandler(self)


class _StderrHandler(logging.StreamHandler[Any]):
    """Looks `sys.stderr` up each time, so that it follows a redirection."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(c.isspace() or c in '"=' for c in text) else text
