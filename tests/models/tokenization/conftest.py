"""Small tokenizers of every kind that models come with, trained on this repository's own words."""

import json
from collections.abc import Callable

import pytest
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Inner

from models.tokenization import Tokenizer

CORPUS = [
    "def encode(self, text: str) -> list[int]:\n    return self.tokenizer.encode(text)\n\n\n",
    "class Session:\n    def __init__(self, size=1024):\n        self.size = size\n        self.tokens = []\n",
    "    for (int i = 0; i < count; i++) {\n        total += values[i] * 10;\n    }\n",
    "if x is not None and y >= 3.14:\n\tprint('größer', “naïve”, x.name)\n",
    "let résumé = naïve.map(|x| x + 1).collect();\r\n// 日本語のコメント 🙂\r\n",
] * 8

CONTROL = ["<|endoftext|>", "<file_sep>"]
CL100K = "|".join(
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",
        r"[^\r\n\p{L}\p{N}]?\p{L}+",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"\s*[\r\n]+|\s+(?!\S)|\s+",
    )
)


def _byte_level(pre_tokenizer: pre_tokenizers.PreTokenizer) -> Inner:
    inner = Inner(models.BPE())
    inner.pre_tokenizer = pre_tokenizer
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False)
    )
    inner.add_special_tokens([AddedToken(token, special=True) for token in CONTROL])
    return inner


def gpt2() -> Inner:
    return _byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))


def smollm() -> Inner:
    split = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    return _byte_level(pre_tokenizers.Sequence(split))


def cl100k() -> Inner:
    split = [
        pre_tokenizers.Split(Regex(CL100K), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    inner = _byte_level(pre_tokenizers.Sequence(split))
    inner.normalizer = normalizers.NFC()
    return inner


def llama() -> Inner:
    """SentencePiece's BPE as Llama 2 has it: no words, blanks as `▁`, unknown characters as bytes."""
    inner = Inner(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    inner.normalizer = normalizers.Replace(" ", "▁")
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    inner.decoder = decoders.Sequence(steps)
    words = [word for text in CORPUS for word in text.replace(" ", "\0 ").replace("\n", "\0\n\0").split("\0")]
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=["<unk>", *pieces, *CONTROL], show_progress=False)
    inner.train_from_iterator(words, trainer)
    state = json.loads(inner.to_str())
    state["normalizer"] = {
        "type": "Sequence",
        "normalizers": [{"type": "Prepend", "prepend": "▁"}, state["normalizer"]],
    }
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] not in pieces]
    return Inner.from_str(json.dumps(state))


KINDS: dict[str, Callable[[], Inner]] = {"gpt2": gpt2, "smollm": smollm, "cl100k": cl100k, "llama": llama}


@pytest.fixture(scope="session", params=sorted(KINDS))
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return Tokenizer(KINDS[request.param]())
