"""A language model of a few lines of numpy: what it says next depends on the last three tokens, and nothing else.

It has read `CORPUS` and is otherwise arbitrary but fixed, so that its texts have words, repetitions and surprises. Its
sessions keep account of what they were asked, and refuse what a real one could not do.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from tokenizers import AddedToken, Regex, decoders, pre_tokenizers, trainers
from tokenizers import Tokenizer as Inner
from tokenizers import models as tokenizer_models

from models.backends.session import Logits, TokenIds
from models.catalog.entry import FileSource, ModelEntry
from models.errors import ModelError
from models.tokenization import Tokenizer

CORPUS = (
    "class Session:\n    def __init__(self, size=1024):\n        self.size = size\n        self.tokens = []\n\n"
    "    def extend(self, tokens):\n        self.tokens.extend(tokens)\n        return self.logits(tokens)\n\n"
    "for name in names:\n    print(name.value, name.valid, name.values())\n    total += values[name] * 10\n\n"
    "größe = naïve.größe + 日本語.get('日本') # 🙂 résumé\nif x is not None and y >= 3.14:\n\treturn x.name\n\n"
)
MEMORY = 3


def train_tokenizer() -> Tokenizer:
    inner = Inner(tokenizer_models.BPE())
    words = pre_tokenizers.Split(Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.pre_tokenizer = pre_tokenizers.Sequence([words, byte_level])
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=460, initial_alphabet=alphabet, show_progress=False)
    inner.train_from_iterator([CORPUS], trainer)
    inner.add_special_tokens([AddedToken("<|endoftext|>", special=True), AddedToken("<|pad|>", special=True)])
    return Tokenizer(inner)


class FakeModel:
    """Implements `LanguageModel`. `seed` makes other models, `wildness` less predictable ones, `persistence` such as
    seldom end."""

    entry = ModelEntry("fake", FileSource("fake"), "decoder", 512, "none")
    fingerprint = "0" * 64
    device = "cpu"

    def __init__(
        self,
        tokenizer: Tokenizer,
        seed: int = 0,
        wildness: float = 1.5,
        persistence: float = 2.0,
        context_length: int = 512,
    ) -> None:
        self.tokenizer = tokenizer
        self.context_length = context_length
        self.vocabulary_size = tokenizer.size + 3  # padded, as real weights are
        self.sessions: list[FakeSession] = []
        self.on_pass: Callable[[], None] = lambda: None
        self._seed = seed
        self._wildness = wildness
        self._persistence = persistence
        self._rows: dict[tuple[int, ...], Logits] = {}
        self._seen: dict[tuple[int, ...], set[int]] = defaultdict(set)
        tokens = tokenizer.encode(CORPUS).tolist()
        for index, token in enumerate(tokens):
            for order in (1, 2, 3):
                self._seen[tuple(tokens[max(index - order, 0) : index])].add(token)

    def new_session(self) -> "FakeSession":
        self.sessions.append(FakeSession(self))
        return self.sessions[-1]

    def close(self) -> None:
        self.sessions.clear()

    def row(self, tokens: Sequence[int]) -> Logits:
        """Logits after `tokens`, shape (vocabulary,): the slow reference for everything cached."""
        context = tuple(tokens[-MEMORY:])
        if context not in self._rows:
            rng = np.random.default_rng([self._seed, *context])
            row = rng.normal(0, self._wildness, self.vocabulary_size).astype(np.float32)
            for order in (1, 2, 3):
                row[list(self._seen[context[-order:]])] += 2.0
            row[[*self.tokenizer.control_ids, *range(self.tokenizer.size, self.vocabulary_size)]] -= self._persistence
            self._rows[context] = row
        return self._rows[context]


class FakeSession:
    """Implements `Session`."""

    def __init__(self, model: FakeModel) -> None:
        self._model = model
        self._tokens: list[int] = []
        self._logits = np.zeros((0, model.vocabulary_size), dtype=np.float32)
        self.passes: list[int] = []
        """Tokens fed in each pass."""

    @property
    def tokens(self) -> TokenIds:
        return np.array(self._tokens, dtype=np.int64)

    @property
    def capacity(self) -> int:
        return self._model.context_length

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        assert 1 <= last <= len(tokens)
        if len(self._tokens) + len(tokens) > self.capacity:
            raise ModelError("full")
        self.passes.append(len(tokens))
        self._model.on_pass()
        before = len(self._tokens)
        self._tokens += [int(token) for token in tokens]
        self._logits.fill(np.nan)  # what was handed out is overwritten, as by a real session
        if len(self._logits) < last:
            self._logits = np.empty((last, self._model.vocabulary_size), dtype=np.float32)
        end = before + len(tokens)
        for index in range(last):
            self._logits[index] = self._model.row(self._tokens[: end - last + 1 + index])
        return self._logits[:last]

    def truncate(self, length: int) -> None:
        assert 0 <= length <= len(self._tokens)
        del self._tokens[length:]
