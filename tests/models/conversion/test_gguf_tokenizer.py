"""The tokenizer that is built from a GGUF file's own vocabulary."""

from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import write_tiny

from models.conversion import gguf_tokenizer
from models.conversion.gguf_tokenizer import read_tokenizer
from models.conversion.gguf_weights import GgufFile
from models.errors import ModelError


def words(pre: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How a pre-tokenizer cuts `text`, the byte spelling of blanks undone."""
    file = GgufFile(write_tiny(tmp_path / "tiny.gguf").path)
    plain = file.value

    def value(key: str, default: Any = None) -> Any:
        return pre if key == "tokenizer.ggml.pre" else plain(key, default)

    monkeypatch.setattr(file, "value", value)
    pre_tokenizer = read_tokenizer(file).pre_tokenizer
    assert pre_tokenizer is not None
    return [word.replace("Ġ", " ") for word, _ in pre_tokenizer.pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("pre", "expected"),
    [
        ("smollm", ["x", " =", " ", "1", "2", "3", "4"]),
        ("starcoder", ["x", " =", " ", "1", "2", "3", "4"]),
        ("gpt-2", ["x", " =", " 1234"]),
        ("llama-bpe", ["x", " =", " ", "123", "4"]),
        ("qwen2", ["x", " =", " ", "1", "2", "3", "4"]),
    ],
)
def test_digits(pre: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert words(pre, "x = 1234", tmp_path, monkeypatch) == expected


def test_what_is_encoded_comes_back(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(GgufFile(write_tiny(tmp_path / "tiny.gguf").path))
    text = "def f(ab):\n\treturn 10 * ab\n"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert "ab" in tokenizer.encode(text).tokens


def test_unknown_kinds_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="pre-tokenizer 'strange'"):
        words("strange", "x", tmp_path, monkeypatch)
    file = GgufFile(write_tiny(tmp_path / "other.gguf").path)

    def required(_key: str) -> str:
        return "rwkv"

    monkeypatch.setattr(file, "required", required)
    with pytest.raises(ModelError, match="tokenizer of kind 'rwkv'"):
        gguf_tokenizer.read_tokenizer(file)
