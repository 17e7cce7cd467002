"""What the commands share: one line for an error, and a progress bar that is silent where nobody watches."""

import errno
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import typer

from lsp_server.errors import sentence

if TYPE_CHECKING:
    from rich.progress import Progress

USER_ERROR = 2
"""Exit status where the user can mend what is wrong."""
INTERRUPTED = 130
"""Exit status after Ctrl+C, as shells have it."""

_USERS_ERRORS = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM}
"""What a disk says that is full or that nobody may write to, wherever it says it."""

PATIENCE_S = 0.4
"""Work that is done sooner shows no progress."""
PLAIN_INTERVAL_S = 5.0
"""Seconds between two lines of progress where stderr is no terminal."""


def fail(message: str, hint: str = "") -> NoReturn:
    """Print one line on stderr and leave with the status of a user's error."""
    line = " ".join(part for part in (sentence(message), hint) if part)
    typer.echo("dragoman: " + " ".join(line.split()), err=True)
    raise typer.Exit(USER_ERROR)


@contextmanager
def user_errors() -> Generator[None, None, None]:
    """Turn the errors that a person can mend into one line on stderr and exit status 2, and Ctrl+C into 130.

    Also usable as a decorator. Errors of ours pass through: they are bugs, and their traceback belongs in a report.
    """
    from lsp_server.errors import UserError
    from models.errors import Cancelled, ModelError
    from monitors.errors import MonitorError

    try:
        yield
    except (UserError, ModelError, MonitorError) as error:
        fail(error.message, error.hint)
    except (KeyboardInterrupt, Cancelled):
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _drop_output()
        raise typer.Exit(1) from None
    except OSError as error:
        if error.errno not in _USERS_ERRORS:
            raise
        try:
            sys.stdout.flush()
        except OSError:  # Python would try once more at its end, and have the last word
            _drop_output()
        where = error.filename or "The output"
        fail(f"{where} cannot be used: {error.strerror}", "Free some space, mend the permissions or give another path.")


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


Report = Callable[[float, str], None]
"""Called with a fraction from 0 to 1, negative if nobody can tell, and what is being done."""


@contextmanager
def progress(title: str) -> Generator[Report, None, None]:
    """A progress bar on stderr for work that takes its time; plain lines now and then where stderr is no terminal."""
    shown = _Bar(title) if sys.stderr.isatty() else _PlainLines(title)
    patient_until = monotonic() + PATIENCE_S

    def report(fraction: float, what: str) -> None:
        if monotonic() >= patient_until:
            shown.report(fraction, what)

    try:
        yield report
    finally:
        shown.close()


class Pace:
    """When to say again how far a count has come: a line for every one would flood a log."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._said_at = monotonic()

    def is_due(self, done: int) -> bool:
        """Whether to say that so many are done. A bar on a terminal is told each time."""
        now = monotonic()
        due = now - self._said_at >= PLAIN_INTERVAL_S or done in (1, self._total) or sys.stderr.isatty()
        if due:
            self._said_at = now
        return due


class _Bar:
    """rich is imported with the first report, because most commands never make one."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Progress | None = None

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()

    def report(self, fraction: float, what: str) -> None:
        if self._progress is None:
            self._progress = self._start()
        total = None if fraction < 0 else 1.0
        self._progress.update(self._task, description=f"{self._title}: {what}", completed=max(fraction, 0), total=total)

    def _start(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = progress.add_task(self._title, total=None)
        progress.start()
        return progress


class _PlainLines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._what = ""
        self._last = 0.0

    def close(self) -> None:
        return

    def report(self, fraction: float, what: str) -> None:
        if what != self._what or monotonic() - self._last >= PLAIN_INTERVAL_S:
            self._what, self._last = what, monotonic()
            percent = "" if fraction < 0 else f" {fraction:.0%}"
            typer.echo(f"{self._title}: {what}{percent}", err=True)
