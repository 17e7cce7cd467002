"""Regular expressions and grammars, by llguidance.

Its parser steps through bytes, so we feed it bytes and not the model's tokens: behind the vocabulary it is given 256
more tokens, one for each byte, and a step may then be any part of a token.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from models.decoding.masks.mask import Likely, TokenIds
from models.tokenization.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer


class GrammarCompiler:
    """Compiles for one vocabulary. The first compilation costs some 150 ms, later ones a few."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokenizer: LLTokenizer | None = None
        self._compiled = lru_cache(maxsize=32)(self._compile)

    def regex(self, pattern: str) -> "GrammarMask | None":
        """A mask for `pattern` in Rust's syntax; `None` if it cannot be compiled."""
        return self._mask("regex", pattern)

    def lark(self, grammar: str) -> "GrammarMask | None":
        """A mask for a Lark grammar in llguidance's dialect; `None` if it cannot be compiled."""
        return self._mask("lark", grammar)

    def _mask(self, kind: str, text: str) -> "GrammarMask | None":
        matcher = self._compiled(kind, text)
        return GrammarMask(matcher.deep_copy(), self._vocabulary) if matcher is not None else None

    def _compile(self, kind: str, text: str) -> "LLMatcher | None":
        from llguidance import LLMatcher, LLTokenizer

        if self._tokenizer is None:
            wrapped: Any = _ByteTokenizer(self._vocabulary)
            self._tokenizer = LLTokenizer(wrapped, n_vocab=len(wrapped.tokens), eos_token=wrapped.eos_token_id)
        grammar = LLMatcher.grammar_from_regex(text) if kind == "regex" else LLMatcher.grammar_from_lark(text)
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        return None if matcher.is_error() else matcher


class GrammarMask:
    """See `Mask`."""

    def __init__(self, matcher: "LLMatcher", vocabulary: Vocabulary) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._steps: list[int] = []

    @property
    def satisfied(self) -> bool:
        return False

    @property
    def accepts_end(self) -> bool:
        return self._matcher.is_accepting()

    def allows(self, data: bytes) -> bool:
        return self._matcher.validate_tokens(self._bytes(data)) == len(data)

    def allowed(self, after: bytes) -> TokenIds:
        forced = self.forced()
        if after or forced:  # where bytes are forced, llguidance's own mask has only one way to cut them into tokens
            begun = [
                i for i in self._vocabulary.within(after + forced) if len(self._vocabulary.spelled[i]) > len(after)
            ]
            return np.concatenate((np.array(begun, dtype=np.int64), self._one_by_one(after, after + forced)))
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        return np.flatnonzero(np.unpackbits(bits, count=self._vocabulary.size, bitorder="little"))

    def _one_by_one(self, after: bytes, start: bytes) -> TokenIds:
        """Tokens that start with `start`, are longer, and whose bytes behind `after` may come next."""
        low, high = self._vocabulary.span(start)
        spelled, skip, length = self._vocabulary.sorted, len(after), len(start)
        keep = [i for i in range(low, high) if len(spelled[i]) > length and self.allows(spelled[i][skip:])]
        return self._vocabulary.order[keep]

    def preferred(self, after: bytes) -> TokenIds:
        return np.zeros(0, np.int64)

    def forced(self) -> bytes:
        return self._matcher.compute_ff_bytes()

    def likely(self, after: bytes = b"") -> Likely:
        return Likely()

    def worth(self, data: bytes) -> float:
        return 0.0

    @property
    def worth_of_end(self) -> float:
        return 0.0

    @property
    def most_worth(self) -> float:
        return 0.0

    def advance(self, data: bytes) -> None:
        self._matcher.consume_tokens(self._bytes(data))
        self._steps.append(len(data))

    def retreat(self, steps: int) -> None:
        kept = len(self._steps) - steps
        self._matcher.rollback(sum(self._steps[kept:]))
        del self._steps[kept:]

    def _bytes(self, data: bytes) -> list[int]:
        return [self._vocabulary.size + byte for byte in data]


class _ByteTokenizer:
    """What llguidance wants to know of a tokenizer: the model's tokens, then every single byte, then the end."""

    is_tokenizer_wrapper = True
    bos_token_id: int | None = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        size = vocabulary.size
        self.special_token_ids = [index for index, token in enumerate(vocabulary.spelled) if not token]
        self.special_token_ids.append(size + 256)
        self.eos_token_id = size + 256
        self._first_byte = size
        # a leading 0xFF marks tokens that are no text
        self.tokens: Sequence[bytes] = [
            *(token or b"\xff<%d>" % index for index, token in enumerate(vocabulary.spelled)),
            *(bytes([byte]) for byte in range(256)),
            b"\xff<end>",
        ]

    def __call__(self, text: str | bytes) -> list[int]:
        return [self._first_byte + byte for byte in (text.encode() if isinstance(text, str) else text)]
