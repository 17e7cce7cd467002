"""Layers of settings: which one wins, and what happens to the wrong ones."""

from typing import Any

import pytest

from lsp_server.settings import Layer, Settings, merge


def test_without_any_layer_the_defaults_hold() -> None:
    assert merge([]).settings == Settings()


def test_a_later_layer_wins_setting_by_setting() -> None:
    merged = merge(
        [
            Layer("first", {"completion": {"max_line_tokens": 5, "prefetch": False}}),
            Layer("second", {"completion": {"max_line_tokens": 6}}),
        ]
    )
    assert merged.problems == ()
    assert merged.settings.completion.max_line_tokens == 6
    assert merged.settings.completion.prefetch is False


@pytest.mark.parametrize("spelling", ["maxLineTokens", "max-line-tokens", "max_line_tokens"])
def test_names_in_any_spelling(spelling: str) -> None:
    assert merge([Layer("x", {"completion": {spelling: 7}})]).settings.completion.max_line_tokens == 7
    assert merge([Layer("x", {f"completion.{spelling}": 7})]).settings.completion.max_line_tokens == 7


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("completion.automatic", "false", "true or false"),
        ("completion.automatic", 1, "true or false"),
        ("completion.maxLineTokens", True, "a whole number from 1 to 512"),
        ("completion.maxLineTokens", 1.5, "a whole number"),
        ("completion.maxLineTokens", 0, "from 1 to 512"),
        ("completion.maxLineTokens", 10**30, "from 1 to 512"),
        ("completion.minConfidence", "high", "a number from 0 to 1"),
        ("completion.minConfidence", float("nan"), "a number from 0 to 1"),
        ("completion.extent", "page", '"auto", "line", "block"'),
        ("completion.extent", ["line"], '"auto", "line", "block"'),
        ("completion.disabledLanguages", "python", "a list of strings"),
        ("completion.disabledLanguages", ["python", 3], "a list of strings"),
        ("model.name", 3, "a string"),
        ("completion.maxLineTokns", 3, "Did you mean dragoman.completion.maxLineTokens?"),
        ("completion", 3, "no such setting"),
        ("entirely.elsewhere", 3, "no such setting."),
    ],
)
def test_what_is_wrong_is_named_and_left_out(path: str, value: Any, complaint: str) -> None:
    merged = merge([Layer("here", {path: value, "completion.prefetch": False})])
    assert merged.settings == merge([Layer("here", {"completion.prefetch": False})]).settings, "the others must count"
    (problem,) = merged.problems
    assert problem.name == f"dragoman.{path}"
    assert problem.origin == "here"
    assert complaint in problem.reason
    assert "\n" not in str(problem)


def test_a_whole_number_is_a_number() -> None:
    confidence = merge([Layer("x", {"completion": {"minConfidence": 1}})]).settings.completion.min_confidence
    assert confidence == 1.0 and isinstance(confidence, float)


def test_null_means_not_set() -> None:
    merged = merge([Layer("x", {"completion": {"maxLineTokens": None}, "unknown": None})])
    assert merged.settings == Settings() and merged.problems == ()


def test_the_keys_a_workspace_file_may_set() -> None:
    """The list is spelt out here, so that nobody adds to it without a thought: the file comes with other people's
    code."""
    from lsp_server.settings.leaves import leaves

    allowed = {".".join(path) for path, leaf in leaves().items() if leaf.workspace}
    assert allowed == {
        "completion.automatic",
        "completion.disabled_languages",
        "completion.extent",
        "completion.max_line_tokens",
        "completion.max_block_tokens",
        "completion.max_automatic_time_ms",
        "completion.max_invoked_time_ms",
        "completion.invoked_candidates",
        "completion.min_confidence",
        "completion.max_debounce_ms",
        "completion.prefetch",
        "completion.warm",
        "context.cross_file",
        "context.max_chars",
        "monitors.enabled",
        "monitors.only",
        "monitors.budget_ms",
        "translation.demonstrations",
        "translation.samples",
        "translation.rounds",
        "translation.rules",
        "translation.constrained",
        "translation.max_time_s",
    }


def test_a_workspace_file_cannot_choose_a_model() -> None:
    values = {"model": {"name": "http://attacker.example/v1"}, "completion": {"extent": "line"}}
    merged = merge([Layer("dragoman.toml", values, trusted=False)])
    assert merged.settings.model == Settings().model
    assert merged.settings.completion.extent == "line"
    assert [problem.name for problem in merged.problems] == ["dragoman.model.name"]
