"""What a loaded model is, whichever library computes it: weights that open sessions, and their tokenizer."""

from typing import Protocol

from models.backends.session import Session
from models.catalog.entry import ModelEntry
from models.tokenization.tokenizer import Tokenizer


class LanguageModel(Protocol):
    """Weights in memory. Opening sessions is cheap; what fills them is not."""

    @property
    def entry(self) -> ModelEntry:
        """The line of the catalog it was loaded from."""
        ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the weights."""
        ...

    @property
    def device(self) -> str:
        """Where it computes, as a person would say it: `cpu`, `cuda:0`."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """Width of the logits. May exceed the tokenizer's, where the weights were padded."""
        ...

    @property
    def context_length(self) -> int:
        """How many tokens a session of this model can hold at most."""
        ...

    def new_session(self) -> Session:
        """An empty session. Raises `ModelError` when there is no memory for it."""
        ...

    def close(self) -> None:
        """Free the weights; sessions that are still open cannot be used afterwards."""
        ...
