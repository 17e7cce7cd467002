"""Weights in the packed form of ONNX Runtime's MatMulNBits.

Whatever the weights were before, they are rounded to 8 bits, block by block. Rounding 4-bit weights to 4 bits again, on
another grid, ruins a model; 8 bits are a grid so much finer that it does not show in what is completed
(docs/models.md). The kernel adds up one product of whole numbers a block, so that longer blocks are faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.conversion.decoder import AffineBlocks, FloatArray, Matrix, outputs
from models.errors import ModelError

BLOCK_SIZES = (64, 32)
"""The first that divides a matrix's columns is taken."""
_ROWS = 4096
"""So many rows are rounded at a time: an embedding as floats is half a gigabyte for some models."""


@dataclass(frozen=True)
class Packed8:
    """8-bit blocks: `weight = scale * (code - zero_point)`."""

    codes: NDArray[np.uint8]
    """Shape (rows, columns)."""
    scales: FloatArray
    """Shape (rows, blocks)."""
    zero_points: NDArray[np.uint8]
    """Shape (rows, blocks)."""

    @property
    def symmetric(self) -> bool:
        """All zero points are the default, 128, and need not be stored."""
        return bool((self.zero_points == 128).all())

    def dequantise(self) -> FloatArray:
        """The floats that the blocks stand for, shape (rows, columns)."""
        rows, blocks = self.scales.shape
        codes = self.codes.reshape(rows, blocks, -1).astype(np.float32)
        centred = codes - self.zero_points[:, :, None].astype(np.float32)
        return (centred * self.scales[:, :, None]).reshape(rows, -1)


def block_size(columns: int) -> int:
    """Of a matrix with so many columns. Raises `ModelError` when none divides them."""
    for size in BLOCK_SIZES:
        if columns % size == 0:
            return size
    raise ModelError(
        f"A matrix of {columns} columns cannot be cut into blocks of {BLOCK_SIZES[-1]}.",
        "Run this model with the torch back end: `--model torch:NAME`.",
    )


def pack8(matrix: Matrix) -> Packed8:
    """`matrix` rounded to the nearest of 256 steps between a block's least and greatest weight, or zero.

    Where the source's own blocks are symmetric (Q4_0, Q5_0, Q8_0), so are these: no zero points are kept, which saves
    the kernel a twelfth of its time. Raises `ModelError` when no block size divides the columns.
    """
    symmetric = isinstance(matrix, AffineBlocks) and matrix.symmetric
    parts = (dequantise_rows(matrix, slice(start, start + _ROWS)) for start in range(0, outputs(matrix), _ROWS))
    return stack([_rounded(part, symmetric) for part in parts])


def dequantise(matrix: Matrix) -> FloatArray:
    """The floats that a matrix stands for, shape (outputs, inputs)."""
    if not isinstance(matrix, AffineBlocks):
        return matrix
    rows, blocks = matrix.scale.shape
    codes = matrix.codes.reshape(rows, blocks, -1).astype(np.float32)
    return (codes * matrix.scale[:, :, None] + matrix.minimum[:, :, None]).reshape(rows, -1)


def dequantise_rows(matrix: Matrix, rows: NDArray[np.int64] | slice) -> FloatArray:
    """The floats of some rows only, one a row of the result."""
    if not isinstance(matrix, AffineBlocks):
        return matrix[rows]
    return dequantise(AffineBlocks(matrix.codes[rows], matrix.scale[rows], matrix.minimum[rows], matrix.bits))


def stack(parts: Sequence[Packed8]) -> Packed8:
    """Several matrices over the same input as one, their outputs one after another."""
    return Packed8(
        np.concatenate([p.codes for p in parts]),
        np.concatenate([p.scales for p in parts]),
        np.concatenate([p.zero_points for p in parts]),
    )


def _rounded(weights: FloatArray, symmetric: bool) -> Packed8:
    rows, columns = weights.shape
    blocks = weights.reshape(rows, -1, block_size(columns))
    least = np.finfo(np.float32).tiny
    if symmetric:
        scales = np.maximum(np.abs(blocks).max(axis=2) / 127, least)
        zero = np.full_like(scales, 128)
    else:
        low, high = np.minimum(blocks.min(axis=2), 0), np.maximum(blocks.max(axis=2), 0)
        scales = np.maximum((high - low) / 255, least)
        zero = np.rint(-low / scales)
    codes = np.clip(np.rint(blocks / scales[:, :, None]) + zero[:, :, None], 0, 255).astype(np.uint8)
    return Packed8(codes.reshape(rows, columns), scales, zero.astype(np.uint8))
