"""Names, paths and addresses, and what is made of a model that nobody described."""

from pathlib import Path

import pytest

from models.catalog import FileSource, HubSource, ModelEntry, RemoteSource, builtin_models, resolve_model
from models.catalog.catalog import family_tables, guess_family
from models.catalog.reference import Facts, describe, name_of, with_family
from models.errors import ModelError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))


def test_a_name_is_looked_up() -> None:
    assert resolve_model("codellama-7b") == builtin_models()["codellama-7b"]


def test_a_path_is_a_file_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "My Model.Q4_0.gguf"
    weights.touch()
    monkeypatch.chdir(tmp_path)
    for reference in (str(weights), "My Model.Q4_0.gguf", "./My Model.Q4_0.gguf"):
        entry = resolve_model(reference)
        assert entry.source == FileSource(str(weights))
        assert entry.name == "my-model.q4_0"


@pytest.mark.parametrize(
    ("reference", "source"),
    [
        ("Qwen/Qwen2.5-Coder-0.5B", HubSource("Qwen/Qwen2.5-Coder-0.5B")),
        ("a/b-GGUF/b.Q8_0.gguf", HubSource("a/b-GGUF", file="b.Q8_0.gguf")),
        ("a/b-GGUF/sub/b.gguf", HubSource("a/b-GGUF", file="sub/b.gguf")),
    ],
)
def test_what_is_not_here_may_be_on_the_hub(reference: str, source: HubSource) -> None:
    assert resolve_model(reference).source == source


@pytest.mark.parametrize("reference", ["a/b.gguf", "./a/b", "../a/b.gguf", "/a/b", "a/b/c", "~/nothing-here/x"])
def test_other_paths_are_never_looked_for_on_the_hub(reference: str) -> None:
    with pytest.raises(ModelError, match="no model at"):
        resolve_model(reference)


def test_a_missing_path_is_named() -> None:
    with pytest.raises(ModelError, match=r"no model at /nowhere/x\.gguf"):
        resolve_model("/nowhere/x.gguf")


def test_an_address_is_a_server_with_the_format_of_its_models_family() -> None:
    entry = resolve_model("https://gpu.example:8000/v1/#Qwen/Qwen2.5-Coder-7B-AWQ")
    assert entry.source == RemoteSource("https://gpu.example:8000/v1", "Qwen/Qwen2.5-Coder-7B-AWQ")
    assert entry.name == "Qwen/Qwen2.5-Coder-7B-AWQ"
    assert entry.fim == builtin_models()["qwen2.5-coder-7b"].fim


@pytest.mark.parametrize("url", ["http://host/v1", "http:///v1#m", "https://host/v1#"])
def test_an_address_without_host_or_model_is_refused(url: str) -> None:
    with pytest.raises(ModelError, match="which model of which server"):
        resolve_model(url)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("codellama:7b-code", "codellama"),
        ("starcoder2:3b", "starcoder2"),
        ("bigcode/starcoderbase-1b", "granite-code"),
        ("ibm-granite/granite-8b-code-base-4k", "granite-code"),
        ("granite-code:8b", "granite-code"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen2-coder"),
        ("deepseek-ai/DeepSeek-Coder-V2-Lite-Base", "deepseek-coder"),
        ("gpt-4o", ""),
    ],
)
def test_families_are_guessed_from_names(name: str, family: str) -> None:
    assert guess_family(name) == family


def test_the_catalogs_own_models_are_guessed_right() -> None:
    for entry in builtin_models().values():
        assert guess_family(entry.name) == entry.family
    unused = set(family_tables()) - {entry.family for entry in builtin_models().values()}
    assert unused == {"dragoman"}, "only what is still to be trained has a family and no model"


def test_an_unknown_family_is_named() -> None:
    with pytest.raises(ModelError, match="'klingon'"):
        with_family(builtin_models()["codegen-350m"], "klingon")


def test_an_undescribed_model_is_completed_from_its_vocabulary() -> None:
    bare = ModelEntry("m", FileSource("/m.gguf"), "decoder", 1, "unknown")
    tokens = frozenset({"<repo_name>", "<file_sep>", "<|im_start|>", "<|im_end|>"})
    entry = describe(bare, Facts(tokens, 8192, licence="mit", chat_template="{{'<|im_start|>'}}..."))
    assert (entry.family, entry.context_length, entry.chat_template) == ("smollm2", 8192, "chatml")
    assert (entry.file_separator, entry.licence) == ("<file_sep>", "mit")
    plain = describe(bare, Facts(frozenset({"<s>", "</s>"}), 2048, begin="<s>"))
    assert (plain.family, plain.begin, plain.fim, plain.chat_template) == ("", "<s>", None, "")
    assert plain.licence != bare.licence


@pytest.mark.parametrize(("path", "name"), [("/a/Ünï cøde.gguf", "n-c-de"), ("/a/b/", "b"), ("/_.gguf", "model")])
def test_names_are_made_of_plain_letters(path: str, name: str) -> None:
    assert name_of(Path(path)) == name
