"""Weights in the packed form of ONNX Runtime's MatMulNBits, repacked from blocks or rounded from floats.

Rounding weights a second time on another grid is what ruins a quantised model, so blocks keep their codes: an 8-bit
code is a whole multiple of the 4- or 5-bit code, and only the zero point is rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.conversion.decoder import AffineBlocks, FloatArray, Matrix

BLOCK_SIZE = 32


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


def pack8(matrix: Matrix) -> Packed8:
    """`matrix` in 8-bit blocks of 32.

    Symmetric blocks (Q4_0, Q5_0, Q8_0) stay what they are. For others the zero point is rounded: an error of at most
    half an 8-bit step, 1/34 of a 4-bit step. Floats are rounded to the nearest of 256 steps between a block's least and
    greatest weight.
    """
    if isinstance(matrix, AffineBlocks):
        return _multiplied(matrix)
    return _rounded(matrix)


def dequantise(matrix: Matrix) -> FloatArray:
    """The floats that a matrix stands for, shape (outputs, inputs)."""
    if not isinstance(matrix, AffineBlocks):
        return matrix
    rows, blocks = matrix.scale.shape
    codes = matrix.codes.reshape(rows, blocks, -1).astype(np.float32)
    return (codes * matrix.scale[:, :, None] + matrix.minimum[:, :, None]).reshape(rows, -1)


def dequantise_rows(matrix: Matrix, rows: NDArray[np.int64]) -> FloatArray:
    """The floats of some rows only, shape (len(rows), inputs)."""
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


def _multiplied(matrix: AffineBlocks) -> Packed8:
    """Codes times the greatest whole number that keeps them in 8 bits; the zero point takes up the minimum."""
    factor = 255 // (2**matrix.bits - 1)
    scale = matrix.scale / factor
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = np.where(scale == 0, 0, np.rint(-matrix.minimum / scale))
    # A negative scale is legal in these formats; only a zero point outside 8 bits, or a constant block, is not.
    misfits = (zero < 0) | (zero > 255) | ((scale == 0) & (matrix.minimum != 0))
    packed = Packed8(matrix.codes * np.uint8(factor), scale, np.clip(zero, 0, 255).astype(np.uint8))
    if misfits.any():
        rounded = _rounded(dequantise(matrix))
        blocks = np.repeat(misfits, BLOCK_SIZE, axis=1)
        packed = Packed8(
            np.where(blocks, rounded.codes, packed.codes),
            np.where(misfits, rounded.scales, packed.scales),
            np.where(misfits, rounded.zero_points, packed.zero_points),
        )
    return packed


def _rounded(weights: FloatArray) -> Packed8:
    """Floats on a grid of 256 steps that holds zero, per block."""
    rows, columns = weights.shape
    blocks = weights.reshape(rows, columns // BLOCK_SIZE, BLOCK_SIZE)
    low = np.minimum(blocks.min(axis=2), 0)
    high = np.maximum(blocks.max(axis=2), 0)
    scales = np.maximum((high - low) / 255, np.finfo(np.float32).tiny)
    step = scales[:, :, None]
    zero = np.rint(-low[:, :, None] / step)
    codes = np.clip(np.rint(blocks / step) + zero, 0, 255).astype(np.uint8)
    return Packed8(codes.reshape(rows, columns), scales, zero[:, :, 0].astype(np.uint8))
