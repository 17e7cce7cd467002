"""From predictions to the figures of a report.

Honest scoring: the study's script leaves empty predictions out and so scores each model on another set of cases; on
random masks its ranking turns round when they count. Here a summary always has the coverage (share of cases with a
prediction), the metrics over *all* cases, where an empty prediction is wrong, and beside them the study's own figure;
several models are also compared on the cases that all of them answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation import metrics, syntax
from lsp_server.evaluation.cases import UNNAMED, Case, PredictedCase
from lsp_server.evaluation.intervals import bootstrap, wilson
from lsp_server.evaluation.tokens import WORD, lexer_version

Json = dict[str, Any]

DIGITS = 4
"""Decimal places of a report's figures."""


@dataclass(frozen=True)
class Metric:
    """A metric as reports name it."""

    name: str
    score: Callable[[Case, str], float | None]
    """Percent for one case and its prediction; `None` where the metric does not apply to the case."""
    definition: str
    is_share: bool = False
    """Each case scores 0 or 100, so that the mean is a proportion."""


METRICS = (
    Metric("exact_match", lambda c, p: metrics.exact_match(c.expected, p), "stripped texts are equal", is_share=True),
    Metric("edit_similarity", lambda c, p: metrics.edit_similarity(c.expected, p), "rapidfuzz fuzz.ratio"),
    Metric("bleu4", lambda c, p: metrics.bleu4(c.expected, p), "nltk sentence_bleu, smoothing method 2, on words"),
    Metric(
        "rouge_l_f1", lambda c, p: metrics.rouge_l_f1(c.expected, p), "F1 of the longest common subsequence, on words"
    ),
    Metric("meteor", lambda c, p: metrics.meteor(c.expected, p), "nltk METEOR without WordNet synonyms, on words"),
    Metric(
        "next_identifier_match",
        lambda c, p: metrics.next_identifier_match(c.expected, p, c.language),
        "first lexemes are equal, where a name or keyword is expected",
        is_share=True,
    ),
    Metric(
        "identifier_sequence_match",
        lambda c, p: metrics.identifier_sequence_match(c.expected, p, c.language),
        "share of the expected identifiers before the first wrong one, where there are any",
    ),
    Metric(
        "prefix_match",
        lambda c, p: metrics.prefix_match(c.expected, p, c.language),
        "share of the expected lexemes before the first wrong one",
    ),
    Metric(
        "parse_rate",
        syntax.parses,
        "no more tree-sitter errors in the document than with the truth, where it and a grammar are there",
        is_share=True,
    ),
)


@dataclass(frozen=True)
class Scored:
    """One prediction for one case, measured."""

    case: Case
    prediction: str
    values: Mapping[str, float | None]
    """Percent by metric; `None` where the metric does not apply."""

    @property
    def is_empty(self) -> bool:
        return not self.prediction.strip()


def score(case: Case, prediction: str) -> Scored:
    """All metrics of one prediction."""
    return Scored(case, prediction, {metric.name: metric.score(case, prediction) for metric in METRICS})


def summary(scored: Sequence[Scored], seed: int) -> Json:
    """Case count, coverage, metrics over all cases with their intervals, and the metrics as the study has them.

    A metric that applies to no case is `None`; `applicable` counts the cases behind each. All shares are percent.
    """
    answered = [s for s in scored if not s.is_empty]
    return {
        "cases": len(scored),
        "coverage": _percent(len(answered), len(scored)),
        "metrics": _means(scored),
        "confidence_95": {metric.name: _interval(metric, scored, seed) for metric in METRICS},
        "applicable": {metric.name: len(_values(metric, scored)) for metric in METRICS},
        "as_published": {"cases": len(answered), **_means(answered)},
    }


def model_report(model: str | None, scored: Sequence[Scored], seed: int) -> Json:
    """Everything about one model's predictions, overall, by language and (where cases have one) by trigger point."""
    overall = summary(scored, seed)
    report = {"cases": overall.pop("cases"), "model": model, **overall}
    report["by_language"] = _breakdown(scored, lambda s: s.case.language, seed)
    if any(s.case.trigger for s in scored):
        report["by_trigger"] = _breakdown(scored, lambda s: s.case.trigger.strip(), seed)
    return report


def score_predictions(predicted: Sequence[PredictedCase], model: str | None, seed: int) -> Json:
    """The report of one model, or of several side by side.

    `model` picks one of several; where the predictions have no model's name, it is the name for the report. Raises
    `UserError` when it is not among them.
    """
    models = list(dict.fromkeys(name for p in predicted for name in p.predictions))
    if models == [UNNAMED]:
        return model_report(model, [score(p.case, p.predictions[UNNAMED]) for p in predicted], seed)
    if model is not None and model not in models:
        raise UserError(f"there are no predictions of {model!r}", f"Choose among {', '.join(models)}.")
    chosen = [model] if model is not None else models
    by_model = {name: [score(p.case, p.predictions.get(name, "")) for p in predicted] for name in chosen}
    if len(chosen) == 1:
        return model_report(chosen[0], by_model[chosen[0]], seed)
    return _comparison(by_model, seed)


def _comparison(by_model: Mapping[str, Sequence[Scored]], seed: int) -> Json:
    """Reports of several models on the same cases, and their metrics on those that every one of them answered."""
    case_count = len(next(iter(by_model.values())))
    common = [i for i in range(case_count) if not any(scored[i].is_empty for scored in by_model.values())]
    return {
        "cases": case_count,
        "models": {model: model_report(model, scored, seed) for model, scored in by_model.items()},
        "common_subset": {
            "cases": len(common),
            "metrics": {model: _means([scored[i] for i in common]) for model, scored in by_model.items()},
        },
    }


def definitions() -> Json:
    """What stands behind the figures: library versions, tokenizers, one line a metric. Goes into every report."""
    from importlib.metadata import version

    return {
        "libraries": {name: version(name) for name in ("rapidfuzz", "nltk", "pygments")},
        "tokenizer": {
            "words": f"matches of {WORD.pattern} (not the study's, which is InCoder's)",
            "lexemes": f"{lexer_version()}, lexer of the case's language",
        },
        "definitions": {metric.name: metric.definition for metric in METRICS},
    }


def _breakdown(scored: Sequence[Scored], key: Callable[[Scored], str], seed: int) -> Json:
    groups: dict[str, list[Scored]] = {}
    for s in scored:
        groups.setdefault(key(s), []).append(s)
    return {name: summary(group, seed) for name, group in sorted(groups.items())}


def _values(metric: Metric, scored: Sequence[Scored]) -> list[float]:
    return [value for s in scored if (value := s.values[metric.name]) is not None]


def _means(scored: Sequence[Scored]) -> Json:
    return {metric.name: _mean(_values(metric, scored)) for metric in METRICS}


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), DIGITS) if values else None


def _interval(metric: Metric, scored: Sequence[Scored], seed: int) -> list[float] | None:
    values = _values(metric, scored)
    if not values:
        return None
    interval = wilson(sum(v > 0 for v in values), len(values)) if metric.is_share else bootstrap(values, seed)
    return [round(bound, DIGITS) for bound in interval]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, DIGITS) if whole else 0.0
