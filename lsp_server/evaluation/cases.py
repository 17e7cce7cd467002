"""Cases and predictions as JSON Lines, read with errors that say which line of which file is wrong and why."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError


@dataclass(frozen=True)
class Case:
    """A place in a document and what really stands there."""

    id: str
    language: str
    """As the file spells it; reports group by it."""
    expected: str
    """The rest of the line, or whatever is to be predicted; never blank."""
    prefix: str = ""
    suffix: str = ""
    root: str = ""
    """Folder of the project to analyse; empty without one."""
    path: str = ""
    """Path of the document relative to `root`, with forward slashes."""
    trigger: str = ""
    """The trigger point, as the Code4Me study names them."""

    @property
    def content_hash(self) -> str:
        """Changes with anything that a prediction may depend on, or be compared with."""
        parts = (self.id, self.language, self.prefix, self.suffix, self.expected, self.root, self.path, self.trigger)
        return sha256(json.dumps(parts).encode()).hexdigest()[:16]


UNNAMED = ""
"""Stands for the model where a file names none."""


@dataclass(frozen=True)
class PredictedCase:
    """A case with what one or several models said."""

    case: Case
    predictions: Mapping[str, str]
    """Text by model; a model that is missing said nothing."""


def read_completion_cases(path: Path) -> list[Case]:
    """Cases of `dragoman evaluate completion`: id, language, prefix, suffix, expected; root, path, trigger if there.

    Other fields are ignored. Raises `UserError` that names the line of the first fault, or of the second use of an id.
    """
    return [case for case, _ in _cases(path, required=("prefix", "suffix"))]


def read_predictions(path: Path) -> list[PredictedCase]:
    """Lines of `dragoman score`: id, language, expected, and `prediction` (one text) or `predictions` (text by model).

    `null` is an empty prediction. `prefix` and `suffix` are read where they are there. Raises `UserError` as above.
    """
    predicted: list[PredictedCase] = []
    for case, (number, record) in _cases(path, required=()):
        predictions = _predictions_of(record, f"{path}:{number}")
        if predicted and (UNNAMED in predictions) != (UNNAMED in predicted[0].predictions):
            raise UserError(f"{path}:{number}: only some lines have `predictions`", _PREDICTION_FORMAT)
        predicted.append(PredictedCase(case, predictions))
    return predicted


def _predictions_of(record: Mapping[str, Any], where: str) -> dict[str, str]:
    given = record["predictions"] if "predictions" in record else {UNNAMED: record.get("prediction", ...)}
    if given == {UNNAMED: ...}:
        raise UserError(f"{where}: neither `prediction` nor `predictions` is there", _PREDICTION_FORMAT)
    if not isinstance(given, dict) or not given:
        raise UserError(f"{where}: `predictions` is not an object of texts by model", _PREDICTION_FORMAT)
    for model, text in given.items():
        if text is not None and not isinstance(text, str):
            field = f"predictions.{model}" if model else "prediction"
            raise UserError(f"{where}: `{field}` is {_json_type(text)}, not a string", _PREDICTION_FORMAT)
    return {model: text or "" for model, text in given.items()}


_PREDICTION_FORMAT = 'Each line is {"id", "language", "expected", "prediction"}, or has {"predictions": {model: text}}.'
_CASE_FORMAT = 'Each line is {"id", "language", "prefix", "suffix", "expected", "root"?, "path"?, "trigger"?}.'


def _cases(path: Path, required: tuple[str, ...]) -> Iterator[tuple[Case, tuple[int, Mapping[str, Any]]]]:
    hint = _CASE_FORMAT if required else _PREDICTION_FORMAT
    first_use: dict[str, int] = {}
    for number, record in read_records(path):
        where = f"{path}:{number}"
        fields = {
            name: text_field(record, name, where, hint, needed=name in ("id", "language", "expected", *required))
            for name in ("id", "language", "expected", "prefix", "suffix", "root", "path", "trigger")
        }
        case = Case(**fields)
        if not case.expected.strip():
            raise UserError(f"{where}: `expected` is blank, so nothing could be right", "Leave such cases out.")
        if case.id in first_use:
            raise UserError(f"{where}: the id {case.id!r} was used on line {first_use[case.id]}", "Ids must differ.")
        first_use[case.id] = number
        yield case, (number, record)
    if not first_use:
        raise UserError(f"{path} holds no cases", hint)


def read_records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line number and object of every line that is not blank."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", "Give the path of a JSON Lines file.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise UserError(f"{path}:{number}: not UTF-8 at byte {error.start}", "Save the file as UTF-8.") from error
        except json.JSONDecodeError as error:
            hint = "Write one JSON object a line."
            raise UserError(f"{path}:{number}: not valid JSON: {error.msg} at column {error.colno}", hint) from error
        if not isinstance(record, dict):
            raise UserError(f"{path}:{number}: {_json_type(record)}, not an object", "Write one JSON object a line.")
        yield number, record


def text_field(record: Mapping[str, Any], name: str, where: str, hint: str, *, needed: bool) -> str:
    """The string under a name; empty where none is needed and none is there. Raises `UserError`."""
    value = record.get(name)
    if value is None:
        if needed:
            raise UserError(f"{where}: `{name}` is missing", hint)
        return ""
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise UserError(f"{where}: `{name}` is {_json_type(value)}, not a string", hint)
    return value


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    names = {"bool": "a boolean", "list": "a list", "dict": "an object", "str": "a string"}
    return names.get(type(value).__name__, "a number")
