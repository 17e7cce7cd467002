"""How long work on weights tells where it stands."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with a fraction from 0 to 1 (negative where nobody can tell) and what is being done, in a few words."""


def silent(_fraction: float, _what: str) -> None:
    """For callers that show nothing."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The `progress` of one stage of several: its 0 to 1 becomes `start` to `end`."""

    def report(fraction: float, what: str) -> None:
        progress(fraction if fraction < 0 else start + (end - start) * min(fraction, 1.0), what)

    return report
