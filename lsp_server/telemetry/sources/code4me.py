"""Records of the first generation of Code4Me: one JSON file a completion, as both versions of its server wrote them.

Version 1 is `USER-TOKEN.json` and leaves out the code unless its user agreed; version 2 is `USER/TOKEN.json`. Neither
says what was shown for how long, which model's weights answered, or with which odds: that stays unknown. The users'
names in the files are random tokens already.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.telemetry.record import Consent, Decision, Generation, GroundTruth, Outcome, Record, Request, Result
from lsp_server.telemetry.sources.recorded import Recorded, generation_of, language_id, trigger_of

TRUTH_AFTER_S = 30.0
"""When the study's editors looked again."""
_RENAMED = {"CodeFill": "InCoder"}
"""Listed under this name for a while, although the other answered (the study's own script says so)."""


def is_record(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object looks like a record of either version."""
    return "completionTimestamp" in value or "leftContextLength" in value or {"prefix", "trigger", "ide"} <= set(value)


def read_folder(folder: Path) -> Iterator[Recorded]:
    """All records in `folder` and one level below, by name. What is no record is an error, what cannot be read too."""
    paths = sorted([*folder.glob("*.json"), *folder.glob("*/*.json")])
    if not paths:
        raise UserError(f"{folder} holds no Code4Me records", "Its files are named USER-TOKEN.json or USER/TOKEN.json.")
    for path in paths:
        try:
            value = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise UserError(f"{path} is not valid JSON", "Move it out of the folder.") from error
        if not isinstance(value, dict) or not is_record(value):
            raise UserError(f"{path} is no Code4Me record", "Move it out of the folder.")
        if path.parent == folder:
            user, _, token = path.stem.partition("-")
        else:
            user, token = path.parent.name, path.stem
        yield read_object(value, token or path.stem, user)


def read_object(value: Mapping[str, Any], token: str, user: str) -> Recorded:
    """One record of either version. What has the wrong type counts as unknown."""
    if "prefix" in value:
        return _version_2(value, token, user)
    return _version_1(value, token, user)


def _version_1(value: Mapping[str, Any], token: str, user: str) -> Recorded:
    prefix, suffix = _text(value, "leftContext"), _text(value, "rightContext")
    kind, point = trigger_of(_text(value, "triggerPoint"), by_key=value.get("keybind") is True)
    request = Request(
        user=user,
        language=language_id(_text(value, "language") or ""),
        editor=_text(value, "ide") or "",
        trigger="invoked" if kind == "manual" else "automatic",
        trigger_kind=kind,
        trigger_point=point,
        prefix_chars=_count(value, "leftContextLength"),
        suffix_chars=_count(value, "rightContextLength"),
        prefix=prefix,
        suffix=suffix,
    )
    said = value.get("modelPredictions")
    if not isinstance(said, dict):  # the oldest records name one model
        said = {str(value.get("model", "unknown")): value.get("predictions", [])}
    total = _number(value, "inferenceTime")
    generations = tuple(
        generation_of(_RENAMED.get(model, model), _texts(texts), total_ms=total) for model, texts in said.items()
    )
    asked_back = "groundTruth" in value
    outcome = _outcome(generations, _text(value, "chosenPrediction"), known=asked_back)
    truth = _text(value, "groundTruth")
    time = _time(value.get("completionTimestamp"))
    consent: Consent = "metrics" if prefix is None else "context"
    return _recorded(f"{user}-{token}", time, consent, request, generations, outcome, truth)


def _version_2(value: Mapping[str, Any], token: str, user: str) -> Recorded:
    prefix, suffix = _text(value, "prefix") or "", _text(value, "suffix") or ""
    by_key = value.get("trigger") == "manual"
    kind, point = trigger_of(None, by_key=by_key)
    since = _number(value, "time_since_last_completion")
    request = Request(
        user=user,
        language=language_id(_text(value, "language") or ""),
        editor=_text(value, "ide") or "",
        trigger="invoked" if by_key else "automatic",
        trigger_kind=kind,
        trigger_point=point,
        prefix_chars=len(prefix),
        suffix_chars=len(suffix),
        since_request_ms=None if since is None else since * 1000,
        prefix=prefix,
        suffix=suffix,
    )
    said = value.get("predictions")
    total = _number(value, "predict_time")
    generations = tuple(
        generation_of(model, _texts([text]), total_ms=total)
        for model, text in (said.items() if isinstance(said, dict) else ())
    )
    chosen_model = _text(value, "chosen_model")
    chosen = next((g.candidates[0].text for g in generations if g.model == chosen_model and g.candidates), None)
    shown = value.get("shown_times")
    filtered = value.get("should_filter") is True and not by_key
    known = "verifyToken" in value or bool(shown)
    outcome = Outcome("not_shown") if filtered else _outcome(generations, chosen, known=known)
    decision = Decision(
        source="model" if generations else "none",
        shown_to_client=outcome.result != "not_shown",
        reason="filtered" if filtered else "",
        filter=_text(value, "filter_type") or "",
    )
    return _recorded(
        f"{user}-{token}",
        _time(value.get("timestamp")),
        "context",
        request,
        generations,
        outcome,
        _text(value, "ground_truth"),
        decision,
    )


def _recorded(
    key: str,
    time: float,
    consent: Consent,
    request: Request,
    generations: tuple[Generation, ...],
    outcome: Outcome,
    truth: str | None,
    decision: Decision | None = None,
) -> Recorded:
    truths = () if truth is None else (GroundTruth(TRUTH_AFTER_S, state="valid", chars=len(truth), line=truth),)
    shown = Decision(source="model", shown_to_client=outcome.result != "not_shown")
    record = Record(
        key, time, consent, "code4me", 1, request, decision or shown, generations, outcome, truths, finished=True
    )
    if request.prefix is None or request.suffix is None:
        return Recorded(record, None)
    case = Case(key, request.language, truth or "", request.prefix, request.suffix, trigger=request.trigger_point)
    return Recorded(record, case)


def _outcome(generations: tuple[Generation, ...], chosen: str | None, *, known: bool) -> Outcome:
    offered = [c for g in generations for c in g.candidates if c.suggestion]
    result: Result = "not_shown" if not offered else "rejected" if known else "unknown"
    if chosen and chosen.strip():
        # What came back may differ from what was sent in the blanks around it.
        same = [c for c in offered if c.text is not None and c.text.strip() == chosen.strip()]
        key = next((c.id for c in same if c.text == chosen), same[0].id if same else "")
        return Outcome("accepted", "client", candidate=key, accepted_chars=len(chosen))
    return Outcome(result, "client" if known else "none")


def _text(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _number(value: Mapping[str, Any], name: str) -> float | None:
    found = value.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool):
        return None
    try:
        return float(found) if isfinite(found) else None
    except OverflowError:  # Python reads whole numbers of any length
        return None


def _count(value: Mapping[str, Any], name: str) -> int | None:
    found = _number(value, name)
    return None if found is None else int(found)


def _time(value: Any) -> float:
    """Unix seconds; times without a zone are taken as UTC, unreadable ones as the beginning of time."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
