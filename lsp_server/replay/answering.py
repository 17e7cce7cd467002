"""What answers requests in a replay: one copy of a model in one process, whichever engine started that process.

An answer depends on the request and the plan, and on nothing that was asked before: no cache, no kept session, no
guesses. That is why engines agree, whatever order they choose and however many workers they have.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lsp_server.engine.loading import load_model
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.completion import answer_case
from lsp_server.evaluation.editor import predictor
from lsp_server.evaluation.scoring import Json
from lsp_server.monitoring import Monitoring
from lsp_server.settings import Settings
from models.backends.cores import physical_cores

Answered = tuple[Case, Json]
"""A request and what became of it: `latency_ms`, `error`, `prediction`."""

Engine = Callable[[Iterable[Case], "Plan"], Iterator[Answered]]
"""Spreads requests over copies of the model; answers come in any order, each as soon as it is there."""


@dataclass(frozen=True)
class Plan:
    """What all workers of a replay must agree on. Plain values, because they travel to other processes."""

    settings: Settings
    """Model and monitors; all else is as evaluations have it."""
    workers: int = 1
    """Copies of the model."""
    gpus_per_worker: float = 0.0
    """GPUs that the ray engine reserves for each copy; parts of one are allowed."""
    timeout_s: float = 300.0
    """Seconds for one request; then its answer is empty, with an error."""


def make_plan(settings: Settings, workers: int, gpus: float, timeout_s: float) -> Plan:
    """A plan in which each copy of the model gets its share of this machine's cores, unless the settings say threads.

    Threads are fixed here and not by the workers, because sums that are split otherwise round otherwise.
    """
    threads = settings.model.threads or max(1, physical_cores() // workers)
    model = replace(settings.model, threads=threads)
    return Plan(replace(settings, model=model), workers, gpus, timeout_s)


class Answerer:
    """A copy of the model. Loading takes seconds; fetches and converts the model if it is not on this machine."""

    def __init__(self, plan: Plan) -> None:
        """Raises `ModelError`."""
        self._plan = plan
        self._generator = load_model(plan.settings.model, _silent, reproducible=True)
        self._monitoring = Monitoring() if plan.settings.monitors.enabled else None

    def answer(self, case: Case) -> Json:
        """The prediction for one request, or an empty one with its error; never raises for the request's sake."""
        predict = predictor(self._generator, self._plan.settings, self._monitoring, weigh=False)
        return answer_case(case, predict, self._plan.timeout_s)

    def close(self) -> None:
        """Free the weights, and end the analysis."""
        self._generator.close()
        if self._monitoring is not None:
            self._monitoring.close()


def _silent(_fraction: float, _what: str) -> None:
    """Progress of workers is nobody's to see: the model was fetched before they started."""
