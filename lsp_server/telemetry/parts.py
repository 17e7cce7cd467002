"""The parts of a record made from what the server has at hand: a request, an answer, a document.

Whatever is a name of somebody's choice is hashed here: documents, folders, models that are not of our catalog.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite

import models
from lsp_server.completion.request import CompletionRequest, CompletionResult, Suggestion, Written
from lsp_server.completion.trigger_point import WORDS
from lsp_server.documents import Document, key_of
from lsp_server.telemetry.identity import Pseudonyms
from lsp_server.telemetry.record import Candidate, Generation, Intervention, Request, TriggerPointKind
from lsp_server.telemetry.rhythm import Rhythm

CONTEXT_CHARS = 8_000
"""Of the text on each side of the cursor, at most so much is recorded: what the Code4Me study took."""
LINE_CHARS = 2_000
MARKS = frozenset(".+-*/%<>&|^=;,[]({})~:\"'`!?@#$\\_")
"""Characters that are named as they are."""


@dataclass(frozen=True)
class Origin:
    """What stays the same as long as a server runs."""

    user: str
    run: str
    editor: str
    server: str


def request_part(
    request: CompletionRequest,
    document: Document,
    channel: str,
    origin: Origin,
    names: Pseudonyms,
    rhythm: Rhythm,
) -> Request:
    """What was asked, at the document's cursor as it is now."""
    text, cursor = document.text, document.cursor
    line = text.line_of(cursor)
    start = text.line_start(line)
    before = text.slice(max(start, cursor - LINE_CHARS), cursor)
    after = text.slice(cursor, min(text.line_end(line), cursor + LINE_CHARS))
    typed, inserted = rhythm.take(document.uri)
    return Request(
        user=origin.user,
        run=origin.run,
        workspace=names.of("workspace", request.root),
        document=names.of("document", key_of(document.uri)),
        version=document.version,
        language=request.language or "other",
        editor=origin.editor,
        server=origin.server,
        channel="list" if channel == "list" else "inline",
        trigger=request.trigger,
        trigger_kind=_trigger_kind(request),
        trigger_point=request.trigger_point,
        line=line,
        column=cursor - start,
        offset=cursor,
        document_chars=len(text),
        prefix_chars=len(request.prefix),
        suffix_chars=len(request.suffix),
        line_after_chars=len(after.rstrip()),
        indent=len(before) - len(before.lstrip()),
        before=_kind(request.prefix[-1:]),
        before_visible=_kind(request.prefix[-LINE_CHARS:].rstrip()[-1:]),
        candidates=request.candidates,
        since_keystroke_ms=rhythm.since_ms("keystroke"),
        since_request_ms=rhythm.since_ms("request"),
        since_shown_ms=rhythm.since_ms("shown"),
        since_accepted_ms=rhythm.since_ms("accepted"),
        typing_chars_per_s=rhythm.chars_per_s(),
        typed_chars=typed,
        inserted_chars=inserted,
        prefix=request.prefix[-CONTEXT_CHARS:],
        suffix=request.suffix[:CONTEXT_CHARS],
    )


def generation_part(
    result: CompletionResult, written: Written, names: Pseudonyms, *, arm: str = "", shadow: bool = False
) -> Generation:
    """What a model wrote for a request."""
    generation, parameters = written.generation, written.parameters
    return Generation(
        arm=arm,
        shadow=shadow,
        model=model_name(result.model, names),
        fingerprint=_fingerprint(written.fingerprint, names),
        parameters={
            name: float(value)
            for name in ("max_tokens", "max_time_ms", "temperature", "top_p", "top_k", "seed", "candidates")
            if (value := getattr(parameters, name)) is not None
        }
        | {"heal": float(parameters.heal), "single_line": float(parameters.single_line)},
        extent=result.extent,
        prompt_tokens=generation.prompt_tokens,
        reused_tokens=generation.reused_tokens,
        forward_passes=generation.forward_passes,
        stages_ms=_stages(result),
        interventions=_interventions(result, written),
        candidates=tuple(
            _candidate_part(candidate, made)
            for candidate, made in zip(generation.candidates, written.made, strict=True)
        ),
    )


def _stages(result: CompletionResult) -> dict[str, float]:
    """Time by stage; that of the analysis runs beside the others."""
    stages = {stage: round(value, 3) for stage, value in result.timings_ms.items()}
    if result.findings:
        stages["analysis"] = round(max(finding.analysis_ms for finding in result.findings), 3)
    return stages


def _interventions(result: CompletionResult, written: Written) -> tuple[Intervention, ...]:
    """Each place where a monitor looked, and the sum. Reasons are left out: they may quote the code."""
    totals = written.generation.interventions
    if not result.findings and not (totals.constraints or totals.lifted):
        return ()
    places = (
        Intervention(
            monitor=finding.monitor,
            start=finding.start,
            outcome=finding.outcome,
            analysis_ms=round(finding.analysis_ms, 3),
            cached=finding.cached,
            names=finding.names or None,
        )
        for finding in result.findings
    )
    together = Intervention(
        monitor="all",
        constraints=totals.constraints,
        masked_steps=totals.masked_steps,
        changed_steps=totals.changed_steps,
        forced_tokens=totals.forced_tokens,
        rolled_back=totals.rolled_back,
        lifted=totals.lifted,
        timed_out=sum(finding.outcome == "late" for finding in result.findings),
    )
    return (*places, together)


def _candidate_part(candidate: models.Candidate, made: Suggestion | str) -> Candidate:
    kept = made if isinstance(made, Suggestion) else None
    return Candidate(
        id="" if kept is None else kept.id,
        text=candidate.text,
        suggestion=None if kept is None else kept.text,
        chars=len(candidate.text),
        suggestion_chars=None if kept is None else len(kept.text),
        suggestion_lines=None if kept is None else kept.text.count("\n") + 1,
        replace_after=0 if kept is None else kept.replace_after,
        dropped=made if isinstance(made, str) else "",
        finish_reason=candidate.finish_reason,
        tokens=len(candidate.token_ids) or len(candidate.logprobs) or None,
        logprobs=_logprobs(candidate.logprobs),
        confidence=_rounded(candidate.confidence),
        min_confidence=_rounded(candidate.min_confidence),
    )


def model_name(name: str, names: Pseudonyms) -> str:
    """The name of a model of our catalog; the pseudonym of any other."""
    return name if not name or is_known_model(name) else names.of("model", name)


def is_known_model(name: str) -> bool:
    """Whether a name is of our own catalog, and so says nothing of its user."""
    return name in _known_models()


@cache
def _known_models() -> frozenset[str]:
    from models.catalog.catalog import builtin_models

    return frozenset(builtin_models())


def _fingerprint(fingerprint: str, names: Pseudonyms) -> str:
    """A hash of weights as it is; what a remote server says of itself may hold its address."""
    return fingerprint if re.fullmatch(r"[0-9a-f]{16,128}", fingerprint) else names.of("fingerprint", fingerprint)


def _trigger_kind(request: CompletionRequest) -> TriggerPointKind:
    if request.trigger == "invoked":
        return "manual"
    if not request.trigger_point:
        return "idle"
    return "word" if request.trigger_point in WORDS else "character"


def _kind(character: str) -> str:
    if not character:
        return "none"
    if character in MARKS:
        return character
    if character == "\n":
        return "newline"
    if character.isspace():
        return "blank"
    return "letter" if character.isalpha() else "digit" if character.isdigit() else "other"


def _logprobs(logprobs: Sequence[float]) -> tuple[float, ...] | None:
    """`None` also where one is no number, as a remote server may say: JSON cannot tell it, and without it the others
    would belong to other tokens."""
    known = bool(logprobs) and all(map(isfinite, logprobs))
    return tuple(round(value, 5) for value in logprobs) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else round(value, 6)
