"""What is run and what came of it, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

StoppedBy = Literal["", "time", "memory", "processes", "output", "disk", "cancelled"]
"""The limit that ended a step; empty where it ended by itself."""


@dataclass(frozen=True)
class Limits:
    """What a step may use. All of them together, not each process of it, unless it says otherwise."""

    wall_s: float = 10.0
    cpu_s: int = 20
    """Of each process."""
    memory_mb: int = 1536
    processes: int = 128
    """Threads count."""
    output_kb: int = 256
    """Of stdout and stderr together."""
    disk_mb: int = 256
    """Of the job's own folder, which lives in memory."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Step:
    """A command that is run in the job's folder."""

    command: tuple[str, ...]
    """The program by its absolute path, and its arguments."""
    limits: Limits = DEFAULT_LIMITS
    stdin: str = ""


@dataclass(frozen=True)
class Job:
    """Files, and steps that are run one after the other until one fails."""

    files: Mapping[str, str]
    """Text by relative path, written into the job's folder."""
    steps: tuple[Step, ...]
    visible: tuple[str, ...] = ()
    """Folders of toolchains outside the system's own, shown to the job read-only at the same path."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """All that the job sees besides a bare PATH, HOME, LANG and TMPDIR."""


@dataclass(frozen=True)
class StepResult:
    """How a step ended."""

    exit_code: int
    """Negative for the signal that ended it."""
    stdout: str
    stderr: str
    stopped_by: StoppedBy = ""
    detail: str = ""
    """Of a limit: what it was, for a person."""
    milliseconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and not self.stopped_by
