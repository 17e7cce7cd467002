"""The pipeline with a model that writes what it is told to."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from lsp_server.completion.cache import SuggestionCache
from lsp_server.completion.request import CompletionRequest, Trigger
from lsp_server.completion.service import CompletionService, after_accepting
from lsp_server.settings import CompletionSettings, ContextSettings, Settings
from models import (
    NEVER,
    Cancellation,
    Cancelled,
    Candidate,
    ChatPrompt,
    DecodingParameters,
    FinishReason,
    Generation,
    Guide,
    Prompt,
    Snippet,
    StopRule,
    Timings,
)

REQUEST = CompletionRequest("def area(self):\n    return ", "\n", "python", "shapes.py", "/projects/shop")


class Writer:
    """Writes the same texts every time, with the given probability of each token, and keeps what it was asked."""

    fingerprint = ""

    def __init__(
        self, *texts: str, logprob: float = -0.1, name: str = "writer", finish_reason: FinishReason = "stop"
    ) -> None:
        self.name = name
        self.finish_reason: FinishReason = finish_reason
        self.texts = texts
        self.logprob = logprob
        self.prompts: list[Prompt] = []
        self.parameters: list[DecodingParameters] = []
        self.warmed: list[Prompt] = []

    def generate(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation = NEVER,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        assert isinstance(prompt, Prompt) and stop is not None
        cancellation.raise_if_cancelled()
        self.prompts.append(prompt)
        self.parameters.append(parameters)
        cut = [text[: stop(text)] if stop(text) is not None else text for text in self.texts]
        candidates = tuple(Candidate(text, (7, 8), (self.logprob, self.logprob), self.finish_reason) for text in cut)
        return Generation(candidates[: parameters.candidates], 50, 40, 2, Timings(1, 2, 3))

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        self.warmed.append(prompt)

    def close(self) -> None: ...


class Shelf:
    """A context that always finds the same."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bool]] = []

    def snippets(self, request: CompletionRequest, budget_chars: int, *, refresh: bool = False) -> Sequence[Snippet]:
        self.asked.append((budget_chars, refresh))
        return [Snippet("other.py", "PI = 3")]


def test_from_the_cursor_to_a_suggestion() -> None:
    writer = Writer("self.side ** 2\nprint()")
    result = CompletionService().complete(REQUEST, writer, Settings())
    (suggestion,) = result.suggestions
    assert suggestion.text == "self.side ** 2"
    assert suggestion.confidence == pytest.approx(0.9048, abs=1e-4)
    assert (suggestion.tokens, suggestion.finish_reason) == (2, "stop")
    assert (result.model, result.extent, result.source, result.reason) == ("writer", "line", "model", "")
    assert (result.prompt_tokens, result.reused_tokens) == (50, 40)
    assert list(result.timings_ms) == ["context", "prompt", "prefill", "decode", "postprocess", "total"]
    assert result.timings_ms["prefill"] == 2
    assert writer.prompts == [Prompt(REQUEST.prefix, "\n", "shapes.py", "shop", ())]


def test_what_the_settings_decide() -> None:
    writer = Writer("x", "y", "z")
    completion = CompletionSettings(
        max_line_tokens=5, max_block_tokens=9, max_automatic_time_ms=100, max_invoked_time_ms=200
    )
    settings = Settings(completion=completion)
    service = CompletionService()
    service.complete(REQUEST, writer, settings)
    service.complete(replace(REQUEST, trigger="invoked", candidates=3), writer, settings)
    service.complete(replace(REQUEST, prefix="def area(self):\n    ", extent="block"), writer, settings)
    service.complete(replace(REQUEST, max_tokens=77, max_time_ms=5), writer, settings)
    assert [(p.max_tokens, p.max_time_ms, p.candidates, p.single_line) for p in writer.parameters] == [
        (5, 100, 1, True),
        (5, 200, 3, True),
        (9, 100, 1, False),
        (77, 5, 1, True),
    ]


def test_several_candidates_best_first_each_with_an_id() -> None:
    request = replace(REQUEST, trigger="invoked", candidates=3)
    result = CompletionService().complete(request, Writer("one", "two", "one", "three"), Settings())
    assert [suggestion.text for suggestion in result.suggestions] == ["one", "two"]
    assert len({suggestion.id for suggestion in result.suggestions}) == 2


@pytest.mark.parametrize(
    ("texts", "reason"), [((), "empty"), (("",), "empty"), (("   ",), "blank"), ((")",), "unbalanced")]
)
def test_why_nothing_is_shown(texts: tuple[str, ...], reason: str) -> None:
    result = CompletionService().complete(REQUEST, Writer(*texts), Settings())
    assert (result.suggestions, result.source, result.reason) == ((), "none", reason)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (replace(REQUEST, prefix="\0\1\2"), "binary"),
        (replace(REQUEST, suffix="text \0"), "binary"),
        (replace(REQUEST, prefix=" \n\n"), "nothing_before_cursor"),
    ],
)
def test_the_model_is_not_asked_for_everything(request_: CompletionRequest, reason: str) -> None:
    writer = Writer("text")
    service = CompletionService()
    assert service.complete(request_, writer, Settings()).reason == reason
    service.warm(request_, writer, Settings())
    assert writer.prompts == writer.warmed == []


def test_who_presses_a_key_in_an_empty_document_is_answered() -> None:
    request = replace(REQUEST, prefix="", suffix="", trigger="invoked")
    assert CompletionService().complete(request, Writer("import os"), Settings()).suggestions


def test_unsure_suggestions_are_held_back_only_while_typing() -> None:
    writer = Writer("perhaps", logprob=-2.0)
    settings = Settings(completion=CompletionSettings(min_confidence=0.5))
    service = CompletionService()
    result = service.complete(REQUEST, writer, settings)
    assert (result.suggestions, result.reason) == ((), "unsure")
    assert service.complete(replace(REQUEST, trigger="invoked"), writer, settings).suggestions


def test_the_context_is_read_unless_the_settings_forbid_it() -> None:
    shelf, writer = Shelf(), Writer("text")
    service = CompletionService(shelf)
    service.complete(REQUEST, writer, Settings(context=ContextSettings(max_chars=300)))
    service.warm(REQUEST, writer, Settings())
    service.complete(REQUEST, writer, Settings(context=ContextSettings(cross_file=False)))
    assert shelf.asked == [(300, False), (2000, True)]
    assert [prompt.snippets for prompt in (*writer.prompts, *writer.warmed)] == [
        (Snippet("other.py", "PI = 3"),),
        (),
        (Snippet("other.py", "PI = 3"),),
    ]


def test_an_answer_is_remembered_and_typed_through() -> None:
    writer = Writer("self.side ** 2")
    service = CompletionService(cache=SuggestionCache())
    first = service.complete(REQUEST, writer, Settings())
    typed = replace(REQUEST, prefix=REQUEST.prefix + "self.")
    again = service.complete(typed, writer, Settings())
    assert (again.source, again.suggestions[0].text) == ("cache", "side ** 2")
    assert again.suggestions[0].id == first.suggestions[0].id
    assert len(writer.prompts) == 1
    other = Writer("other", name="another-model")
    assert service.complete(typed, other, Settings()).suggestions[0].text == "other"
    more = Settings(completion=CompletionSettings(max_line_tokens=500))
    assert service.from_cache(REQUEST, more, "writer") is None, "another budget may give another answer"


def test_a_key_press_asks_anew_but_its_answer_serves_typing() -> None:
    writer = Writer("one", "two", "three")
    service = CompletionService(cache=SuggestionCache())
    service.complete(REQUEST, writer, Settings())
    invoked = replace(REQUEST, trigger="invoked", candidates=3)
    assert len(service.complete(invoked, writer, Settings()).suggestions) == 3
    assert len(writer.prompts) == 2
    typed = replace(REQUEST, prefix=REQUEST.prefix + "o")
    assert service.complete(typed, writer, Settings()).suggestions[0].text == "ne"
    assert len(writer.prompts) == 2


def test_that_nothing_was_worth_showing_is_remembered_too() -> None:
    writer = Writer("")
    service = CompletionService(cache=SuggestionCache())
    service.complete(REQUEST, writer, Settings())
    result = service.complete(REQUEST, writer, Settings())
    assert (result.source, result.suggestions, len(writer.prompts)) == ("cache", (), 1)


@pytest.mark.parametrize("texts", [(), ("",), (")",)])
@pytest.mark.parametrize("trigger", ["automatic", "invoked"])
def test_that_the_time_was_over_before_anything_was_written_is_not_remembered(
    texts: tuple[str, ...], trigger: Trigger
) -> None:
    request = replace(REQUEST, trigger=trigger)
    service = CompletionService(cache=SuggestionCache())
    assert not service.complete(request, Writer(*texts, finish_reason="time"), Settings()).suggestions
    result = service.complete(request, Writer("self.side ** 2"), Settings())
    assert (result.source, result.suggestions[0].text) == ("model", "self.side ** 2")


def test_what_the_time_cut_off_serves_typing_but_not_the_key() -> None:
    cut, whole = Writer("self.si", finish_reason="time"), Writer("self.side ** 2")
    service = CompletionService(cache=SuggestionCache())
    invoked = replace(REQUEST, trigger="invoked")
    service.complete(invoked, cut, Settings())
    assert service.complete(REQUEST, whole, Settings()).suggestions[0].text == "self.si"
    assert service.complete(invoked, whole, Settings()).suggestions[0].text == "self.side ** 2"


def test_a_cancelled_request_leaves_nothing_behind() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    service = CompletionService(cache=SuggestionCache())
    with pytest.raises(Cancelled):
        service.complete(REQUEST, Writer("text"), Settings(), cancellation=cancellation)
    assert service.from_cache(REQUEST, Settings(), "writer") is None


def test_what_follows_an_accepted_suggestion() -> None:
    request = replace(REQUEST, suffix=")\n", trigger="invoked", candidates=3, version=7)
    result = CompletionService().complete(replace(request, prefix="print("), Writer("a)"), Settings())
    following = after_accepting(
        replace(request, prefix="print("), replace(result.suggestions[0], text="a)", replace_after=1)
    )
    assert (following.prefix, following.suffix) == ("print(a)", "\n")
    assert (following.trigger, following.candidates, following.version) == ("automatic", 1, None)
