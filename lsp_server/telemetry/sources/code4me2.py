"""The tables of Code4Me's second generation (arXiv 2510.03755), each exported as a CSV file with a header.

In psql: `\\copy meta_query TO 'meta_query.csv' CSV HEADER`, and so on for the tables below; in the server's first
months `meta_query` was `query`, and both telemetry tables were one. Its ground truths carry no offsets, exist
for accepted suggestions only, and are missing where the code was deleted.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.telemetry.record import Candidate, Decision, Generation, GroundTruth, Outcome, Record, Request, Result
from lsp_server.telemetry.sources.recorded import Recorded, language_id, trigger_of

Row = Mapping[str, str]

_QUERIES = ("meta_query", "query")
_KEYS = {"man": True, "manual": True}


def has_tables(folder: Path) -> bool:
    """Whether a folder holds such tables."""
    return (folder / "had_generation.csv").is_file()


def read_tables(folder: Path) -> Iterator[Recorded]:
    """One record a query, by time. Raises `UserError` where the table of queries is missing or a number is none."""
    queries = next((rows for name in _QUERIES if (rows := _table(folder, name))), [])
    if not queries:
        raise UserError(f"{folder} has no meta_query.csv", "Export it with \\copy meta_query TO ... CSV HEADER.")
    contexts = _by(folder, "context", "context_id")
    telemetry = {
        **_by(folder, "telemetry", "telemetry_id"),
        **_by(folder, "contextual_telemetry", "contextual_telemetry_id"),
    }
    behaviour = _by(folder, "behavioral_telemetry", "behavioral_telemetry_id")
    models = _names(folder, "model_name", "model_id", "model_name")
    languages = _names(folder, "programming_language", "language_id", "language_name")
    triggers = _names(folder, "trigger_type", "trigger_type_id", "trigger_type_name")
    versions = _names(folder, "plugin_version", "version_id", "ide_type")
    generations = _grouped(folder, "had_generation")
    truths = _grouped(folder, "ground_truth")
    for query in sorted(queries, key=lambda row: (_time(row.get("timestamp")), _key(row))):
        key = _key(query)
        context = contexts.get(query.get("context_id", ""), {})
        measured = {
            **telemetry.get(query.get("telemetry_id", "") or query.get("contextual_telemetry_id", ""), {}),
            **behaviour.get(query.get("behavioral_telemetry_id", ""), {}),
            **context,
        }
        by_key = triggers.get(measured.get("trigger_type_id", ""), "") in _KEYS
        request = _request(query, measured, by_key, languages, versions)
        yield _recorded(key, query, request, generations.get(key, []), truths.get(key, []), models)


def _request(
    query: Row, measured: Row, by_key: bool, languages: Mapping[str, str], versions: Mapping[str, str]
) -> Request:
    kind, point = trigger_of(None, by_key=by_key)
    prefix, suffix = measured.get("prefix") or None, measured.get("suffix") or ""
    speed = _number(measured.get("typing_speed"))
    return Request(
        user=query.get("user_id", ""),
        language=language_id(languages.get(measured.get("language_id", ""), "")),
        editor=versions.get(measured.get("version_id", ""), ""),
        trigger="invoked" if by_key else "automatic",
        trigger_kind=kind,
        trigger_point=point,
        document_chars=_whole(measured.get("document_char_length")),
        prefix_chars=None if prefix is None else len(prefix),
        suffix_chars=None if prefix is None else len(suffix),
        since_shown_ms=_number(measured.get("time_since_last_shown") or measured.get("time_since_last_completion")),
        since_accepted_ms=_number(measured.get("time_since_last_accepted")),
        typing_chars_per_s=None if speed is None else speed / 60,
        prefix=prefix,
        suffix=None if prefix is None else suffix,
    )


def _recorded(
    key: str, query: Row, request: Request, said: list[Row], later: list[Row], models: Mapping[str, str]
) -> Recorded:
    time = _time(query.get("timestamp"))
    generations = tuple(_generation(row, models, _number(query.get("total_serving_time"))) for row in said)
    accepted = next((row for row in said if row.get("was_accepted", "")[:1].lower() == "t"), None)
    offered = [candidate for generation in generations for candidate in generation.candidates if candidate.id]
    if accepted is not None:
        text = accepted.get("completion", "")
        outcome = Outcome("accepted", "client", candidate=_candidate_id(accepted, models), accepted_chars=len(text))
    else:
        result: Result = "rejected" if offered and any(_shown(row) for row in said) else "not_shown"
        outcome = Outcome(result, "client" if offered else "none")
    truths = tuple(
        GroundTruth(
            after_s=round(_time(row.get("truth_timestamp")) - time, 1),
            state="valid",
            chars=len(row.get("ground_truth", "")),
            line=row.get("ground_truth", "").split("\n", 1)[0],
            text=row.get("ground_truth", ""),
        )
        for row in sorted(later, key=lambda row: _time(row.get("truth_timestamp")))
    )
    decision = Decision(source="model" if generations else "none", shown_to_client=outcome.result != "not_shown")
    has_code = request.prefix is not None
    consent = "context" if has_code else "metrics"
    record = Record(key, time, consent, "code4me2", 1, request, decision, generations, outcome, truths, finished=True)
    if request.prefix is None or request.suffix is None:
        return Recorded(record, None)
    expected = next((truth.line for truth in truths if truth.line), "")
    return Recorded(record, Case(key, request.language, expected, request.prefix, request.suffix))


def _generation(row: Row, models: Mapping[str, str], total_ms: float | None) -> Generation:
    text = row.get("completion", "")
    has_text = bool(text.strip())
    stages = {} if total_ms is None else {"total": total_ms}
    if (decoding := _number(row.get("generation_time"))) is not None:
        stages["decode"] = decoding
    candidate = Candidate(
        id=_candidate_id(row, models) if has_text else "",
        text=text,
        suggestion=text if has_text else None,
        chars=len(text),
        suggestion_chars=len(text) if has_text else None,
        suggestion_lines=text.count("\n") + 1 if has_text else None,
        # Their confidence is of a distribution that was sharpened first: it is no probability, so it is left out.
    )
    return Generation(model=_model(row, models), stages_ms=stages, candidates=(candidate,))


def _model(row: Row, models: Mapping[str, str]) -> str:
    return models.get(row.get("model_id", ""), f"model {row.get('model_id', '')}")


def _candidate_id(row: Row, models: Mapping[str, str]) -> str:
    return f"{_model(row, models)}:0"


def _shown(row: Row) -> bool:
    return row.get("shown_at", "{}").strip("{} ") != ""


def _key(row: Row) -> str:
    return row.get("meta_query_id") or row.get("query_id") or ""


def _table(folder: Path, name: str) -> list[Row]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        return []
    csv.field_size_limit(sys.maxsize)  # a prefix is longer than the library's default
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(file)]
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{path} cannot be read: {error}", "Export it anew, in UTF-8.") from error


def _by(folder: Path, name: str, key: str) -> dict[str, Row]:
    return {found: row for row in _table(folder, name) if (found := row.get(key) or row.get(f"{name}_id"))}


def _names(folder: Path, table: str, key: str, name: str) -> dict[str, str]:
    return {row.get(key, ""): row.get(name, "") for row in _table(folder, table)}


def _grouped(folder: Path, name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in _table(folder, name):
        groups.setdefault(_key(row), []).append(row)
    return groups


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError as error:
        raise UserError(f"{text!r} is no number", "Export the tables anew.") from error
    # PostgreSQL writes NaN and Infinity, which no record can hold.
    return number if number is not None and isfinite(number) else None


def _whole(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def _time(text: str | None) -> float:
    """Unix seconds of a PostgreSQL time stamp; the beginning of time where there is none."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
