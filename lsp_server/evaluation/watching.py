"""What monitors did to the cases of a run: whom they harmed, how often they had an answer, what they cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.resolving import Unresolved, Written, checker_for, unresolved_members
from lsp_server.evaluation.scoring import DIGITS, Json
from lsp_server.languages import language_for
from models import Constraint
from models.decoding.masks.keeping import keeps

LOOK_AHEAD_CHARS = 200
"""Of the text behind the expected one, so much may decide whether a constraint forbids it."""


@dataclass(frozen=True)
class Watching:
    """One case under monitors, and beside it the same case without."""

    findings: tuple[Mapping[str, Any], ...] = ()
    """See `monitors.Finding`."""
    harmful: tuple[str, ...] = ()
    """The monitors that forbade what really stands there."""
    without: str = ""
    """What the model writes without monitors."""
    warm_ms: float | None = None
    """How long the case took once the prompt was read and the analysers had answered."""
    warm_without_ms: float | None = None
    """The same without monitors."""
    typed_ms: float | None = None
    """How long it took after the pause behind a keystroke, at which all was asked anew."""
    typed_without_ms: float | None = None
    """The same without monitors."""

    @property
    def trusted(self) -> bool:
        """Whether the place of the cursor itself got a constraint."""
        return any(finding["start"] <= 0 and finding["outcome"] == "constrained" for finding in self.findings)

    def to_json(self) -> Json:
        return asdict(self)


def watching_of(row: Mapping[str, Any] | None) -> Watching | None:
    """Out of a journal's row."""
    if row is None:
        return None
    fields: dict[str, Any] = {**row, "findings": tuple(row["findings"]), "harmful": tuple(row["harmful"])}
    return Watching(**fields)


def harmful_monitors(given: Sequence[tuple[str, Constraint]], expected: str, suffix: str) -> tuple[str, ...]:
    """Whose constraints forbid the expected text, among those that were given while it could still become that.

    Each constraint comes with the text before it that it was given for.
    """
    truth = expected + suffix[:LOOK_AHEAD_CHARS]
    found = [c.source for before, c in given if truth.startswith(before) and not keeps(c, truth)]
    return tuple(dict.fromkeys(found))


def watching_figures(watched: Sequence[Watching], predictions: Sequence[str]) -> Json:
    """Outcomes by name, what answers cost, and what the monitors cost; `None` where nothing was watched.

    `predictions` are the texts under monitors, one for each of `watched`.
    """
    findings = [finding for watching in watched for finding in watching.findings]
    answered = [f["analysis_ms"] for f in findings if f["outcome"] in ("constrained", "unknown", "kept")]
    warm = [(w.warm_ms, w.warm_without_ms) for w in watched if w.warm_ms and w.warm_without_ms]
    typed = [(w.typed_ms, w.typed_without_ms) for w in watched if w.typed_ms and w.typed_without_ms]
    alike = [w for w, text in zip(watched, predictions, strict=True) if w.without == text]
    same_text = [(w.warm_ms, w.warm_without_ms) for w in alike if w.warm_ms and w.warm_without_ms]
    by_monitor: dict[str, Counter[str]] = {}
    for finding in findings:
        by_monitor.setdefault(finding["monitor"], Counter())[finding["outcome"]] += 1
    return {
        "outcomes": {name: dict(counts) for name, counts in sorted(by_monitor.items())},
        "analysis_ms": _spread(answered),
        **_ratios("overhead_ratio", warm),
        **_ratios("overhead_ratio_same_text", same_text),
        **_ratios("overhead_ratio_typed", typed),
        "warm_ms": _spread([a for a, _ in warm]),
        "warm_without_ms": _spread([b for _, b in warm]),
    }


def _ratios(name: str, pairs: Sequence[tuple[float, float]]) -> Json:
    ratios = [a / b for a, b in pairs]
    return {name: _quantile(ratios, 50), f"{name}_p95": _quantile(ratios, 95)}


def _spread(values: Sequence[float]) -> Json:
    return {"p50": _quantile(values, 50), "p95": _quantile(values, 95)}


def _quantile(values: Sequence[float], percent: float) -> float | None:
    if not values:
        return None
    import numpy as np

    return round(float(np.percentile(values, percent)), DIGITS)


def resolution_figures(cases: Sequence[Case], predictions: Sequence[str], watched: Sequence[Watching | None]) -> Json:
    """The share of texts with members that an independent checker cannot resolve, in percent: of the predictions, of
    what the model writes without monitors, and of what really stands there. All `None` without a checker.

    `unresolved_trusted` counts predictions that begin with such a member although the place had a trusted answer, and
    the truth there is no such member.
    """
    figures: Json = {"unresolved_members": None}
    told: list[tuple[Unresolved, Unresolved, Unresolved, bool]] = []
    names: set[str] = set()
    for language in sorted({case.language for case in cases}):
        checker = checker_for(language_for(language).id)
        chosen = [i for i, case in enumerate(cases) if case.language == language and case.root and case.path]
        chosen = [i for i in chosen if predictions[i].strip() and watched[i] is not None]
        if checker is None or not chosen:
            continue
        names.add(checker.name)
        texts: list[Written] = []
        for i in chosen:
            watching = watched[i] or Watching()
            said = (predictions[i], watching.without, cases[i].expected)
            texts += [_written(cases[i], text) for text in said]
        found = unresolved_members(checker, texts)
        for i, three in zip(chosen, zip(*[iter(found)] * 3, strict=True), strict=True):
            a, b, c = three
            if a is not None and b is not None and c is not None:
                told.append((a, b, c, (watched[i] or Watching()).trusted))
    if not told:
        return figures
    return {
        "unresolved_members": _share(told, 0),
        "unresolved_members_without": _share(told, 1),
        "unresolved_members_of_truth": _share(told, 2),
        "unresolved_trusted": sum(a.first and trusted and not c.first for a, _, c, trusted in told),
        "checked_cases": len(told),
        "checkers": sorted(names),
    }


def _written(case: Case, text: str) -> Written:
    return Written(case.root, case.path, case.language, case.prefix, text, case.suffix)


def _share(told: Sequence[tuple[Unresolved, Unresolved, Unresolved, bool]], which: int) -> float:
    return round(100 * sum(bool(row[which].members) for row in told) / len(told), DIGITS)  # type: ignore[union-attr]
