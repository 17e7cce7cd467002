"""What the show filter looks at: the features of the Code4Me filter study (de Moor et al., AIware 2024), and how sure
the model is.

One function serves training and serving, so that the two cannot drift apart; it reads records as they are kept under
`metrics`.
"""

import math

from lsp_server.languages.table import LANGUAGES
from lsp_server.telemetry.parts import MARKS
from lsp_server.telemetry.record import Candidate, Record

KINDS = (*sorted(MARKS), "letter", "digit", "blank", "newline", "other", "none")
_LANGUAGES = tuple(language.id for language in LANGUAGES)

_NUMBERS = (
    "log_since_request",
    "log_since_keystroke",
    "log_since_accepted",
    "typing_chars_per_s",
    "log_document",
    "log_offset",
    "offset_share",
    "log_column",
    "log_line_after",
    "at_line_end",
    "log_indent",
    "by_word",
    "by_character",
    "confidence",
    "min_confidence",
    "confidence_unknown",
    "log_suggestion",
    "log_tokens",
    "several_lines",
    "replaces",
    "ended_by_budget",
)
NAMES = (
    *_NUMBERS,
    *(f"language={language}" for language in _LANGUAGES),
    *(f"before={kind}" for kind in KINDS),
    *(f"before_visible={kind}" for kind in KINDS),
)
"""The features in their order."""


def suggestion_of(record: Record) -> Candidate | None:
    """The suggestion that a record is about: the first that was made."""
    for generation in record.generations:
        if not generation.shadow:
            return next((candidate for candidate in generation.candidates if candidate.id), None)
    return None


def features(record: Record) -> list[float] | None:
    """The numbers for `NAMES`; `None` of a record without a suggestion."""
    candidate = suggestion_of(record)
    if candidate is None:
        return None
    request = record.request
    offset, size = request.offset or 0, request.document_chars or 0
    numbers = (
        _log(request.since_request_ms, 60_000),
        _log(request.since_keystroke_ms, 60_000),
        _log(request.since_accepted_ms, 600_000),
        request.typing_chars_per_s or 0.0,
        _log(size),
        _log(offset),
        offset / size if size else 0.0,
        _log(request.column),
        _log(request.line_after_chars),
        float(not request.line_after_chars),
        _log(request.indent),
        float(request.trigger_kind == "word"),
        float(request.trigger_kind == "character"),
        candidate.confidence if candidate.confidence is not None else 0.5,
        candidate.min_confidence if candidate.min_confidence is not None else 0.5,
        float(candidate.confidence is None),
        _log(candidate.suggestion_chars),
        _log(candidate.tokens),
        float((candidate.suggestion_lines or 1) > 1),
        float(candidate.replace_after > 0),
        float(candidate.finish_reason in ("length", "time")),
    )
    return [
        *numbers,
        *(float(request.language == language) for language in _LANGUAGES),
        *(float(request.before == kind) for kind in KINDS),
        *(float(request.before_visible == kind) for kind in KINDS),
    ]


def _log(value: float | None, missing: float = 0.0) -> float:
    return math.log1p(max(missing if value is None else value, 0.0))
