"""The real predictor: each case goes through the completion service, as if somebody had asked there by a key press.

A key press, because an automatic request may also be answered with silence (too short, too unsure): that is a choice
of when to show, not a prediction. What trims a text to its place (what stands after the cursor already, brackets that
close nothing, loops) belongs to the prediction. There is no cache, so that every case is worked out, and the only limit
in time is the evaluation's own, so that a slow machine gets the same figures.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionRequest
from lsp_server.completion.service import CompletionService
from lsp_server.documents import Text
from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.completion import Prediction, Predictor
from lsp_server.evaluation.scoring import Json
from lsp_server.settings import Settings, from_environment, from_user_file, merge
from models import Cancellation, Generator, Guide

GuideFor = Callable[[CompletionRequest], Guide | None]
"""Makes the guide of the chosen monitors for one request; `None` where they have nothing to say."""

AVAILABLE_MONITORS: tuple[str, ...] = ()
"""Monitors that `--monitors` may name."""

NO_LIMIT_MS = 86_400_000.0
"""A day: the service's own limits are for people who wait."""


def unguided(_: CompletionRequest) -> None:
    """The guide of no monitors."""


def predictor(generator: Generator, settings: Settings, guide_for: GuideFor = unguided) -> Predictor:
    """Answers cases with one candidate, up to the end of the line, by greedy decoding."""
    service = CompletionService()

    def predict(case: Case, cancellation: Cancellation) -> Prediction:
        request = request_of(case)
        result = service.complete(request, generator, settings, guide=guide_for(request), cancellation=cancellation)
        if not result.suggestions:
            return Prediction("", reason=result.reason, interventions=result.interventions)
        best = result.suggestions[0]
        return Prediction(
            # What is inserted *before* the rest of the line: the expected text does not hold what stands there already.
            text=best.text.removesuffix(request.suffix[: best.replace_after]),
            confidence=best.confidence,
            tokens=best.tokens,
            finish_reason=best.finish_reason,
            interventions=result.interventions,
        )

    return predict


def request_of(case: Case) -> CompletionRequest:
    """The request at the case's cursor, cut to the editor's windows; without a root the file stands alone."""
    source = Source(language_id=case.language, path=case.path, root=case.root)
    text = Text(case.prefix + case.suffix)
    request = request_at(text, len(case.prefix), source, trigger="invoked", extent="line")
    return replace(request, trigger_point=case.trigger.strip(), max_time_ms=NO_LIMIT_MS)


def configuration(generator: Generator, settings: Settings, monitors: Sequence[str]) -> Json:
    """All that decides a prediction besides its case; its hash keys the journal."""
    from importlib.metadata import version

    return {
        "model": generator.name,
        "fingerprint": generator.fingerprint,
        "device": settings.model.device,
        "parameters": {
            "trigger": "invoked",
            "extent": "line",
            "candidates": 1,
            "max_tokens": settings.completion.max_line_tokens,
            "temperature": 0.0,
            "token_healing": True,
            "cross_file_context": False,
        },
        "monitors": list(monitors),
        "dragoman": version("dragoman"),
    }


def evaluation_settings(model: str | None) -> Settings:
    """The user's own model, device and threads, and otherwise the defaults, so that figures compare between people.

    `model` takes the place of the user's.
    """
    merged = merge([from_environment(os.environ), from_user_file()[0]])
    own = merged.settings.model
    return Settings(model=own if model is None else replace(own, name=model))


def choose_monitors(names: str, available: Sequence[str] = AVAILABLE_MONITORS) -> tuple[str, ...]:
    """`none`, or names with commas between them. Raises `UserError` for one that does not exist."""
    if names.strip() == "none":
        return ()
    chosen = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    for name in chosen:
        if name not in available:
            known = ", ".join(available) or "there are none yet"
            raise UserError(f"there is no monitor {name!r}", f"Known monitors: {known}. `none` takes none.")
    return chosen
