"""Samples as tokens, and many samples in one row.

Every row has the same length. What a sample leaves free is filled by the next ones; document numbers keep them apart in
attention (`model.Packing`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.prompting.layout import Piece
from scripts.train.samples import Sample
from scripts.train.vocabulary import TrainingTokenizer

IGNORED = 65535
"""Target of a position that is not learned from."""


@dataclass(frozen=True)
class EncodedSample:
    """Tokens of a sample and which of them are to be predicted."""

    tokens: NDArray[np.uint16]
    learned: NDArray[np.bool_]


@dataclass(frozen=True)
class Row:
    """One row of a shard, every array of shape (length,)."""

    tokens: NDArray[np.uint16]
    targets: NDArray[np.uint16]
    """The next token, or `IGNORED`."""
    documents: NDArray[np.int16]


def encode_sample(sample: Sample, tokenizer: TrainingTokenizer, length: int) -> EncodedSample | None:
    """Tokens of a sample and the end of text after it; `None` where they do not fit a row.

    All text is learned from, sentinels are not.
    """
    pieces = list(sample.pieces)
    if not sample.split and pieces and pieces[-1].is_prefix:
        pieces[-1] = Piece(pieces[-1].content + sample.target)
    else:
        pieces.append(Piece(sample.target))
    tokens: list[int] = []
    learned: list[bool] = []
    for piece in pieces:
        ids = tokenizer.special(piece.content) if piece.special else tokenizer.encode(piece.content)
        tokens += ids
        learned += [not piece.special] * len(ids)
    if len(tokens) > length:
        return None
    return EncodedSample(np.array([*tokens, tokenizer.end_of_text], np.uint16), np.array([*learned, True], bool))


def pack(samples: Iterable[EncodedSample], length: int) -> Iterator[Row]:
    """First fit, in order: a row is closed when the next sample does not fit; the remainder is padding that nobody
    learns."""
    row: list[EncodedSample] = []
    used = 0
    for sample in samples:
        size = len(sample.tokens) - 1
        if used + size > length and row:
            yield _row(row, length)
            row, used = [], 0
        row.append(sample)
        used += size
    if row:
        yield _row(row, length)


def _row(samples: list[EncodedSample], length: int) -> Row:
    tokens = np.zeros(length, np.uint16)
    targets = np.full(length, IGNORED, np.uint16)
    documents = np.full(length, len(samples), np.int16)
    start = 0
    for number, sample in enumerate(samples):
        size = min(len(sample.tokens) - 1, length - start)
        stop = start + size
        tokens[start:stop] = sample.tokens[:size]
        targets[start:stop] = np.where(sample.learned[1 : size + 1], sample.tokens[1 : size + 1], IGNORED)
        documents[start:stop] = number
        start = stop
    return Row(tokens, targets, documents)
