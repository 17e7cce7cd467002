"""The session's promise: however tokens came in, and whatever was cut, the logits are those of a fresh pass."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_gguf import CONTEXT, write_tiny

from models.backends import onnx_cache
from models.backends.onnx import OnnxModel, load_onnx
from models.catalog.entry import FileSource, ModelEntry
from models.conversion import convert_gguf
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


def test_memory_grows_and_keeps_what_it_holds(model: OnnxModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_cache, "FIRST_ROOM", 4)
    small = model.new_session()
    grown = np.concatenate([small.extend([token]).copy() for token in TOKENS[:40]])
    monkeypatch.setattr(onnx_cache, "FIRST_ROOM", CONTEXT)
    roomy = model.new_session()
    expected = np.concatenate([roomy.extend([token]).copy() for token in TOKENS[:40]])
    np.testing.assert_array_equal(grown, expected)


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
