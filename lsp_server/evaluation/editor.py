"""The real predictor: each case goes through the completion service, as if somebody had asked there by a key press.

A key press, because an automatic request may also be answered with silence (too short, too unsure): that is a choice
of when to show, not a prediction. What trims a text to its place (what stands after the cursor already, brackets that
close nothing, loops) belongs to the prediction. There is no cache, so that every case is worked out, and the only limit
in time is the evaluation's own, so that a slow machine gets the same figures.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import median
from time import perf_counter, sleep

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.debounce import AdaptiveDebounce
from lsp_server.completion.request import CompletionRequest, CompletionResult
from lsp_server.completion.service import CompletionService, no_monitors
from lsp_server.documents import Text
from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.completion import Prediction, Predictor
from lsp_server.evaluation.scoring import Json
from lsp_server.evaluation.watching import Watching, harmful_monitors
from lsp_server.monitoring import MonitorGuide, Monitoring
from lsp_server.settings import MonitoringSettings, Settings, from_environment, from_user_file, merge
from models import Cancellation, Generator

NO_LIMIT_MS = 86_400_000.0
"""A day: the service's own limits are for people who wait."""
PATIENCE_MS = 10_000
"""How long an analysis is waited for: an editor would go on without it, but then a busy machine would get other figures
than an idle one, and the first case of a project, for which the analyser has to start, less than the others."""
ROUNDS = 3
"""So often a case is timed with monitors and without, and the medians count: an answer takes as long as a few forward
passes, and whatever else the machine did just then would be laid at the monitors' door."""


def predictor(
    generator: Generator, settings: Settings, monitoring: Monitoring | None = None, *, weigh: bool = True
) -> Predictor:
    """Answers cases with one candidate, up to the end of the line, by greedy decoding.

    With `monitoring` each case is answered again if monitors are to be weighed: first under them, which is the
    prediction; then `ROUNDS` times with and without them, the prompt being read and the analysers having answered; and
    with and without them as in the editor, where analysis begins with a keystroke and a pause is waited for.
    """
    if monitoring is not None and weigh:
        return _Watched(generator, settings, monitoring)
    service = CompletionService(monitors=monitoring or no_monitors)

    def predict(case: Case, cancellation: Cancellation) -> Prediction:
        request = request_of(case)
        return _prediction(request, service.complete(request, generator, settings, cancellation=cancellation))

    return predict


class _Watched:
    """The predictor under monitors. Listens to the guides that it has made."""

    def __init__(self, generator: Generator, settings: Settings, monitoring: Monitoring) -> None:
        self._generator = generator
        self._settings = settings
        self._monitoring = monitoring
        self._service = CompletionService(monitors=self)
        self._guide: MonitorGuide | None = None
        self._last_ms = 0.0
        self._turns = 0

    def guide(self, request: CompletionRequest, settings: MonitoringSettings, until: float) -> MonitorGuide | None:
        self._guide = self._monitoring.guide(request, settings, until)
        return self._guide

    def __call__(self, case: Case, cancellation: Cancellation) -> Prediction:
        request = request_of(case)
        prediction, latency_ms = self._timed(request, cancellation)
        given = self._guide.constraints if self._guide is not None else []
        findings = self._guide.findings if self._guide is not None else ()
        self._turns += 1
        order = (True, False) if self._turns % 2 else (False, True)
        warm: dict[bool, list[float]] = {True: [], False: []}
        without = Prediction("")
        for monitored in order * ROUNDS:
            answer, took_ms = self._timed(request, cancellation, monitored=monitored)
            warm[monitored].append(took_ms)
            without = without if monitored else answer
        self._monitoring.files_changed()  # answers are asked anew
        typed = {monitored: self._typed(request, cancellation, monitored=monitored) for monitored in order}
        watching = Watching(
            findings=tuple(asdict(finding) for finding in findings),
            harmful=harmful_monitors(given, case.expected, case.suffix),
            without=without.text,
            warm_ms=median(warm[True]),
            warm_without_ms=median(warm[False]),
            typed_ms=typed[True],
            typed_without_ms=typed[False],
        )
        return replace(prediction, latency_ms=latency_ms, watching=watching)

    def _typed(self, request: CompletionRequest, cancellation: Cancellation, *, monitored: bool) -> float:
        """How long the answer takes after a keystroke, at which analysis begins, and the pause that is waited for."""
        debounce = AdaptiveDebounce()  # of a user whose rhythm is not known
        debounce.keystroke()
        debounce.answered(self._last_ms)
        if monitored:
            self._monitoring.fetch_ahead(request, self._settings.monitors)
        sleep(debounce.delay_ms(replace(request, trigger="automatic")) / 1000)
        _, self._last_ms = self._timed(request, cancellation, monitored=monitored)
        return self._last_ms

    def _timed(
        self, request: CompletionRequest, cancellation: Cancellation, *, monitored: bool = True
    ) -> tuple[Prediction, float]:
        settings = replace(self._settings, monitors=replace(self._settings.monitors, enabled=monitored))
        start = perf_counter()
        result = self._service.complete(request, self._generator, settings, cancellation=cancellation)
        return _prediction(request, result), (perf_counter() - start) * 1000


def _prediction(request: CompletionRequest, result: CompletionResult) -> Prediction:
    if not result.suggestions:
        return Prediction("", reason=result.reason, interventions=result.interventions)
    best = result.suggestions[0]
    return Prediction(
        # What is inserted *before* the rest of the line: the expected text does not hold what stands there already.
        text=best.text.removesuffix(request.suffix[: best.replace_after]),
        confidence=best.confidence,
        tokens=best.tokens,
        finish_reason=best.finish_reason,
        interventions=result.interventions,
    )


def request_of(case: Case) -> CompletionRequest:
    """The request at the case's cursor, cut to the editor's windows; without a root the file stands alone."""
    source = Source(language_id=case.language, path=case.path, root=case.root)
    text = Text(case.prefix + case.suffix)
    request = request_at(text, len(case.prefix), source, trigger="invoked", extent="line")
    return replace(request, trigger_point=case.trigger.strip(), max_time_ms=NO_LIMIT_MS)


def configuration(generator: Generator, settings: Settings, monitors: Sequence[str]) -> Json:
    """All that decides a prediction besides its case; its hash keys the journal."""
    from importlib.metadata import version

    return {
        "model": generator.name,
        "fingerprint": generator.fingerprint,
        "device": settings.model.device,
        "parameters": {
            "trigger": "invoked",
            "extent": "line",
            "candidates": 1,
            "max_tokens": settings.completion.max_line_tokens,
            "temperature": 0.0,
            "token_healing": True,
            "cross_file_context": False,
        },
        "monitors": list(monitors),
        "python_analyser": settings.monitors.python_analyser,
        "dragoman": version("dragoman"),
    }


def evaluation_settings(model: str | None, monitors: Sequence[str] = (), analyser: str = "auto") -> Settings:
    """The user's own model, device and threads, and otherwise the defaults, so that figures compare between people; but
    for the analysers, which get `PATIENCE_MS`.

    `model` takes the place of the user's. Without names of `monitors` nothing is watched.
    """
    merged = merge([from_environment(os.environ), from_user_file()[0]])
    own = merged.settings.model
    watched = MonitoringSettings(
        enabled=bool(monitors),
        only=tuple(monitors),
        budget_ms=PATIENCE_MS,
        python_analyser=analyser,  # type: ignore[arg-type]
    )
    return Settings(model=own if model is None else replace(own, name=model), monitors=watched)


def choose_monitors(names: str, available: Mapping[str, bool]) -> tuple[str, ...]:
    """`none`, `all`, `default`, or names with commas between them; `available` tells which are on by default. Raises
    `UserError` for one that does not exist.
    """
    match names.strip():
        case "none":
            return ()
        case "all":
            return tuple(available)
        case "default":
            return tuple(name for name, is_on in available.items() if is_on)
        case _:
            pass
    chosen = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    for name in chosen:
        if name not in available:
            raise UserError(
                f"there is no monitor {name!r}", f"Known monitors: {', '.join(available)}; or default, all, none."
            )
    return chosen
