"""A real byte-level tokenizer, small enough to train within a test run."""

import argparse
import ast
import inspect
import tarfile
from dataclasses import dataclass

import pytest
from tokenizers import Tokenizer as Inner
from tokenizers import decoders, models, pre_tokenizers, trainers

from models.backends.session import TokenIds
from models.catalog import builtin_models
from models.catalog.entry import split_sentinels
from models.tokenization import Tokenizer


@dataclass(frozen=True)
class SmallTokenizer:
    """Byte-level BPE of 2,000 tokens that knows the sentinels of every family in the catalog."""

    ours: Tokenizer
    theirs: Inner

    def spell(self, tokens: TokenIds) -> str:
        """The text of `tokens`, control tokens spelled out."""
        return self.theirs.decode(tokens.tolist(), skip_special_tokens=False)


@pytest.fixture(scope="session")
def small() -> SmallTokenizer:
    special = {"[INST]", "[/INST]", "<start_of_turn>"}
    for entry in builtin_models().values():
        rows = [entry.begin, entry.end, entry.repository_separator, entry.file_separator, *entry.stop_tokens]
        rows += [entry.fim.prefix, entry.fim.suffix, entry.fim.middle] if entry.fim else []
        special |= {token for row in rows for token in split_sentinels(row)}
    inner = Inner(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    specials = sorted(special - {"#", "+++++ "})
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=specials, initial_alphabet=alphabet)
    inner.train_from_iterator(map(inspect.getsource, (argparse, ast, inspect, tarfile)), trainer)
    return SmallTokenizer(Tokenizer(inner), inner)
