"""A `tokenizer.json`, read so that tokens are bytes: what is encoded is what was written, and comes back as such."""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.tokenization.plain import kinds, use_as_plain_text
from models.tokenization.spelling import byte_level, sentencepiece
from models.tokenization.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Inner

TokenIds = NDArray[np.int64]


class Tokenizer:
    """Text to tokens and back. Thread-safe once made.

    A file that mentions `<|endoftext|>` is a file: control tokens are never read out of a text, see `token_id`.
    """

    def __init__(self, inner: "Inner", control: Iterable[str] = ()) -> None:
        """Takes `inner` over. `control` names added tokens that are control tokens besides those that look so."""
        self._inner = inner
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._control = use_as_plain_text(inner, frozenset(control))

    @classmethod
    def from_file(cls, path: Path, control: Iterable[str] = ()) -> "Tokenizer":
        """Read a `tokenizer.json`. Raises `ModelError` when it is missing, broken or of a kind we do not know."""
        from tokenizers import Tokenizer as Inner

        try:
            inner = Inner.from_file(str(path))
        except Exception as error:  # the library raises nothing more precise
            raise ModelError(f"{path} cannot be read: {error}.", "Remove the model and add it again.") from error
        return cls(inner, control)

    @property
    def size(self) -> int:
        """Number of ids, control tokens and gaps included."""
        return self.vocabulary.size

    @cached_property
    def control_ids(self) -> frozenset[int]:
        """Tokens that are no text. Whichever of them a model writes, its text ended there."""
        return frozenset(self._control.values())

    def token_id(self, token: str) -> int | None:
        """The id of the control token spelled `token`; `None` if there is none."""
        return self._control.get(token)

    def encode(self, text: str) -> TokenIds:
        """`text` as plain text, shape (length,): what looks like a control token in it stays text.

        A lone surrogate is encoded as U+FFFD.
        """
        return np.array(self._encode(text).ids, dtype=np.int64)

    def encode_words(self, text: str) -> tuple[TokenIds, NDArray[np.bool_]]:
        """Like `encode`, and for each token whether the text could be cut before it without changing any token.

        That is so where a word of the pre-tokenizer begins; in vocabularies that know no words, where a row of newlines
        begins. The answer holds for this text; near its end more text may change it.
        """
        encoding = self._encode(text)
        ids = np.array(encoding.ids, dtype=np.int64)
        if self._knows_words:
            return ids, np.diff(np.array(encoding.word_ids, dtype=np.int64), prepend=-1) != 0
        return ids, self._line_breaks(ids)

    def token_bytes(self, token: int) -> bytes:
        """What a token writes; nothing for control tokens and for ids beyond the vocabulary.

        A token may begin or end inside a UTF-8 code point.
        """
        if self._vocabulary is None:
            return self._spelled_alone(token)  # a prompt is encoded and read before all tokens are wanted
        spelled = self._vocabulary.spelled
        return spelled[token] if token < len(spelled) else b""

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`. Bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.token_bytes, tokens)).decode("utf-8", "replace")

    @property
    def vocabulary(self) -> Vocabulary:
        """Every token's bytes, in byte order; made at first use, in some 60 ms for 50,000 tokens."""
        with self._lock:
            if self._vocabulary is None:
                self._vocabulary = self._read_vocabulary()
            return self._vocabulary

    def _read_vocabulary(self) -> Vocabulary:
        ids: dict[str, int] = self._inner.get_vocab(with_added_tokens=True)
        tokens = [""] * (max(ids.values(), default=-1) + 1)
        for token, index in ids.items():
            tokens[index] = token
        for index in self._added:
            tokens[index] = ""
        spelled = self._spell(tokens)
        for index, data in self._added.items():
            spelled[index] = data
        return Vocabulary(spelled)

    @cached_property
    def _added(self) -> dict[int, bytes]:
        """What the tokens write that stand beside the model's own."""
        added = self._inner.get_added_tokens_decoder().items()
        return {index: b"" if token.content in self._control else token.content.encode() for index, token in added}

    def _spelled_alone(self, token: int) -> bytes:
        if token in self._added:
            return self._added[token]
        written = self._inner.id_to_token(token)
        return b"" if written is None else self._spell([written])[0]

    def _encode(self, text: str) -> Any:
        try:
            return self._inner.encode(text, add_special_tokens=False)
        except TypeError:  # a lone surrogate, which cannot be passed on
            whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return self._inner.encode(whole, add_special_tokens=False)

    @cached_property
    def _spell(self) -> Callable[[Sequence[str]], list[bytes]]:
        """From the tokens' names to what they write."""
        steps = kinds(self._inner.decoder) | kinds(self._inner.pre_tokenizer) | kinds(self._inner.normalizer)
        if "ByteLevel" in steps:
            return byte_level
        if steps & {"Metaspace", "ByteFallback"}:
            return sentencepiece
        raise ModelError(
            f"Its tokenizer ({type(self._inner.model).__name__}) is neither byte-level nor SentencePiece.",
            "Choose another model: this one's tokens cannot be told as bytes.",
        )

    @cached_property
    def _knows_words(self) -> bool:
        return len(set(self._inner.encode("one two\nthree(4)", add_special_tokens=False).word_ids)) > 1

    @cached_property
    def _keeps_line_breaks(self) -> bool:
        """Whether no token reaches over the start of a row of newlines, so that no merge can."""
        return not any(re.search(rb"[^\n]\n", spelled) for spelled in self.vocabulary.spelled)

    def _line_breaks(self, ids: TokenIds) -> NDArray[np.bool_]:
        breaks = np.zeros(len(ids), dtype=np.bool_)
        if self._keeps_line_breaks:
            newline = [self.token_bytes(index)[:1] == b"\n" for index in ids.tolist()]
            breaks[1:] = [here and not before for before, here in pairwise(newline)]
        return breaks
