"""Settings from the environment and from files."""

from pathlib import Path

import pytest

from lsp_server.settings import Layer, Settings, from_environment, from_user_file, from_workspace, merge, user_file


def test_environment_variables_of_every_type() -> None:
    layer = from_environment(
        {
            "DRAGOMAN_COMPLETION_MAX_LINE_TOKENS": " 12 ",
            "DRAGOMAN_COMPLETION_AUTOMATIC": "off",
            "DRAGOMAN_COMPLETION_MIN_CONFIDENCE": "0.25",
            "DRAGOMAN_COMPLETION_DISABLED_LANGUAGES": "markdown, plaintext,",
            "DRAGOMAN_MODEL_NAME": "starcoder2-3b",
            "DRAGOMAN_HOME": "/elsewhere",
            "PATH": "/bin",
        }
    )
    merged = merge([layer])
    assert merged.problems == ()
    completion = merged.settings.completion
    assert (completion.max_line_tokens, completion.automatic, completion.min_confidence) == (12, False, 0.25)
    assert completion.disabled_languages == ("markdown", "plaintext")
    assert merged.settings.model.name == "starcoder2-3b"


def test_a_wrong_variable_is_named() -> None:
    environment = {"DRAGOMAN_COMPLETION_PREFETCH": "maybe", "DRAGOMAN_COMPLETION_MAX_TOKENS": "3"}
    merged = merge([from_environment(environment)])
    assert merged.settings == Settings()
    names = {problem.name for problem in merged.problems}
    assert names == {"dragoman.completion.prefetch", "dragoman.completion.max_tokens"}
    assert {problem.origin for problem in merged.problems} == {"the environment"}


def test_files_that_are_not_there_say_nothing(tmp_path: Path) -> None:
    assert from_workspace(tmp_path) == (Layer(str(tmp_path / "dragoman.toml"), {}, trusted=False), ())


def test_the_workspace_lies_over_the_user_and_the_user_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))
    user_file().parent.mkdir(parents=True)
    user_file().write_text('[completion]\nextent = "block"\nmax-line-tokens = 20\n[model]\nname = "mine"\n')
    (tmp_path / "dragoman.toml").write_text('[completion]\nextent = "line"\n')
    environment = from_environment({"DRAGOMAN_COMPLETION_MAX_LINE_TOKENS": "10", "DRAGOMAN_COMPLETION_WARM": "no"})
    user, user_problems = from_user_file()
    workspace, workspace_problems = from_workspace(tmp_path)
    merged = merge([environment, user, workspace])
    assert (*user_problems, *workspace_problems, *merged.problems) == ()
    completion = merged.settings.completion
    assert (completion.extent, completion.max_line_tokens, completion.warm) == ("line", 20, False)
    assert merged.settings.model.name == "mine"


@pytest.mark.parametrize("content", [b"[completion\n", b"\xff\xfe[", b"a = 1\na = 2\n"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dragoman.toml").write_bytes(content)
    layer, (problem,) = from_workspace(tmp_path)
    assert layer.values == {}
    assert str(tmp_path / "dragoman.toml") in str(problem)
    assert "\n" not in str(problem)
