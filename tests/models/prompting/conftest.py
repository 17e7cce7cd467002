"""A real byte-level tokenizer, small enough to train within a test run."""

import argparse
import ast
import inspect
import tarfile

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from models.catalog import builtin_models
from models.catalog.entry import split_sentinels


class SmallTokenizer:
    """Byte-level BPE of 2,000 tokens that knows the sentinels of every family in the catalog."""

    def __init__(self, special: list[str]) -> None:
        self.raw = Tokenizer(models.BPE())
        self.raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self.raw.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=special, initial_alphabet=alphabet)
        texts = map(inspect.getsource, (argparse, ast, inspect, tarfile))
        self.raw.train_from_iterator(texts, trainer)
        self.raw.encode_special_tokens = True

    def encode(self, text: str) -> NDArray[np.int64]:
        return np.array(self.raw.encode(text, add_special_tokens=False).ids, np.int64)

    def token_id(self, token: str) -> int | None:
        return self.raw.token_to_id(token)

    def decode(self, tokens: NDArray[np.int64]) -> str:
        return self.raw.decode(tokens.tolist(), skip_special_tokens=False)


@pytest.fixture(scope="session")
def tokenizer() -> SmallTokenizer:
    special: set[str] = set()
    for entry in builtin_models().values():
        rows = [entry.begin, entry.end, entry.repository_separator, entry.file_separator, *entry.stop_tokens]
        rows += [entry.fim.prefix, entry.fim.suffix, entry.fim.middle] if entry.fim else []
        special |= {token for row in rows for token in split_sentinels(row)}
    return SmallTokenizer([*sorted(special - {"#", "+++++ "}), "[INST]", "[/INST]", "<start_of_turn>"])
