"""The law of incremental tokenising: whatever was edited before, the answer is that of tokenising from nothing."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tokenization import IncrementalTokenizer, Tokenizer
from models.tokenization.incremental import KNOWN_TEXTS, SHORT

SOURCE = (
    "class Session:\n    def __init__(self, size=1024):\n        self.größe = size  # 日本語 🙂\r\n"
    "\n\n\tfor (int i = 0; i < count; i++) {\n        total += values[i] * 10;\n    }\n"
    "    ################################\n    return {'a': 1,   'b': [2, 3]}\n"
) * 12

pieces = st.one_of(
    st.sampled_from(
        ["a", " ", "    ", "\n", "\n\n", ")\n", "'", "'s", "\t", "1", "_", "é", "日", "🙂", "\r", "####", "self."]
    ),
    st.text(max_size=6),
)
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), pieces), min_size=1, max_size=8)


@given(edits)
@settings(max_examples=20, deadline=None)
def test_editing_anywhere(tokenizer: Tokenizer, changes: list[tuple[float, int, str]]) -> None:
    incremental = IncrementalTokenizer(tokenizer)
    text = SOURCE
    for where, removed, added in changes:
        assert np.array_equal(incremental.encode(text), tokenizer.encode(text))
        position = int(where * len(text))
        text = text[:position] + added + text[position + removed :]
    assert np.array_equal(incremental.encode(text), tokenizer.encode(text))


@given(st.lists(pieces, min_size=1, max_size=12), st.integers(0, 300))
@settings(max_examples=12, deadline=None)
def test_typing_at_the_end_while_the_start_moves_on(tokenizer: Tokenizer, typed: list[str], step: int) -> None:
    incremental = IncrementalTokenizer(tokenizer)
    text = SOURCE
    for piece in typed:
        incremental.encode(text)
        text = (text + piece)[step if len(text) > 2 * SHORT else 0 :]
        assert np.array_equal(incremental.encode(text), tokenizer.encode(text))


def test_many_texts(tokenizer: Tokenizer) -> None:
    incremental = IncrementalTokenizer(tokenizer)
    rng = random.Random(0)
    for _ in range(3 * KNOWN_TEXTS):
        start = rng.randrange(len(SOURCE) // 2)
        text = SOURCE[start : start + rng.randrange(SHORT * 2)]
        assert np.array_equal(incremental.encode(text), tokenizer.encode(text))


def test_a_keystroke_tokenises_little(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    incremental = IncrementalTokenizer(tokenizer)
    incremental.encode(SOURCE)
    asked: list[int] = []
    encode_words = Tokenizer.encode_words

    def counted(self: Tokenizer, text: str) -> object:
        asked.append(len(text))
        return encode_words(self, text)

    monkeypatch.setattr(Tokenizer, "encode_words", counted)
    typed = SOURCE + "x"
    incremental.encode(typed)
    middle = len(SOURCE) // 2
    incremental.encode(typed[:middle] + "y" + typed[middle:])
    assert len(asked) <= 3
    assert sum(asked) < len(SOURCE) / 2


def test_surrogates_and_repeats(tokenizer: Tokenizer) -> None:
    incremental = IncrementalTokenizer(tokenizer)
    broken = SOURCE + "\udc00"
    assert np.array_equal(incremental.encode(broken), tokenizer.encode(broken))
    assert incremental.encode(SOURCE) is incremental.encode(SOURCE)
    assert incremental.token_id("<file_sep>") == tokenizer.token_id("<file_sep>")
