"""Prompts as tokens.

Sentinels become special tokens by name; all other text is encoded as plain text, so that a file which happens to
contain `<|fim_suffix|>` (this one does) cannot break a prompt. Knows formats and room; nothing of sessions or sampling.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from models.backends.session import TokenIds
from models.catalog.entry import ModelEntry, split_sentinels
from models.errors import ModelError
from models.prompting.chat import arrange_chat
from models.prompting.layout import Piece, arrange, fills_middle
from models.prompting.prompt import ChatPrompt, Prompt
from models.prompting.trimming import Shares, Unit, trim
from models.tokenization import IncrementalTokenizer, Tokenizer

SLACK = 32
"""One part in so many of the room is left free, because pieces of text have other tokens than the text in one."""
LOOKS_SPECIAL = re.compile(r"[<\[▁].*[>\]]")


@dataclass(frozen=True)
class EncodedPrompt:
    """A prompt, ready for a session."""

    tokens: TokenIds
    """Shape (length,)."""
    prefix_start: int
    """Index of the first token of the text that is continued (the document's prefix, or the opening of an answer)."""
    prefix_end: int
    """Index after its last token: `len(tokens)` but for PSM prompts, where the suffix follows. Token healing may take
    back tokens before this index, down to `prefix_start`; they are plain text."""
    fills_middle: bool = False
    """Whether the suffix is in the prompt."""
    snippets: int = 0
    """How many snippets found room."""


class PromptEncoder:
    """Encodes prompts for one model, at the price of what changed since the last one. Not thread-safe."""

    def __init__(self, entry: ModelEntry, tokenizer: Tokenizer, shares: Shares | None = None) -> None:
        self._entry = entry
        self._tokenizer = tokenizer
        self._incremental = IncrementalTokenizer(tokenizer)
        self._shares = shares or Shares()
        self._text = lru_cache(maxsize=256)(tokenizer.encode)
        self._special = lru_cache(maxsize=64)(self._special_tokens)
        self._unit = Unit(lru_cache(maxsize=1024)(self._count), characters=3.5, overhead=3)

    def encode(self, prompt: Prompt | ChatPrompt, budget: int) -> EncodedPrompt:
        """`prompt` in the model's own format, in at most `budget` tokens.

        A `Prompt` is trimmed to fit. A `ChatPrompt` is not, because half a question has another answer: it raises
        `ModelError` when it is too long, and when the model was not taught to converse. Also raises `ModelError` when
        the vocabulary lacks a sentinel that the catalog names, or `budget` does not even hold the sentinels.
        """
        if isinstance(prompt, ChatPrompt):
            encoded = self._join(arrange_chat(prompt, self._entry))
            if len(encoded.tokens) > budget:
                raise ModelError(
                    f"The request takes {len(encoded.tokens)} tokens, and {self._entry.name} has room for {budget}.",
                    "Ask for a smaller piece of code, or choose a model with a longer context.",
                )
            return encoded
        return self._encode_completion(prompt, budget)

    def _encode_completion(self, prompt: Prompt, budget: int) -> EncodedPrompt:
        with_suffix = fills_middle(prompt, self._entry)
        room = budget - self._fixed_cost(prompt)
        room -= room // SLACK
        if room < 1:
            raise ModelError(
                f"A budget of {budget} tokens does not hold a prompt of {self._entry.name}.",
                "Allow a longer context or fewer new tokens.",
            )
        while True:
            fitted = trim(prompt, room, self._unit, with_suffix=with_suffix, shares=self._shares)
            encoded = self._join(arrange(fitted, self._entry))
            excess = len(encoded.tokens) - budget
            if excess > 0 and room > 0:
                room = max(room - max(excess, room // SLACK), 0)
                continue
            filled = fills_middle(fitted, self._entry)
            encoded = replace(encoded, fills_middle=filled, snippets=len(fitted.snippets))
            return encoded if excess <= 0 else _without_first(encoded, excess)

    def _fixed_cost(self, prompt: Prompt) -> int:
        """Tokens of everything that is never trimmed: sentinels, the repository's name, the path."""
        bare = Prompt("", "\0" if fills_middle(prompt, self._entry) else "", prompt.path, prompt.repository)
        return len(self._join(arrange(bare, self._entry)).tokens)

    def _join(self, pieces: Sequence[Piece]) -> EncodedPrompt:
        parts: list[TokenIds] = [self._special(self._entry.begin)]
        length = len(parts[0])
        start = end = 0
        for piece in pieces:
            encode = self._special if piece.special else self._incremental.encode if piece.is_prefix else self._text
            part = encode(piece.content)
            if piece.is_prefix:
                start, end = length, length + len(part)
            parts.append(part)
            length += len(part)
        parts.append(self._special(self._entry.end))
        return EncodedPrompt(np.concatenate(parts).astype(np.int64), start, end)

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(text))

    def _special_tokens(self, sentinels: str) -> TokenIds:
        """A row of sentinels as ids; one that is plain text in every tokenizer (`#`) is encoded as such."""
        parts: list[TokenIds] = [np.zeros(0, np.int64)]
        for sentinel in split_sentinels(sentinels):
            token = self._tokenizer.token_id(sentinel)
            if token is not None:
                parts.append(np.array([token], np.int64))
            elif LOOKS_SPECIAL.fullmatch(sentinel):
                raise ModelError(
                    f"The vocabulary of {self._entry.name} has no token '{sentinel}'.",
                    "The prompt format does not belong to this model: remove it and add it again with another --fim.",
                )
            else:
                parts.append(self._tokenizer.encode(sentinel))
        return np.concatenate(parts)


def _without_first(encoded: EncodedPrompt, count: int) -> EncodedPrompt:
    """Without the first `count` tokens of the prefix: for budgets of a few words, where only the last is left."""
    start = encoded.prefix_start
    tokens = np.delete(encoded.tokens, slice(start, start + count))
    return replace(encoded, tokens=tokens, prefix_end=encoded.prefix_end - count)


def encode_prompt(prompt: Prompt | ChatPrompt, entry: ModelEntry, tokenizer: Tokenizer, budget: int) -> EncodedPrompt:
    """One prompt as tokens, see `PromptEncoder.encode`; keep a `PromptEncoder` where they come with every keystroke."""
    return PromptEncoder(entry, tokenizer).encode(prompt, budget)
