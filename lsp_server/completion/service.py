"""What a completion request goes through, from the cursor to suggestions. Start reading here.

Plain and synchronous: the editor's server calls it on the model's thread, the command line and the evaluation on their
own.
"""

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_hex
from time import monotonic, perf_counter
from typing import Protocol

from lsp_server.completion.cache import SuggestionCache
from lsp_server.completion.extent import decide_extent, stop_rule_for
from lsp_server.completion.postprocess import Postprocessed, postprocess
from lsp_server.completion.request import CompletionRequest, CompletionResult, Extent, Suggestion, Written
from lsp_server.languages import language_for
from lsp_server.languages.parsing import IncrementalParser
from lsp_server.languages.structure import Structure, structure_at
from lsp_server.settings import MonitoringSettings, Settings
from models import NEVER, Cancellation, Candidate, DecodingParameters, Generation, Generator, Guide, Prompt, Snippet
from monitors import Finding


class Context(Protocol):
    """Finds pieces of other files that may help at a cursor."""

    def snippets(self, request: CompletionRequest, budget_chars: int, *, refresh: bool = False) -> Sequence[Snippet]:
        """The most helpful last, within `budget_chars`. `refresh`: nobody waits, so they may be chosen anew."""
        ...


class _NoContext:
    def snippets(self, request: CompletionRequest, budget_chars: int, *, refresh: bool = False) -> Sequence[Snippet]:
        return ()


no_context: Context = _NoContext()
"""For callers without a workspace."""


class Watched(Guide, Protocol):
    """A guide that keeps a record."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What became of every place where a monitor looked."""
        ...


class Monitors(Protocol):
    """Makes guides from static analysis."""

    def guide(self, request: CompletionRequest, settings: MonitoringSettings, until: float) -> Watched | None:
        """The guide of a generation that ends at `until` (a `time.monotonic()`); `None` where there is nothing to
        watch. Returns at once; analysis has begun."""
        ...


class _NoMonitors:
    def guide(self, request: CompletionRequest, settings: MonitoringSettings, until: float) -> Watched | None:
        return None


no_monitors: Monitors = _NoMonitors()
"""For callers that do without static analysis."""


class CompletionService:
    """The pipeline and what it remembers between requests: earlier answers, and the last syntax tree."""

    def __init__(
        self, context: Context = no_context, cache: SuggestionCache | None = None, monitors: Monitors = no_monitors
    ) -> None:
        """Without a `cache` every request is worked out anew."""
        self._context = context
        self._cache = cache
        self._monitors = monitors
        self._parser = IncrementalParser()

    def complete(
        self,
        request: CompletionRequest,
        generator: Generator,
        settings: Settings,
        *,
        cancellation: Cancellation = NEVER,
    ) -> CompletionResult:
        """Suggestions for a cursor, best first. Blocking. Raises `Cancelled` and `ModelError`."""
        start = perf_counter()
        if cached := self.from_cache(request, settings, generator.name):
            return cached
        if reason := _not_worth_asking(request):
            return CompletionResult((), model=generator.name, reason=reason)
        until = monotonic() + _max_time_ms(request, settings) / 1000
        guide = self._monitors.guide(request, settings.monitors, until)  # it analyses while the model reads
        structure = self._look(request)
        extent = decide_extent(request, structure).extent
        prompt = self._prompt(request, settings)
        context_ms = _since(start)
        parameters = _parameters(request, extent, settings)

        generation = generator.generate(
            prompt,
            parameters,
            stop=stop_rule_for(request, extent, structure.language),
            guide=guide,
            cancellation=cancellation,
        )

        polishing = perf_counter()
        processed = postprocess(generation.candidates, request, extent, structure)
        suggestions = _suggestions(processed, generation.candidates)
        shown = _sure_enough(suggestions, request, settings)
        self._remember(request, settings, generator.name, shown, generation.candidates)
        stages = {"context": context_ms, "postprocess": _since(polishing), "total": _since(start)}
        reason = _reason(shown, suggestions, processed)
        result = _result(request, extent, generator.name, shown, reason, generation, stages)
        made = _made(processed, suggestions)
        return replace(
            result,
            written=Written(generation, parameters, generator.fingerprint, made),
            findings=guide.findings if guide is not None else (),
        )

    def from_cache(self, request: CompletionRequest, settings: Settings, model: str) -> CompletionResult | None:
        """What is left of an earlier answer, at the cost of a few look-ups; `None` if the model must be asked."""
        hit = self._cache.get(request, _variant(request, settings, model)) if self._cache is not None else None
        if hit is None:
            return None
        reason = "" if hit.suggestions else "nothing_before"
        return CompletionResult(hit.suggestions, model=model, source="cache", reason=reason)

    def warm(
        self,
        request: CompletionRequest,
        generator: Generator,
        settings: Settings,
        *,
        cancellation: Cancellation = NEVER,
    ) -> None:
        """Let the model read what `request` would make it read. Blocking. Raises `Cancelled` and `ModelError`."""
        if not _not_worth_asking(request):
            generator.warm(self._prompt(request, settings, refresh=True), cancellation)

    def _look(self, request: CompletionRequest) -> Structure:
        return structure_at(request.prefix, request.suffix, language_for(request.language), self._parser)

    def _prompt(self, request: CompletionRequest, settings: Settings, *, refresh: bool = False) -> Prompt:
        context = settings.context
        found = self._context.snippets(request, context.max_chars, refresh=refresh) if context.cross_file else ()
        repository = request.root.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return Prompt(request.prefix, request.suffix, request.path, repository, tuple(found))

    def _remember(
        self,
        request: CompletionRequest,
        settings: Settings,
        model: str,
        suggestions: tuple[Suggestion, ...],
        candidates: Sequence[Candidate],
    ) -> None:
        """Keep an answer for the same question; what a key press brought also serves whoever types on afterwards.

        Whoever asks again may get more of an answer that ran out of time: nothing, or less than a key press asks for,
        is not kept.
        """
        if self._cache is None:
            return
        invoked = request.trigger == "invoked"
        out_of_time = not candidates or any(candidate.finish_reason == "time" for candidate in candidates)
        if not out_of_time or (suggestions and not invoked):
            self._cache.put(request, suggestions, _variant(request, settings, model))
        if invoked and suggestions:
            automatic = replace(request, trigger="automatic")
            self._cache.put(automatic, suggestions[:1], _variant(automatic, settings, model))


def after_accepting(request: CompletionRequest, suggestion: Suggestion) -> CompletionRequest:
    """The automatic request that follows if a suggestion is accepted whole."""
    return replace(
        request,
        prefix=request.prefix + suggestion.text,
        suffix=request.suffix[suggestion.replace_after :],
        version=None,
        trigger="automatic",
        trigger_point="",
        candidates=1,
    )


def _not_worth_asking(request: CompletionRequest) -> str:
    """Why the model is not asked; empty if it is."""
    if "\0" in request.prefix or "\0" in request.suffix:
        return "binary"
    if request.trigger == "automatic" and not request.prefix.strip():
        return "nothing_before_cursor"
    return ""


def _parameters(request: CompletionRequest, extent: Extent, settings: Settings) -> DecodingParameters:
    completion = settings.completion
    max_tokens = completion.max_line_tokens if extent == "line" else completion.max_block_tokens
    return DecodingParameters(
        max_tokens=max_tokens if request.max_tokens is None else request.max_tokens,
        max_time_ms=_max_time_ms(request, settings),
        candidates=request.candidates,
        single_line=extent == "line",
        hurried=request.hurried,
    )


def _max_time_ms(request: CompletionRequest, settings: Settings) -> float:
    completion = settings.completion
    usual = completion.max_automatic_time_ms if request.trigger == "automatic" else completion.max_invoked_time_ms
    return usual if request.max_time_ms is None else request.max_time_ms


def _suggestions(processed: Postprocessed, candidates: Sequence[Candidate]) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(
            id=token_hex(8),
            text=kept.text,
            replace_after=kept.replace_after,
            confidence=candidates[kept.index].confidence,
            min_confidence=candidates[kept.index].min_confidence,
            tokens=len(candidates[kept.index].token_ids),
            finish_reason=candidates[kept.index].finish_reason,
        )
        for kept in processed.kept
    )


def _made(processed: Postprocessed, suggestions: tuple[Suggestion, ...]) -> tuple[Suggestion | str, ...]:
    """What became of each candidate, in their order."""
    kept = zip((kept.index for kept in processed.kept), suggestions, strict=True)
    dropped = ((dropped.index, dropped.reason) for dropped in processed.dropped)
    made: dict[int, Suggestion | str] = {**dict(kept), **dict(dropped)}
    return tuple(made[index] for index in sorted(made))


def _sure_enough(
    suggestions: tuple[Suggestion, ...], request: CompletionRequest, settings: Settings
) -> tuple[Suggestion, ...]:
    """Unasked, only what the model is sure enough of; a suggestion whose confidence is unknown is shown."""
    if request.trigger == "invoked":
        return suggestions
    least = settings.completion.min_confidence
    return tuple(s for s in suggestions if s.confidence is None or s.confidence >= least)


def _reason(shown: Sequence[Suggestion], suggestions: Sequence[Suggestion], processed: Postprocessed) -> str:
    """Why nothing is shown; empty where something is."""
    if shown:
        return ""
    if suggestions:
        return "unsure"
    return processed.dropped[0].reason if processed.dropped else "empty"


def _result(
    request: CompletionRequest,
    extent: Extent,
    model: str,
    suggestions: tuple[Suggestion, ...],
    reason: str,
    generation: Generation,
    stages: dict[str, float],
) -> CompletionResult:
    timings = generation.timings_ms
    model_stages = {"prompt": timings.prompt, "prefill": timings.prefill, "decode": timings.decode}
    return CompletionResult(
        suggestions=suggestions[: request.candidates],
        model=model,
        extent=extent,
        source="model" if suggestions else "none",
        reason=reason,
        timings_ms={"context": stages["context"], **model_stages, **stages},
        prompt_tokens=generation.prompt_tokens,
        reused_tokens=generation.reused_tokens,
        interventions=generation.interventions,
    )


def _variant(request: CompletionRequest, settings: Settings, model: str) -> str:
    """What an answer depends on besides the text around the cursor."""
    said = (settings.completion, settings.context, settings.monitors)
    return f"{model} {request.trigger} {request.extent} {request.max_tokens} {said}"


def _since(start: float) -> float:
    return (perf_counter() - start) * 1000
