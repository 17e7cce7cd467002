"""JSON Lines of every kind that we know: the first line tells which."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import UNNAMED, read_completion_cases, read_predictions
from lsp_server.telemetry.record import GroundTruth, Outcome, Record, Request
from lsp_server.telemetry.serial import RecordError, from_json
from lsp_server.telemetry.sources import code4me
from lsp_server.telemetry.sources.recorded import Recorded, generation_of, language_id, recorded, trigger_of

_HINT = "It holds one JSON object a line: exported records, evaluation cases, predictions, or Code4Me's records."


def read_lines(path: Path) -> Iterator[Recorded]:
    """All records of a JSON Lines file. Raises `UserError` that names the line of the first fault."""
    first = next(_objects(path), None)
    if first is None:
        raise UserError(f"{path} holds no records", _HINT)
    number, line, value = first
    if "schema" in value:
        return _exported(path)
    if "expected" in value:
        return _predicted(path) if "predictions" in value or "prediction" in value else _cases(path)
    if code4me.is_record(value):
        return (code4me.read_object(value, f"{path.stem}-{number}", "") for number, _, value in _objects(path))
    text = line.decode("utf-8-sig").strip()[:80]
    raise UserError(
        f"{path}:{number}: nobody knows what {text} is: it has neither `schema`, as exported records have, nor"
        " `expected`, as cases and predictions have, nor the fields of Code4Me's records",
        _HINT,
    )


def _exported(path: Path) -> Iterator[Recorded]:
    for number, line, _ in _objects(path):
        try:
            yield recorded(from_json(line))
        except RecordError as error:
            raise UserError(f"{path}:{number}: {error.message}", error.hint) from error


def _cases(path: Path) -> Iterator[Recorded]:
    for case in read_completion_cases(path):
        kind, point = trigger_of(case.trigger)
        request = Request(
            language=language_id(case.language),
            trigger_kind=kind,
            trigger_point=point,
            prefix=case.prefix,
            suffix=case.suffix,
            prefix_chars=len(case.prefix),
            suffix_chars=len(case.suffix),
        )
        truth = GroundTruth(0.0, state="valid", taken_s=0.0, chars=len(case.expected), line=case.expected)
        record = Record(case.id, 0.0, "context", "evaluation", request=request, truths=(truth,), finished=True)
        yield Recorded(record, case)


def _predicted(path: Path) -> Iterator[Recorded]:
    """Cases with what models said of them; without code around the cursor they can be reported on but not replayed."""
    for predicted in read_predictions(path):
        case = predicted.case
        has_code = bool(case.prefix or case.suffix)
        kind, point = trigger_of(case.trigger)
        request = Request(
            language=language_id(case.language),
            trigger_kind=kind,
            trigger_point=point,
            prefix=case.prefix if has_code else None,
            suffix=case.suffix if has_code else None,
        )
        truth = GroundTruth(0.0, state="valid", taken_s=0.0, chars=len(case.expected), line=case.expected)
        generations = tuple(
            generation_of(path.stem if model == UNNAMED else model, [text])
            for model, text in predicted.predictions.items()
        )
        record = Record(case.id, 0.0, "context", "evaluation", request=request, truths=(truth,), finished=True)
        record = replace(record, generations=generations, outcome=Outcome("not_shown"))
        yield Recorded(record, case if has_code else None)


def _objects(path: Path) -> Iterator[tuple[int, bytes, Mapping[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line.decode("utf-8-sig"))
            except ValueError as error:
                raise UserError(f"{path}:{number}: not valid JSON", _HINT) from error
            if not isinstance(value, dict):
                raise UserError(f"{path}:{number}: not a JSON object", _HINT)
            yield number, line, value
