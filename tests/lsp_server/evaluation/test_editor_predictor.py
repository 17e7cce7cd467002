"""Cases go the way of a key press, and what comes back is what stands before the rest of the line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.editor import (
    NO_LIMIT_MS,
    choose_monitors,
    configuration,
    evaluation_settings,
    predictor,
    request_of,
)
from lsp_server.settings import CompletionSettings, Settings
from models import NEVER, Cancellation, Cancelled, Candidate, DecodingParameters, Generation, Interventions, Prompt


@dataclass
class Scripted:
    """A generator that says one text and remembers what it was asked."""

    says: str
    name: str = "scripted"
    fingerprint: str = "f" * 64
    asked: list[tuple[Prompt, DecodingParameters]] = field(default_factory=list[tuple[Prompt, DecodingParameters]])

    def generate(
        self, prompt: Any, parameters: DecodingParameters, *, cancellation: Cancellation = NEVER, **_: Any
    ) -> Generation:
        cancellation.raise_if_cancelled()
        self.asked.append((prompt, parameters))
        candidate = Candidate(self.says, token_ids=(1, 2), logprobs=(-0.5, -0.5), finish_reason="stop")
        return Generation((candidate,), interventions=Interventions(constraints=1))

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        raise AssertionError("an evaluation warms nothing")

    def close(self) -> None: ...


def case(prefix: str, expected: str, suffix: str = "") -> Case:
    return Case("1", "Python", expected, prefix=prefix, suffix=suffix, path="pkg/a.py", trigger=" . ")


def test_a_case_is_one_greedy_line_with_no_limit_but_the_evaluations_own() -> None:
    generator = Scripted("name\n")
    said = predictor(generator, Settings())(case("x = self.", "name", "\ny = 1\n"), NEVER)
    prompt, parameters = generator.asked[0]
    assert (said.text, said.tokens, said.finish_reason, said.interventions.constraints) == ("name", 2, "stop", 1)
    assert said.confidence == pytest.approx(0.6065, abs=1e-4)
    assert (prompt.prefix, prompt.suffix, prompt.path) == ("x = self.", "\ny = 1\n", "pkg/a.py")
    assert (parameters.candidates, parameters.temperature, parameters.single_line) == (1, 0, True)
    assert parameters.max_time_ms == NO_LIMIT_MS


@pytest.mark.parametrize("says", ["1", ")"])
def test_what_only_an_unasked_suggestion_would_hide_is_predicted(says: str) -> None:
    assert predictor(Scripted(says), Settings())(case("f(x, y", "1"), NEVER).text == says


def test_a_text_that_brings_what_follows_the_cursor_is_cut_before_it() -> None:
    said = predictor(Scripted("g(y))"), Settings())(case("x = f(", "g(y)", ")\n"), NEVER)
    assert said.text == "g(y)"


def test_nothing_to_say_comes_with_its_reason() -> None:
    said = predictor(Scripted(""), Settings())(case("x = ", "1"), NEVER)
    assert (said.text, said.reason, said.tokens) == ("", "empty", 0)


def test_equal_cases_are_asked_each_time() -> None:
    generator = Scripted("1")
    predict = predictor(generator, Settings())
    assert [predict(case("x = ", "1"), NEVER).text for _ in range(3)] == ["1"] * 3
    assert len(generator.asked) == 3


def test_a_cancelled_case_raises() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        predictor(Scripted("1"), Settings())(case("x = ", "1"), cancellation)


def test_the_cursor_is_where_the_prefix_ends_whatever_its_characters() -> None:
    request = request_of(case("s = '😀é'\r\nx = ", "1", "\r\ny = '😀'\n"))
    assert (request.prefix, request.suffix) == ("s = '😀é'\nx = ", "\ny = '😀'\n")


def test_a_long_document_is_cut_to_the_editors_window() -> None:
    request = request_of(case("line\n" * 20_000 + "x = ", "1", "\nline" * 20_000))
    assert request.prefix.endswith("line\nx = ")
    assert len(request.prefix) < 30_000
    assert len(request.suffix) < 10_000
    assert request.trigger_point == "."


def test_the_configuration_holds_what_decides_a_prediction() -> None:
    first = configuration(Scripted(""), Settings(), ())
    assert first["fingerprint"] == "f" * 64
    assert first != configuration(Scripted("", fingerprint="0" * 64), Settings(), ())
    assert first != configuration(Scripted(""), Settings(), ("dereference",))
    assert first != configuration(Scripted(""), Settings(completion=CompletionSettings(max_line_tokens=3)), ())


def test_only_the_model_comes_from_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    monkeypatch.setenv("DRAGOMAN_MODEL_THREADS", "1")
    monkeypatch.setenv("DRAGOMAN_COMPLETION_MAX_LINE_TOKENS", "3")
    settings = evaluation_settings("mine")
    assert (settings.model.name, settings.model.threads) == ("mine", 1)
    assert settings.completion == CompletionSettings()
    assert evaluation_settings(None).model.name == Settings().model.name


def test_monitors_are_named_or_none() -> None:
    known = {"dereference": True, "syntax": False, "arguments": True}
    assert choose_monitors("none", known) == ()
    assert choose_monitors("all", known) == ("dereference", "syntax", "arguments")
    assert choose_monitors("default", known) == ("dereference", "arguments")
    assert choose_monitors("arguments, dereference,arguments", known) == ("arguments", "dereference")
    for names in ("types", "none,dereference", "", "dereference,"):
        with pytest.raises(UserError, match="there is no monitor"):
            choose_monitors(names, known)
