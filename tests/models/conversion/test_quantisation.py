"""Rounding to 8 bits moves no weight further than half a step of its block."""

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Format
from gguf.quants import dequantize, quantize
from hypothesis import given
from hypothesis import strategies as st

from models.conversion.decoder import AffineBlocks
from models.conversion.gguf_weights import half_split_order, unpack
from models.conversion.quantisation import block_size, dequantise, dequantise_rows, pack8, stack
from models.errors import ModelError


class Tensor:
    """What `unpack` needs of a tensor in a file."""

    def __init__(self, weights: np.ndarray, kind: Format) -> None:
        self.name = "tensor"
        self.tensor_type = kind
        self.data = quantize(weights, kind)
        self.shape = weights.shape[::-1]


def random_weights(seed: int = 0, rows: int = 24, columns: int = 96) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (rows, columns)).astype(np.float32)


LEGACY = [Format.Q4_0, Format.Q4_1, Format.Q5_0, Format.Q5_1, Format.Q8_0]


@pytest.mark.parametrize("kind", [*LEGACY, Format.F16, Format.F32])
def test_unpacking_is_what_gguf_says(kind: Format) -> None:
    tensor = Tensor(random_weights(), kind)
    unpacked = unpack(tensor)  # pyright: ignore[reportArgumentType] - has what is read of a tensor
    np.testing.assert_array_equal(dequantise(unpacked), dequantize(tensor.data, kind))
    assert isinstance(unpacked, AffineBlocks) == (kind in LEGACY)


def steps(weights: np.ndarray, size: int, *, symmetric: bool) -> np.ndarray:
    """What a step of each weight's block is worth."""
    blocks = weights.reshape(len(weights), -1, size)
    high, low = np.maximum(blocks.max(axis=2), 0), np.minimum(blocks.min(axis=2), 0)
    width = np.maximum(high, -low) / 127 if symmetric else (high - low) / 255
    return np.repeat(width, size, axis=1)


@given(st.integers(0, 2**31), st.sampled_from([32, 64, 96, 128]), st.floats(-3, 3), st.floats(1e-6, 1e3))
def test_floats_move_by_half_a_step_of_their_block(seed: int, columns: int, shift: float, size: float) -> None:
    weights = (random_weights(seed, 3, columns) * size + shift * size).astype(np.float32)
    error = np.abs(pack8(weights).dequantise() - weights)
    # a zero point is whole, so that a weight at the edge of its block may be cut off by half a step more
    assert (error <= steps(weights, block_size(columns), symmetric=False) * 1.01).all()


@pytest.mark.parametrize("kind", LEGACY)
@pytest.mark.parametrize("columns", [96, 128])
def test_blocks_move_by_half_a_step_and_stay_symmetric(kind: Format, columns: int) -> None:
    blocks = unpack(Tensor(random_weights(columns=columns), kind))  # pyright: ignore[reportArgumentType] - as above
    packed = pack8(blocks)
    assert packed.symmetric == (kind in {Format.Q4_0, Format.Q5_0, Format.Q8_0})
    weights = dequantise(blocks)
    most = steps(weights, block_size(columns), symmetric=packed.symmetric) * (0.501 if packed.symmetric else 1.01)
    assert (np.abs(packed.dequantise() - weights) <= most).all()


def test_blocks_of_one_value() -> None:
    weights = np.repeat(np.array([[0.0, 2.5, -1.25]], dtype=np.float32), 64, axis=1)
    np.testing.assert_allclose(pack8(weights).dequantise(), weights, rtol=1e-6)
    constant = AffineBlocks(
        np.zeros((1, 32), np.uint8), np.zeros((1, 1), np.float32), np.full((1, 1), 0.5, np.float32), 4
    )
    np.testing.assert_allclose(pack8(constant).dequantise(), 0.5, rtol=1e-6)


def test_many_rows_are_rounded_like_few() -> None:
    weights = random_weights(rows=4096 + 3, columns=32)
    np.testing.assert_array_equal(pack8(weights).codes[-5:], pack8(weights[-5:]).codes)


def test_columns_that_no_block_divides_are_refused_with_a_way_out() -> None:
    with pytest.raises(ModelError, match="48 columns") as caught:
        pack8(random_weights(columns=48))
    assert "torch" in caught.value.hint


def test_stacked_rows_follow_each_other() -> None:
    first, second = pack8(random_weights(1)), pack8(random_weights(2))
    np.testing.assert_array_equal(
        stack([first, second]).dequantise(), np.concatenate([first.dequantise(), second.dequantise()])
    )


def test_some_rows() -> None:
    blocks = unpack(Tensor(random_weights(), Format.Q4_1))  # pyright: ignore[reportArgumentType] - as above
    rows = np.array([3, 3, 0])
    np.testing.assert_array_equal(dequantise_rows(blocks, rows), dequantise(blocks)[rows])


def test_half_split_order_takes_the_permutation_back() -> None:
    original = np.arange(24)  # three heads of eight rows
    permuted = original.reshape(3, 2, 4).swapaxes(1, 2).reshape(-1)
    np.testing.assert_array_equal(permuted[half_split_order(24, 8)], original)
