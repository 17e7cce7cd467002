"""Builds a `tokenizers` tokenizer from the vocabulary inside a GGUF file.

llama.cpp names a model's pre-tokenizer (`tokenizer.ggml.pre`) and keeps its regular expressions in its source
(https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp); the table here has the common ones.
"""

from typing import TYPE_CHECKING, Any

from models.conversion.gguf_weights import GgufFile
from models.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 3, 4, 5, 6
"""Token types of GGUF (`gguf.TokenType`)."""

_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LLAMA3 = _WORDS + r"\p{N}{1,3}" + _REST
_QWEN2 = _WORDS + r"\p{N}" + _REST
_EXPRESSIONS = {
    "llama-bpe": _LLAMA3,
    "llama3": _LLAMA3,
    "llama-v3": _LLAMA3,
    "falcon3": _LLAMA3,
    "qwen2": _QWEN2,
    "deepseek-r1-qwen": _QWEN2,
}
"""Pre-tokenizers that are one regular expression before byte-level BPE."""
_SINGLE_DIGITS = {"smollm", "starcoder", "refact", "command-r", "codeshell"}
"""GPT-2's expression, after every digit was made a word of its own."""
_GPT2 = {"gpt-2", "default", "mpt", "olmo", "jais", "phi-2"}
"""GPT-2's expression alone."""


def read_tokenizer(file: GgufFile) -> "Tokenizer":
    """The tokenizer of `file`. Raises `ModelError` for a kind of vocabulary that is not supported."""
    kind = file.required("tokenizer.ggml.model")
    if kind == "gpt2":
        return _byte_level(file)
    raise ModelError(
        f"{file.path} has a tokenizer of kind '{kind}'.",
        "Only byte-level BPE (gpt2) is converted; choose another model.",
    )


def _byte_level(file: GgufFile) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models

    tokens: list[str] = file.required("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ", 1)) for merge in file.required("tokenizer.ggml.merges")]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = _pre_tokenizer(file)
    tokenizer.decoder = decoders.ByteLevel()
    _add_special_tokens(tokenizer, file, tokens)
    return tokenizer


def _pre_tokenizer(file: GgufFile) -> Any:
    from tokenizers import Regex, pre_tokenizers

    name = file.value("tokenizer.ggml.pre", "default")
    if name in _GPT2:
        return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if name in _SINGLE_DIGITS:
        digits = pre_tokenizers.Digits(individual_digits=True)
        return pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    if name in _EXPRESSIONS:
        words = pre_tokenizers.Split(Regex(_EXPRESSIONS[name]), behavior="isolated")
        return pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    raise ModelError(
        f"{file.path} has the pre-tokenizer '{name}'.",
        f"Supported are {', '.join(sorted(_GPT2 | _SINGLE_DIGITS | _EXPRESSIONS.keys()))}.",
    )


def _add_special_tokens(tokenizer: "Tokenizer", file: GgufFile, tokens: list[str]) -> None:
    """Tokens that text never merges into (control) or that are cut out of text before anything else (user defined)."""
    from tokenizers import AddedToken

    types = file.value("tokenizer.ggml.token_type", [])
    for token, kind in zip(tokens, types, strict=False):
        if kind in (_CONTROL, _USER_DEFINED):
            added = AddedToken(token, normalized=False, special=kind == _CONTROL)
            tokenizer.add_special_tokens([added]) if kind == _CONTROL else tokenizer.add_tokens([added])
