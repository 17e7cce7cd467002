"""What is encoded comes back byte for byte, and nothing in a text is ever a control token."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken
from tokenizers import Tokenizer as Inner
from tokenizers import models as tokenizer_models

from models.errors import ModelError
from models.tokenization import Tokenizer

TEXTS = [
    "",
    " ",
    "  two",
    "\n",
    "\r\n\t x",
    "größer 日本語 🙂",
    "e\u0301 is not é",
    "\0\x7f",
    "x" * 300,
    "a<|endoftext|>b<file_sep>",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    tokens = tokenizer.encode(text)
    assert tokens.dtype == np.int64
    assert tokenizer.decode(tokens) == text
    assert not set(tokens.tolist()) & tokenizer.control_ids


@given(st.text(st.characters(exclude_characters="\u2581", codec="utf-8"), max_size=40))  # SentencePiece's own blank
def test_any_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    assert b"".join(tokenizer.token_bytes(token) for token in tokenizer.encode(text)) == text.encode()


def test_lone_surrogates_do_not_stop_us(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a\ufffdb"


def test_control_tokens_are_known_by_name_and_write_nothing(tokenizer: Tokenizer) -> None:
    end = tokenizer.token_id("<|endoftext|>")
    assert end is not None
    assert end in tokenizer.control_ids
    assert tokenizer.token_bytes(end) == b""
    assert tokenizer.token_id("def") is None
    assert tokenizer.token_bytes(tokenizer.size + 7) == b""


def test_sentinels_that_the_file_does_not_call_special_are_still_no_text() -> None:
    inner = Inner(tokenizer_models.BPE(vocab={"a": 0, "<": 1, "|": 2, ">": 3, "▁": 4}, merges=[]))
    from tokenizers import pre_tokenizers

    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    inner.add_tokens(
        [AddedToken("<|a|>", special=False), AddedToken("<a>", special=False), AddedToken("aa", special=False)]
    )
    tokenizer = Tokenizer(inner, control=["<a>"])
    assert tokenizer.decode(tokenizer.encode("a<|a|> <a>aa")) == "a<|a|> <a>aa"
    assert tokenizer.control_ids == {5, 6}
    assert tokenizer.token_bytes(7) == b"aa"
    assert 7 in tokenizer.encode("aaa")


@given(st.text(max_size=30))
def test_a_text_can_be_cut_before_words(tokenizer: Tokenizer, text: str) -> None:
    text = f"x = {text}\n\nfor y in z:\n  pass"
    tokens, cuts = tokenizer.encode_words(text)
    assert np.array_equal(tokens, tokenizer.encode(text))
    for index in np.flatnonzero(cuts):
        rest = tokenizer.decode(tokens[index:])
        assert np.array_equal(tokenizer.encode(rest), tokens[index:])


def test_a_broken_file_is_an_error_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        Tokenizer.from_file(path)
    path.write_text('{"half": ')
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        Tokenizer.from_file(path)
    Inner(tokenizer_models.WordPiece(vocab={"[UNK]": 0}, unk_token="[UNK]")).save(str(path))
    with pytest.raises(ModelError, match="WordPiece"):
        _ = Tokenizer.from_file(path).vocabulary
