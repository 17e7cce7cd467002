"""From a GGUF file to logits, against a slow forward pass over the same weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Format
from tiny_gguf import CONTEXT, LAYERS, Tiny, reference, write_tiny

from models.backends.onnx import OnnxSession, load_onnx
from models.catalog.entry import FileSource, ModelEntry
from models.conversion.convert import convert_gguf
from models.conversion.graph import Precision
from models.errors import ModelError
from models.tokenization.tokenizer import Tokenizer

TOKENS = np.random.default_rng(3).integers(0, 256, size=60)


def converted(tiny: Tiny, precision: Precision = "fp32") -> Path:
    folder = tiny.path.with_suffix(f".{precision}")
    folder.mkdir()
    convert_gguf(tiny.path, folder, precision=precision, progress=lambda _fraction, _what: None)
    return folder


def session_of(folder: Path) -> OnnxSession:
    entry = ModelEntry("tiny", FileSource(str(folder)), "decoder", CONTEXT, "none")
    return load_onnx(folder, entry, Tokenizer.from_file(folder / "tokenizer.json"), threads=1).new_session()


def logits_of(folder: Path) -> np.ndarray[Any, Any]:
    return session_of(folder).extend(TOKENS, last=len(TOKENS)).copy()


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "starcoder2"])
@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_a_plain_forward_pass(architecture: str, tied: bool, tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf", architecture=architecture, tied=tied)
    expected = reference(tiny, TOKENS)
    np.testing.assert_allclose(logits_of(converted(tiny)), expected, atol=2e-4 * np.abs(expected).max())
    rounded = logits_of(converted(tiny, "q8"))
    assert np.abs(rounded - expected).mean() < 0.05 * expected.std()


def test_a_window_hides_what_lies_further_back(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf", architecture="starcoder2", window=8)
    expected = reference(tiny, TOKENS)
    np.testing.assert_allclose(logits_of(converted(tiny)), expected, atol=2e-4 * np.abs(expected).max())
    rounded = logits_of(converted(tiny, "q8"))
    assert np.abs(rounded - expected).mean() < 0.05 * expected.std()


def test_llama_3_divides_its_frequencies(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf", divisors=np.linspace(1, 8, 8))
    expected = reference(tiny, TOKENS)
    np.testing.assert_allclose(logits_of(converted(tiny)), expected, atol=2e-4 * np.abs(expected).max())


@pytest.mark.parametrize("format", [Format.F32, Format.F16, Format.Q4_0, Format.Q5_0, Format.Q5_1, Format.Q8_0])
def test_every_format_is_read(format: Format, tmp_path: Path) -> None:  # noqa: A002 - as GGUF calls it
    tiny = write_tiny(tmp_path / "tiny.gguf", format=format)
    expected = reference(tiny, TOKENS)
    np.testing.assert_allclose(logits_of(converted(tiny)), expected, atol=2e-4 * np.abs(expected).max())
    assert np.abs(logits_of(converted(tiny, "q8")) - expected).mean() < 0.05 * expected.std()


def test_half_precision_is_close(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf")
    expected = reference(tiny, TOKENS)
    assert np.abs(logits_of(converted(tiny, "fp16")) - expected).max() < 0.02 * np.abs(expected).max()


def test_the_config_says_what_the_back_end_needs(tmp_path: Path) -> None:
    folder = converted(write_tiny(tmp_path / "tiny.gguf"), "q8")
    config = json.loads((folder / "config.json").read_text())
    assert (config["layers"], config["context_length"], config["cache"]) == (LAYERS, CONTEXT, "int8")
    assert config["eos_tokens"] == [2]
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
    }


def test_conversion_is_repeatable(tmp_path: Path) -> None:
    first, second = (converted(write_tiny(tmp_path / f"{name}.gguf"), "q8") for name in ("first", "second"))
    for name in ("model.onnx", "model.onnx.data"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"architecture": "gemma"}, "architecture 'gemma'"),
        ({"drop": "blk.1.attn_k.weight"}, r"no tensor 'blk\.1\.attn_k\.weight'"),
        ({"metadata": {"llama.rope.scaling.type": "yarn"}}, "by 'yarn'"),
    ],
)
def test_what_cannot_be_converted_is_said(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf", **options)
    with pytest.raises(ModelError, match=message) as error:
        converted(tiny)
    assert error.value.hint


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all" * 100])
def test_a_file_that_is_no_gguf(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a readable GGUF file"):
        convert_gguf(path, tmp_path, progress=lambda _fraction, _what: None)
