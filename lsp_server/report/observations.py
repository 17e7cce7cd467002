"""From records to columns of numbers: one row for each model that answered a request.

Columns are small and typed, so that half a million completions take some tens of megabytes. Text stays behind but for
a few examples. `nan` is what nobody knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import nlargest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsp_server.evaluation import metrics
from lsp_server.report.faults import fault_of
from lsp_server.report.reading import Candidate, Generation, Match, Row, Truth
from lsp_server.report.worst import EXAMPLES, Worst

HORIZONS = (15, 30, 45, 90, 120, 300, 600)
"""Seconds after which a place is looked at again."""
HEADLINE_S = 30.0
"""The study's: scores are against what stood there then."""
STATES = ("valid", "edited", "deleted", "closed", "unknown")
RESULTS = ("not_shown", "accepted", "partly_accepted", "rejected", "superseded", "typed_through", "unknown")
ACCEPTED = ("accepted", "partly_accepted")
INFLUENCES = ("held_out", "not_shown", "shown", "accepted", "unknown")
"""Who had a hand in a ground truth: nobody, by the draw of a lot; nobody, as there was nothing to see; a suggestion
that was seen and not accepted; an accepted one."""
STAGES = ("queue", "context", "prompt", "prefill", "decode", "analysis", "postprocess", "total")
SCORES = ("exact_match", "edit_similarity", "bleu4", "rouge_l_f1", "meteor")

LAST_DAY = 2_932_896
"""Of the calendar, in days since 1970; a clock that is off may say anything."""

Column = NDArray[Any]
NAMES = ("series", "configuration", "arm", "language", "trigger", "editor", "user", "origin", "fault")
"""Columns that hold a place in a list of words."""
_TYPES: Mapping[str, type[np.generic]] = {
    **dict.fromkeys(NAMES, np.int32),
    **dict.fromkeys(SCORES, np.float32),
    **{f"stage_{stage}": np.float32 for stage in STAGES},
    **{f"state_{horizon}": np.int8 for horizon in HORIZONS},
    **{f"kept_{horizon}": np.float32 for horizon in HORIZONS},
    "request": np.uint64,
    "suggestion": np.uint64,
    "day": np.int32,
    "propensity": np.float32,
    "confidence": np.float32,
    "accepted_chars": np.float32,
    "inserted_chars": np.float32,
    "result": np.int8,
    "influence": np.int8,
    "first": np.bool_,
    "shown": np.bool_,
    "accepted": np.bool_,
    "held_out": np.bool_,
    "empty": np.bool_,
    "failed": np.bool_,
    "replayed": np.bool_,
    "has_truth": np.bool_,
    # Its suggestion is counted at another record, see `lsp_server.report.repeats`.
    "again": np.bool_,
    # Of the whole request, whichever model was chosen; on its first row only.
    "request_shown": np.bool_,
    "request_accepted": np.bool_,
}


@dataclass(frozen=True)
class Table:
    """Columns of equal length, the words that some of them point to, and examples."""

    columns: dict[str, Column]
    words: dict[str, list[str]]
    examples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rows: Column | None = None
    """Which rows of the columns it has; `None` is all. A column is cut to them when it is asked for."""
    _cut: dict[str, Column] = field(default_factory=dict[str, Column], repr=False)

    def __len__(self) -> int:
        return len(self.columns["series"] if self.rows is None else self.rows)

    def __getitem__(self, name: str) -> Column:
        if self.rows is None:
            return self.columns[name]
        if name not in self._cut:
            self._cut[name] = self.columns[name][self.rows]
        return self._cut[name]

    def where(self, chosen: Column) -> "Table":
        """The rows of a mask or of indices."""
        places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        rows = places if self.rows is None else self.rows[places]
        return Table(self.columns, self.words, self.examples, rows)


class Gatherer:
    """Collects rows. `sample` is the share of requests whose slower scores are worked out, chosen by their ids."""

    def __init__(self, sample: float = 1.0) -> None:
        self._sample = int(sample * 2**64)
        self._values: dict[str, list[Any]] = {name: [] for name in _TYPES}
        self._words: dict[str, dict[str, int]] = {name: {} for name in NAMES}
        self._worst = Worst()

    def add(self, row: Row) -> None:
        """Take up a record: as many rows as models answered it, and one without a model if none did."""
        request_key = _key(_request_id(row))
        truth = _headline(row.truths)
        start = len(self._values["shown"])
        for place, generation in enumerate(row.generations or [SILENCE]):
            self._add(row, generation, place, request_key, truth)
        for what in ("shown", "accepted"):
            self._values[f"request_{what}"][start] = any(self._values[what][start:])
        if row.outcome.result in ACCEPTED and not row.outcome.candidate:  # of which model is not known
            self._values["request_accepted"][start] = self._values["request_shown"][start]

    def finish(self) -> Table:
        """All rows so far."""
        columns = {name: np.array(values, dtype=_TYPES[name]) for name, values in self._values.items()}
        return Table(columns, {name: list(words) for name, words in self._words.items()}, self._worst.found())

    def _add(self, row: Row, generation: Generation, place: int, request_key: int, truth: Truth | None) -> None:
        candidate = _candidate(row, generation)
        text = candidate.suggestion
        is_empty = not (text.strip() if text is not None else candidate.suggestion_chars)
        accepted = _is_accepted(row, candidate, is_empty)
        result = row.outcome.result
        shown = result not in ("not_shown", "unknown") and not generation.shadow and not is_empty
        put = self._put
        put("series", self._code("series", _series(row, generation)))
        put("configuration", self._code("configuration", row.replay.configuration if row.replay is not None else ""))
        put("arm", self._code("arm", row.decision.arm))
        put("language", self._code("language", row.request.language or "unknown"))
        put("trigger", self._code("trigger", row.request.trigger_point or f"({row.request.trigger_kind})"))
        put("editor", self._code("editor", row.request.editor or "unknown"))
        put("user", self._code("user", row.request.user))
        put("origin", self._code("origin", (row.replay.origin if row.replay is not None else "") or row.origin))
        put("request", request_key)
        put("suggestion", _key(row.decision.cached_from or row.id))
        put("again", bool(row.decision.cached_from))
        put("day", int(min(max(row.time // 86_400, 0), LAST_DAY)))
        put("propensity", row.decision.propensity)
        put("confidence", _or_nan(candidate.confidence))
        put("accepted_chars", row.outcome.accepted_chars if accepted else 0)
        put("inserted_chars", _or_nan(row.request.inserted_chars))
        put("result", RESULTS.index(result))
        put("influence", INFLUENCES.index(_influence(row)))
        put("first", place == 0)
        put("request_shown", False)
        put("request_accepted", False)
        put("shown", shown)
        put("accepted", accepted and shown)
        put("held_out", row.decision.held_out or (row.replay is not None and row.replay.held_out))
        put("empty", is_empty)
        put("failed", bool(generation.error))
        put("replayed", row.replay is not None)
        for stage in STAGES:
            put(f"stage_{stage}", generation.stages_ms.get(stage, np.nan))
        self._persistence(row, candidate, accepted and shown)
        self._scores(row, generation, candidate, truth, request_key, is_empty)

    def _persistence(self, row: Row, candidate: Candidate, accepted: bool) -> None:
        by_horizon = {round(t.after_s): t for t in row.truths if t.moment == "delay"} if accepted else {}
        for horizon in HORIZONS:
            truth = by_horizon.get(horizon)
            match = _match(truth, candidate) if truth else None
            size = min(row.outcome.accepted_chars, candidate.suggestion_chars or 0)
            kept = np.nan
            if truth is not None and truth.state == "deleted":
                kept = 0.0
            elif match is not None and match.kept_chars is not None and size:
                kept = min(match.kept_chars / size, 1.0)
            self._put(f"state_{horizon}", STATES.index(truth.state) if truth else -1)
            self._put(f"kept_{horizon}", kept)

    def _scores(
        self,
        row: Row,
        generation: Generation,
        candidate: Candidate,
        truth: Truth | None,
        request_key: int,
        is_empty: bool,
    ) -> None:
        scores: dict[str, float] = dict.fromkeys(SCORES, np.nan)
        fault = ""
        known = truth is not None
        if truth is not None and truth.line is not None and (is_empty or candidate.suggestion is not None):
            known = bool(truth.line.strip())
            if known:
                said = "" if is_empty else (candidate.suggestion or "").split("\n", 1)[0]
                scores["exact_match"] = metrics.exact_match(truth.line, said)
                scores["edit_similarity"] = metrics.edit_similarity(truth.line, said)
                if request_key < self._sample:
                    for name in SCORES[2:]:
                        scores[name] = getattr(metrics, name)(truth.line, said)
                    fault = fault_of(row, said, truth.line, scores["exact_match"] > 0)
                if said.strip() and candidate.confidence is not None and not scores["exact_match"]:
                    similarity = scores["edit_similarity"]
                    self._worst.add(row, _series(row, generation), said, truth.line, candidate.confidence, similarity)
        elif truth is not None:
            match = _match(truth, candidate)
            known = bool(truth.chars) and (is_empty or match is not None)
            if known:
                scores["exact_match"] = 100.0 * (match is not None and match.exact)
                scores["edit_similarity"] = 100.0 * (match.similarity or 0.0) if match else 0.0
        self._put("has_truth", known)
        self._put("fault", self._code("fault", fault))
        for name, value in scores.items():
            self._put(name, value)

    def _put(self, name: str, value: Any) -> None:
        self._values[name].append(value)

    def _code(self, name: str, word: str) -> int:
        words = self._words[name]
        return words.setdefault(word, len(words))


def merged(tables: Sequence[Table]) -> Table:
    """Rows of several tables one after another, with one list of words."""
    words: dict[str, dict[str, int]] = {name: {} for name in NAMES}
    columns: dict[str, list[Column]] = {name: [] for name in _TYPES}
    for table in tables:
        for name, column in table.columns.items():
            if name in words and len(column):
                codes = [words[name].setdefault(word, len(words[name])) for word in table.words[name]]
                column = np.array(codes, dtype=np.int32)[column]
            columns[name].append(column)
    joined = {
        name: np.concatenate(parts) if parts else np.array([], dtype=_TYPES[name]) for name, parts in columns.items()
    }
    examples = nlargest(EXAMPLES, (e for t in tables for e in t.examples), key=lambda example: example["badness"])
    return Table(joined, {name: list(known) for name, known in words.items()}, examples)


SILENCE = Generation(model="(no model asked)")
"""What answered where nothing was generated: a series of its own, whatever arm was drawn."""
_NOTHING = Candidate()


def _key(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


def _request_id(row: Row) -> str:
    return row.replay.of if row.replay is not None else row.id


def _series(row: Row, generation: Generation) -> str:
    if row.replay is not None:
        return row.replay.label
    if generation is SILENCE:
        return SILENCE.model
    arm = generation.arm or ("" if generation.shadow else row.decision.arm)
    return f"{arm} ({generation.model})" if arm and arm != generation.model else generation.model


def _candidate(row: Row, generation: Generation) -> Candidate:
    """The one that the outcome is about, or the first that was made a suggestion, or the first at all."""
    named = [c for c in generation.candidates if c.id and c.id == row.outcome.candidate]
    offered = [c for c in generation.candidates if c.id]
    return next(iter(named or offered or generation.candidates), _NOTHING)


def _is_accepted(row: Row, candidate: Candidate, is_empty: bool) -> bool:
    """Whether this text is what was accepted; two models that say the same are accepted together, as in the study."""
    if row.outcome.result not in ACCEPTED or is_empty:
        return False
    if not row.outcome.candidate or candidate.id == row.outcome.candidate:
        return bool(row.outcome.candidate)
    chosen = next((c for g in row.generations for c in g.candidates if c.id == row.outcome.candidate), None)
    return chosen is not None and chosen.suggestion is not None and chosen.suggestion == candidate.suggestion


def _influence(row: Row) -> str:
    result = row.replay.result if row.replay is not None else row.outcome.result
    held_out = row.replay.held_out if row.replay is not None else row.decision.held_out
    if held_out:
        return "held_out"
    if result == "not_shown" or (row.origin == "evaluation" and row.replay is None):
        return "not_shown"
    if result in ACCEPTED:
        return "accepted"
    return "unknown" if result == "unknown" else "shown"


def _headline(truths: Sequence[Truth]) -> Truth | None:
    """What stood there about 30 s later, if anybody looked and the place was still there."""
    seen = [t for t in truths if t.moment == "delay" and t.state in ("valid", "edited")]
    return min(seen, key=lambda truth: abs(truth.after_s - HEADLINE_S), default=None)


def _match(truth: Truth, candidate: Candidate) -> Match | None:
    return next((match for match in truth.matches if match.candidate == candidate.id and candidate.id), None)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
