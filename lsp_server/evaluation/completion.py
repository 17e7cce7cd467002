"""Running cases through a predictor, one after another, so that nothing finished is lost and no case ends the run."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from threading import Timer
from time import perf_counter
from typing import Any

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.journal import Journal
from lsp_server.evaluation.scoring import DIGITS, Json, Scored, model_report, score, summary
from lsp_server.evaluation.watching import Watching, resolution_figures, watching_figures, watching_of
from models import Cancellation, Cancelled, Interventions, ModelError


@dataclass(frozen=True)
class Prediction:
    """What a predictor says about one case."""

    text: str
    confidence: float | None = None
    """Geometric mean of token probabilities, 0 to 1."""
    tokens: int = 0
    finish_reason: str = ""
    reason: str = ""
    """Why there is no text, where the predictor knows."""
    interventions: Interventions = field(default_factory=Interventions)
    latency_ms: float | None = None
    """What the answer took, where the predictor did more than to answer."""
    watching: Watching | None = None
    """What monitors did; `None` without them."""


Predictor = Callable[[Case, Cancellation], Prediction]
"""Whatever answers cases; the real one is the editor's completion service. Where it raises, the case is empty."""


@dataclass(frozen=True)
class Outcome:
    """A case after its prediction, as it stands in the journal and in the report."""

    scored: Scored
    latency_ms: float | None
    """Wall-clock time of the predictor; `None` where it failed."""
    prediction: Prediction
    error: str
    """Empty, or what went wrong."""
    resumed: bool
    """Taken from the journal of an earlier run."""


def predict_all(
    cases: Sequence[Case],
    predictor: Predictor,
    journal: Journal,
    timeout_s: float,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Outcomes in the order of the cases; those that the journal holds are not predicted again.

    A case that raises, or is not answered within `timeout_s` seconds, gets an empty prediction with its error.
    `KeyboardInterrupt` passes through; all earlier outcomes are in the journal by then.
    """
    outcomes: list[Outcome] = []
    for case in cases:
        row = journal.get(case.content_hash)
        resumed = row is not None
        if row is None:
            row = answer_case(case, predictor, timeout_s)
            journal.append(case.content_hash, row)
        outcome = _outcome(case, row, resumed=resumed)
        outcomes.append(outcome)
        on_outcome(outcome)
    return outcomes


def completion_report(model: str, outcomes: Sequence[Outcome], monitors: Sequence[str], seed: int) -> Json:
    """The figures of a finished run and its predictions. Under monitors also what the model does without."""
    report = model_report(model, [outcome.scored for outcome in outcomes], seed)
    report["errors"] = sum(bool(outcome.error) for outcome in outcomes)
    report["monitors"] = _monitor_figures([outcome.prediction for outcome in outcomes], monitors)
    watched = [outcome.prediction.watching for outcome in outcomes]
    if monitors:
        cases = [outcome.scored.case for outcome in outcomes]
        report["monitors"] |= resolution_figures(cases, [o.prediction.text for o in outcomes], watched)
        without = [score(case, w.without) for case, w in zip(cases, watched, strict=True) if w is not None]
        report["without_monitors"] = summary(without, seed)
    report["latency_ms"] = _latency([o.latency_ms for o in outcomes if o.latency_ms is not None])
    report["predictions"] = [_prediction_row(outcome) for outcome in outcomes]
    return report


def answer_case(case: Case, predictor: Predictor, timeout_s: float) -> Json:
    """What a predictor says about a case, as rows of a journal hold it; where it raises, an empty prediction and why.

    `KeyboardInterrupt` passes through.
    """
    start = perf_counter()
    error = ""
    try:
        with _deadline(timeout_s) as cancellation:
            prediction = predictor(case, cancellation)
    except Cancelled:
        error = f"no answer within {timeout_s:g} s"
    except ModelError as raised:
        error = raised.message
    except Exception as raised:  # noqa: BLE001 - whatever one case does to the model, the others are still worth having
        error = f"{type(raised).__name__}: {raised}"
    else:
        took_ms = (perf_counter() - start) * 1000 if prediction.latency_ms is None else prediction.latency_ms
        latency_ms = round(took_ms, 3)
        return {"id": case.id, "latency_ms": latency_ms, "error": "", "prediction": asdict(prediction)}
    return {"id": case.id, "latency_ms": None, "error": error, "prediction": asdict(Prediction(""))}


@contextmanager
def _deadline(seconds: float) -> Generator[Cancellation, None, None]:
    """A cancellation that sets itself after so many seconds."""
    cancellation = Cancellation()
    timer = Timer(seconds, cancellation.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield cancellation
    finally:
        timer.cancel()


def _outcome(case: Case, row: Mapping[str, Any], *, resumed: bool) -> Outcome:
    fields = dict(row["prediction"])
    fields["interventions"] = Interventions(**fields["interventions"])
    fields["watching"] = watching_of(fields.get("watching"))
    prediction = Prediction(**fields)
    return Outcome(score(case, prediction.text), row["latency_ms"], prediction, row["error"], resumed)


def _prediction_row(outcome: Outcome) -> Json:
    """Holds what `dragoman score` reads, so that a report's predictions can be scored again."""
    case, prediction, values = outcome.scored.case, outcome.prediction, outcome.scored.values
    return {
        "id": case.id,
        "language": case.language,
        "expected": case.expected,
        "prediction": prediction.text,
        "exact_match": bool(values["exact_match"]),
        "edit_similarity": round(values["edit_similarity"] or 0.0, DIGITS),
        "latency_ms": outcome.latency_ms,
        "confidence": prediction.confidence,
        "tokens": prediction.tokens,
        "finish_reason": prediction.finish_reason,
        "reason": prediction.reason,
        "error": outcome.error or None,
        **({} if prediction.watching is None else {"monitors": prediction.watching.to_json()}),
    }


def _monitor_figures(predictions: Sequence[Prediction], monitors: Sequence[str]) -> Json:
    """Counts over all cases. What an analysis of the predictions must find out is `None` until it was measured.

    Without a monitor nothing was masked, so nothing was masked wrongly: those are true zeros.
    """
    interventions = [prediction.interventions for prediction in predictions]
    watched = [prediction.watching for prediction in predictions if prediction.watching is not None]
    texts = [prediction.text for prediction in predictions if prediction.watching is not None]
    return {
        "names": list(monitors),
        "triggered": sum(len(watching.findings) for watching in watched),
        "constraints": sum(i.constraints for i in interventions),
        "masked_steps": sum(i.masked_steps for i in interventions),
        "changed_steps": sum(i.changed_steps for i in interventions),
        "rolled_back": sum(i.rolled_back for i in interventions),
        "forced_tokens": sum(i.forced_tokens for i in interventions),
        "lifted": sum(i.lifted for i in interventions),
        "harmful_masks": sum(bool(watching.harmful) for watching in watched),
        "unresolved_members": None,
        **watching_figures(watched, texts),
    }


def _latency(values: Sequence[float]) -> Json:
    """Median and 95th percentile (linear interpolation) of the cases that were answered; `None` if none was."""
    if not values:
        return {"p50": None, "p95": None}
    import numpy as np

    p50, p95 = np.percentile(values, (50, 95))
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
