"""The host's line protocol: one JSON object a line, each way. Both ends import this, so it imports little.

To the host, first `{"configure": {...}}`, then requests `{"id", "question", "path", "language", "text", "offset",
"patience_ms"}`. From the host `{"id", "answer"}`, `{"id", "error"}` and, unasked, `{"status": {"analyser", "state",
"message"}}`.
"""

import json
from dataclasses import dataclass
from typing import Any

from monitors.analysis.analyser import Completions, Name, Parameter, Place, Precedent, Signature, Symbol
from monitors.errors import AnalysisFailed


@dataclass(frozen=True)
class Request:
    """One question on its way."""

    id: int
    question: str
    place: Place
    patience_ms: float = 2000.0
    """How long it is worth waiting in a queue before being answered with an error."""


def encode(message: dict[str, Any]) -> bytes:
    """One line, newline included. Lone surrogates survive as escapes."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object on a line; an empty one if it is none."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def request_message(request: Request) -> dict[str, Any]:
    place = request.place
    return {
        "id": request.id,
        "question": request.question,
        "path": place.path,
        "language": place.language,
        "text": place.text,
        "offset": place.offset,
        "patience_ms": request.patience_ms,
    }


def request_of(message: dict[str, Any]) -> Request:
    place = Place(message["path"], message["language"], message["text"], message["offset"])
    return Request(message["id"], message["question"], place, message["patience_ms"])


def pack(answer: Any) -> Any:
    """An answer as plain lists, names first: completion lists are long, so keys are left out."""
    if isinstance(answer, Completions):
        names = [[n.name, n.kind, n.detail] for n in answer.names]
        precedents = [[p.name, round(p.by_words, 4), round(p.by_line, 4)] for p in answer.precedents]
        return [names, answer.complete, answer.analyser, precedents]
    return [
        [[[p.name, p.kind, p.required] for p in item.parameters], item.label]
        if isinstance(item, Signature)
        else [item.name, item.kind, item.container]
        for item in answer
    ]


def unpack(question: str, packed: Any) -> Any:
    """The answer again. Raises `AnalysisFailed` if it does not have the shape that `question` has."""
    try:
        if question == "complete":
            names, complete, analyser, precedents = packed
            known = tuple(Precedent(*precedent) for precedent in precedents)
            return Completions(tuple(Name(*name) for name in names), complete, analyser, known)
        if question == "signatures":
            return tuple(Signature(tuple(Parameter(*p) for p in parameters), label) for parameters, label in packed)
        return tuple(Symbol(*symbol) for symbol in packed)
    except (TypeError, ValueError) as error:
        raise AnalysisFailed("the analysis host sent something unreadable") from error
