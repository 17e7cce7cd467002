"""Weights that ship in parts: put together, checked, converted like any other."""

from pathlib import Path

import pytest
from tiny_model import write_gguf

from models.acquisition import acquire as acquisition
from models.acquisition.acquire import acquire
from models.acquisition.parts import join, split
from models.catalog import ModelEntry, PackagedSource
from models.catalog.fields import entry_from_table, table_from_entry
from models.errors import ModelError


def packaged(folder: Path) -> ModelEntry:
    """The tiny model, cut into parts below `folder`."""
    import hashlib

    whole = write_gguf(folder / "tiny.gguf")
    digest = hashlib.sha256(whole.read_bytes()).hexdigest()
    split(whole, folder / "weights" / "tiny", 100_000)
    whole.unlink()
    return ModelEntry("tiny", PackagedSource("tiny", "tiny.gguf", digest), "decoder", 256, "MIT")


def test_parts_add_up(tmp_path: Path) -> None:
    source = tmp_path / "weights.bin"
    source.write_bytes(bytes(range(256)) * 10)
    names = split(source, tmp_path / "travel", 1000)
    assert [path.stat().st_size for path in names] == [1000, 1000, 560]
    assert join(tmp_path / "travel", tmp_path / "back.bin").read_bytes() == source.read_bytes()
    names[1].write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="do not add up"):
        join(tmp_path / "travel", tmp_path / "again.bin")
    names[1].unlink()
    with pytest.raises(ModelError, match=r"parts missing: weights\.bin\.001"):
        join(tmp_path / "travel", tmp_path / "again.bin")
    assert not list(tmp_path.glob("again*"))


def test_a_packaged_model_is_put_together_and_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquisition, "WEIGHTS", tmp_path / "weights")
    entry = packaged(tmp_path)
    acquired = acquire(entry, cache=tmp_path / "cache")
    assert (acquired.folder / "model.onnx").is_file()
    assert acquire(entry, cache=tmp_path / "cache").folder == acquired.folder
    assert entry_from_table(table_from_entry(entry)) == entry


def test_other_parts_than_the_catalog_means_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquisition, "WEIGHTS", tmp_path / "weights")
    entry = packaged(tmp_path)
    source = PackagedSource("tiny", "tiny.gguf", "0" * 64)
    with pytest.raises(ModelError, match=r"do not add up to tiny\.gguf"):
        acquire(ModelEntry("tiny", source, "decoder", 256, "MIT"), cache=tmp_path / "cache")
    assert acquire(entry, cache=tmp_path / "cache").converted
