"""Models that a user takes up and lets go."""

import shutil
from pathlib import Path

import pytest
from tiny_model import CONTEXT, write_gguf

from models.acquisition.add import Wishes, add_model, remove_model, size_on_disk
from models.catalog import FileSource, HubSource, RemoteSource, find_model, load_catalog
from models.catalog.registry import registry_path
from models.errors import ModelError
from models.folders import model_cache


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "My Tiny.Q4_1.gguf")


def test_a_file_is_converted_described_and_known_by_its_name(weights: Path) -> None:
    entry = add_model(str(weights), Wishes())
    assert find_model("my-tiny.q4_1") == entry
    assert entry.source == FileSource(str(weights))
    assert (entry.family, entry.licence, entry.context_length) == ("smollm2", "mit", CONTEXT)
    assert size_on_disk(entry) > 0


def test_what_the_user_says_comes_first(weights: Path) -> None:
    entry = add_model(str(weights), Wishes("mine", "starcoder2", "ours alone", "instruction"))
    assert (entry.name, entry.family, entry.licence) == ("mine", "starcoder2", "ours alone")
    assert entry.fim is not None and entry.chat_template == "instruction"
    plain = add_model(str(weights), Wishes("plain", "none"))
    assert (plain.fim, plain.file_separator) == (None, "")


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        (Wishes("a b"), "cannot be a model's name"),
        (Wishes(family="klingon"), "No family"),
        (Wishes(chat_template="klingon"), "no chat template 'klingon'"),
        (Wishes(revision="v1"), "Only models of the hub have revisions"),
    ],
)
def test_impossible_wishes_change_nothing(wishes: Wishes, complaint: str, weights: Path) -> None:
    before = load_catalog()
    with pytest.raises(ModelError, match=complaint):
        add_model(str(weights), wishes)
    assert load_catalog() == before


def test_a_file_that_cannot_be_converted_is_not_taken_up(tmp_path: Path) -> None:
    bogus = tmp_path / "bogus.gguf"
    bogus.write_bytes(b"nothing")
    before = load_catalog()
    with pytest.raises(ModelError):
        add_model(str(bogus), Wishes())
    assert load_catalog() == before
    assert not list(model_cache().glob("bogus/*"))


def test_a_server_is_only_written_down() -> None:
    source = RemoteSource("", "", api_key_env="KEY", structured_output="vllm")
    entry = add_model("http://gpu:8000/v1#org/Qwen2.5-Coder-7B-AWQ", Wishes(remote=source))
    assert entry.name == "qwen2.5-coder-7b-awq"
    assert entry.source == RemoteSource("http://gpu:8000/v1", "org/Qwen2.5-Coder-7B-AWQ", "KEY", "vllm")
    assert find_model("qwen2.5-coder-7b-awq") == entry
    assert entry.fim is not None


def test_our_names_are_not_taken_by_accident() -> None:
    with pytest.raises(ModelError, match="Dragoman's own"):
        add_model("http://gpu:8000/v1#qwen2.5-coder-7b", Wishes())
    add_model("http://gpu:8000/v1#qwen2.5-coder-7b", Wishes("qwen2.5-coder-7b"))
    assert isinstance(find_model("qwen2.5-coder-7b").source, RemoteSource)
    assert remove_model("qwen2.5-coder-7b") == (True, 0)
    assert isinstance(find_model("qwen2.5-coder-7b").source, HubSource)


def test_a_model_is_forgotten_with_its_files_but_not_the_users_own(weights: Path) -> None:
    entry = add_model(str(weights), Wishes("mine"))
    was_users, freed = remove_model("mine")
    assert was_users and freed > 10_000
    assert weights.exists() and size_on_disk(entry) == 0
    with pytest.raises(ModelError, match="No model of yours"):
        remove_model("mine")
    with pytest.raises(ModelError, match="has no files on this machine"):
        remove_model("smollm2-135m")


def test_a_model_whose_entry_cannot_be_read_can_be_removed(weights: Path) -> None:
    add_model(str(weights), Wishes("mine"))
    broken = registry_path().read_text(encoding="utf-8").replace('"decoder"', '"oracle"')
    registry_path().write_text(broken, encoding="utf-8")
    with pytest.raises(ModelError, match="is wrong") as caught:
        find_model("mine")
    assert "dragoman models remove mine" in caught.value.hint
    assert remove_model("mine")[0]
    assert find_model("smollm2-135m").architecture == "decoder"


def test_a_model_goes_on_without_the_file_it_was_made_from(weights: Path) -> None:
    add_model(str(weights), Wishes("mine"))
    shutil.move(weights, weights.with_suffix(".moved"))
    from models.acquisition.acquire import acquire

    assert acquire(find_model("mine")).converted
