"""A decoder-only transformer described without reference to the file it came from.

Readers (GGUF, safetensors) make a `Decoder`; `graph` writes it as ONNX. Weights are read only when they are asked for,
one at a time, so that a model never stands in memory twice. Rotary embeddings are in the half-split order of GPT-NeoX
and Hugging Face: a reader of files that interleave (llama.cpp's llama) puts the rows back first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class AffineBlocks:
    """A matrix in blocks of equal size along its rows: `weight = scale * code + minimum`, per block."""

    codes: NDArray[np.uint8]
    """Shape (rows, columns), values 0 to 2**bits - 1, one a byte."""
    scale: FloatArray
    """Shape (rows, blocks)."""
    minimum: FloatArray
    """Shape (rows, blocks)."""
    bits: int

    @property
    def block_size(self) -> int:
        return self.codes.shape[1] // self.scale.shape[1]

    @property
    def symmetric(self) -> bool:
        """The middle code stands for zero in every block."""
        return bool((self.minimum == -self.scale * np.float32(2 ** (self.bits - 1))).all())


Matrix = FloatArray | AffineBlocks
"""Shape (outputs, inputs), as in `y = W x`."""


def outputs(matrix: Matrix) -> int:
    """The first dimension of a matrix."""
    return len(matrix.codes if isinstance(matrix, AffineBlocks) else matrix)


@dataclass(frozen=True)
class Linear:
    read: Callable[[], Matrix]
    bias: FloatArray | None = None


@dataclass(frozen=True)
class Norm:
    """RMS normalisation, or layer normalisation where `Decoder.norm` says so (then with a bias)."""

    weight: FloatArray
    bias: FloatArray | None = None


@dataclass(frozen=True)
class GatedFeedForward:
    """`down(silu(gate(x)) * up(x))`, as in Llama."""

    gate: Linear
    up: Linear
    down: Linear


@dataclass(frozen=True)
class PlainFeedForward:
    """`down(gelu(up(x)))`, as in StarCoder2; GELU in its tanh approximation."""

    up: Linear
    down: Linear


@dataclass(frozen=True)
class Layer:
    attention_norm: Norm
    query: Linear
    key: Linear
    value: Linear
    output: Linear
    feed_forward_norm: Norm
    feed_forward: GatedFeedForward | PlainFeedForward


@dataclass(frozen=True)
class Rotary:
    """Rotary position embedding over the whole head."""

    base: float
    frequency_divisors: FloatArray | None = None
    """Shape (head_size / 2,): Llama 3 and linear scaling divide each frequency by its own number."""

    def frequencies(self, head_size: int) -> NDArray[np.float64]:
        """Radians by which each pair of a head turns from one position to the next, shape (head_size / 2,)."""
        frequencies = self.base ** -(np.arange(0, head_size, 2) / head_size)
        return frequencies if self.frequency_divisors is None else frequencies / self.frequency_divisors


@dataclass(frozen=True)
class Decoder:
    """Sizes and weights of one model."""

    width: int
    heads: int
    kv_heads: int
    head_size: int
    context_length: int
    vocabulary_size: int
    rotary: Rotary
    norm: Literal["rms", "layer"]
    norm_epsilon: float
    embedding: Callable[[], Matrix]
    """Shape (vocabulary_size, width)."""
    layers: tuple[Layer, ...]
    final_norm: Norm
    language_head: Linear | None = None
    """`None` where the embedding serves as the output layer too."""
    sliding_window: int | None = None
    """Tokens that a position sees back, itself included; `None` is all."""
    bos_token: int | None = None
    eos_tokens: tuple[int, ...] = field(default=())
