"""A watch of monitors as the guide of a decoder. Fails open: whatever goes wrong, the text is written on without it."""

import logging
from collections.abc import Callable, Sequence
from time import monotonic

from lsp_server.logs import event
from models import Constraint
from monitors import Constraint as Demand
from monitors import Finding, Watch

logger = logging.getLogger(__name__)

PATIENCE = 0.2
"""How long a finished text waits for what is being found out about its own places: this share of the time it took."""


class MonitorGuide:
    """A `Guide`. The watch begins with the first question, which comes when the model has read the prompt."""

    def __init__(self, begin: Callable[[], Watch], until: float, patience: float = PATIENCE) -> None:
        """`begin` makes the watch; `until` is when the completion's own time is over, a `time.monotonic()`."""
        self._begin = begin
        self._until = until
        self._began = monotonic()
        self._patience = patience
        self._watch: Watch | None = None
        self._failed = False
        self.constraints: list[tuple[str, Constraint]] = []
        """Every constraint handed over, with the text before it that it was given for."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What became of every place where a monitor looked."""
        return self._watch.findings if self._watch is not None else ()

    def poll(self, text: str) -> Sequence[Constraint]:
        if self._failed:
            return ()
        try:
            if self._watch is None:
                self._watch = self._begin()
            found = [_constraint(demand) for demand in self._watch.observe(text)]
        except Exception as error:  # noqa: BLE001 - a fault in monitoring must never cost a completion
            self._give_up(error)
            return ()
        self.constraints += [(text[: max(constraint.start, 0)], constraint) for constraint in found]
        return found

    def rolled_back(self, text: str) -> None:
        if self._watch is not None:
            self._watch.cut_back(text)

    def wait(self) -> bool:
        if self._watch is None or self._failed:
            return False
        now = monotonic()
        return self._watch.hear_out(self._until - now, self._patience * (now - self._began))

    def _give_up(self, error: Exception) -> None:
        self._failed = True
        logger.error(event("monitoring failed", reason=f"{type(error).__name__}: {error}"))


def _constraint(demand: Demand) -> Constraint:
    text = demand.names, demand.regex, demand.grammar
    return Constraint(demand.source, demand.start, *text, demand.typed, demand.weights, demand.binding)
