"""The session's promise: however tokens came in, and whatever was cut, the logits are those of a fresh pass."""

import ctypes
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_gguf import CONTEXT, write_tiny

from models.backends import onnx_cache
from models.backends.onnx import OnnxModel, load_onnx
from models.backends.onnx_cache import CacheShape, KvCache
from models.catalog.entry import FileSource, ModelEntry
from models.conversion.convert import convert_gguf
from models.errors import ModelError
from models.tokenization.tokenizer import Tokenizer

TOKENS = np.random.default_rng(5).integers(0, 256, size=CONTEXT)


@pytest.fixture(scope="module", params=["fp32", "q8"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OnnxModel:
    folder = tmp_path_factory.mktemp("model")
    tiny = write_tiny(folder / "tiny.gguf")
    convert_gguf(tiny.path, folder, precision=request.param, progress=lambda _fraction, _what: None)
    entry = ModelEntry("tiny", FileSource(str(folder)), "decoder", CONTEXT, "none")
    return load_onnx(folder, entry, Tokenizer.from_file(folder / "tokenizer.json"), threads=1, device="cpu")


def assert_same(model: OnnxModel, logits: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    """Floats agree to their last digits. An 8-bit cache is read rounded or not by the length of the pass that wrote it;
    other tokens or positions would be off by more than a standard deviation.
    """
    if model.config["precision"] == "fp32":
        np.testing.assert_allclose(logits, expected, atol=2e-4 * float(np.abs(expected).max()))
    else:
        assert np.abs(logits - expected).mean() < 0.25 * expected.std()


class DeviceMemory:
    """What ONNX Runtime gives for memory on a GPU, in this process's own."""

    made: ClassVar[list["DeviceMemory"]] = []

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array
        self.made.append(self)

    @classmethod
    def ortvalue_from_shape_and_type(cls, shape: tuple[int, ...], element: Any, _device: str, _index: int) -> Any:
        return cls(np.zeros(shape, element))

    def numpy(self) -> np.ndarray[Any, Any]:
        return self.array.copy()

    def update_inplace(self, array: np.ndarray[Any, Any]) -> None:
        self.array[...] = array


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


steps = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 60)), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_pieces_and_cuts_are_a_fresh_pass(model: OnnxModel, steps: list[tuple[int, int]]) -> None:
    session = model.new_session()
    for count, cut in steps:
        start = len(session.tokens)
        session.extend(TOKENS[start : min(start + count, CONTEXT - 1)])
        session.truncate(max(0, len(session.tokens) - cut))
    held = len(session.tokens)
    logits = session.extend(TOKENS[held : held + 1]).copy()
    fresh = model.new_session().extend(TOKENS[: held + 1])
    assert_same(model, logits, fresh)
    np.testing.assert_array_equal(session.tokens, TOKENS[: held + 1])


@pytest.mark.parametrize("last", [1, 3, 20])
def test_logits_of_the_last_positions_only(model: OnnxModel, last: int) -> None:
    every = model.new_session().extend(TOKENS[:20], last=20).copy()
    some = model.new_session().extend(TOKENS[:20], last=last)
    assert some.shape == (last, 256)
    np.testing.assert_allclose(some, every[-last:], atol=1e-4 * float(np.abs(every).max()))


def test_what_was_cut_is_forgotten(model: OnnxModel) -> None:
    session = model.new_session()
    session.extend(TOKENS[:30])
    session.extend(TOKENS[60:100])
    session.truncate(30)
    again = session.extend(TOKENS[30:31]).copy()
    other = model.new_session()
    other.extend(TOKENS[:30])
    np.testing.assert_array_equal(again, other.extend(TOKENS[30:31]))


def test_memory_on_a_gpu_grows_and_keeps_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_cache, "FIRST_ROOM", 4)
    shape = CacheShape(layers=2, kv_heads=3, head_size=8, element=np.float16)
    cache = KvCache(shape, CONTEXT, "cuda", SimpleNamespace(OrtValue=DeviceMemory))
    assert cache.reserve(3, held=0)
    held = np.random.default_rng(0).random((4, 1, 3, 3, 8)).astype(np.float16)
    DeviceMemory.made[-1].array[..., :3, :] = held
    assert not cache.reserve(4, held=3)
    assert cache.reserve(5, held=3)
    assert cache.room == 8
    np.testing.assert_array_equal(cache.copy(3), held.reshape(2, 2, 3, 3, 8))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux for the memory in use")
def test_memory_on_a_cpu_follows_use() -> None:
    shape = CacheShape(layers=16, kv_heads=4, head_size=64, element=np.int8)
    before = resident_mb()
    cache = KvCache(shape, 16384, "cpu", None)
    assert cache.reserve(1, held=0)
    assert not cache.reserve(16384, held=1)
    assert resident_mb() - before < 32
    for _name, tensor, address in cache.addresses():
        ctypes.memset(address, 1, int(np.prod(tensor)))
    assert resident_mb() - before > 96
    assert (cache.copy(16384) == 1).all()


def test_too_many_tokens_leave_the_session_as_it_was(model: OnnxModel) -> None:
    session = model.new_session()
    session.extend(TOKENS[:50])
    with pytest.raises(ModelError, match=f"{CONTEXT + 1} tokens do not fit"):
        session.extend(np.zeros(CONTEXT - 49, dtype=np.int64))
    np.testing.assert_array_equal(session.tokens, TOKENS[:50])
    assert session.capacity == model.context_length == CONTEXT


def test_two_sessions_do_not_disturb_each_other(model: OnnxModel) -> None:
    alone = model.new_session()
    alone.extend(TOKENS[:20])
    expected = alone.extend(TOKENS[20:21]).copy()
    first, second = model.new_session(), model.new_session()
    first.extend(TOKENS[:20])
    second.extend(TOKENS[40:80])
    np.testing.assert_array_equal(first.extend(TOKENS[20:21]), expected)


def test_folders_that_are_no_model(tmp_path: Path) -> None:
    entry = ModelEntry("tiny", FileSource(str(tmp_path)), "decoder", CONTEXT, "none")
    tokenizer: Any = None
    with pytest.raises(ModelError, match="not a converted model"):
        load_onnx(tmp_path, entry, tokenizer)
    (tmp_path / "config.json").write_text('{"layers": 2}')
    with pytest.raises(ModelError, match="another version of the converter"):
        load_onnx(tmp_path, entry, tokenizer)
    config = '{"layers": 2, "kv_heads": 1, "head_size": 16, "cache": "int8", "precision": "q8"}'
    (tmp_path / "config.json").write_text(config)
    (tmp_path / "model.onnx").write_bytes(b"broken")
    with pytest.raises(ModelError, match="cannot load"):
        load_onnx(tmp_path, entry, tokenizer)
