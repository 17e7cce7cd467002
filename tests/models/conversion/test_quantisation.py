"""Repacking keeps the weights; where it cannot, the error has a bound."""

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Format
from gguf.quants import dequantize, quantize
from hypothesis import given
from hypothesis import strategies as st

from models.conversion.decoder import AffineBlocks
from models.conversion.gguf_weights import half_split_order, unpack
from models.conversion.quantisation import dequantise, dequantise_rows, pack8, stack


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


@pytest.mark.parametrize("kind", [Format.Q4_0, Format.Q5_0, Format.Q8_0])
def test_symmetric_blocks_stay_what_they_are(kind: Format) -> None:
    blocks = unpack(Tensor(random_weights(), kind))  # pyright: ignore[reportArgumentType] - as above
    np.testing.assert_allclose(pack8(blocks).dequantise(), dequantise(blocks), rtol=1e-5, atol=1e-7)


@given(st.integers(0, 2**31))
def test_other_blocks_move_by_half_an_eight_bit_step(seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 16, (4, 64)).astype(np.uint8)
    scale = random.uniform(0.01, 1, (4, 2)).astype(np.float32)
    minimum = (-scale * random.uniform(0, 15, (4, 2))).astype(np.float32)
    blocks = AffineBlocks(codes, scale, minimum, bits=4)
    error = np.abs(pack8(blocks).dequantise() - dequantise(blocks)).reshape(4, 2, 32)
    assert (error <= scale[:, :, None] / 34 * (1 + 1e-3)).all()


@given(st.integers(0, 2**31), st.floats(-3, 3), st.floats(1e-6, 1e3))
def test_floats_move_by_half_a_step_of_their_block(seed: int, shift: float, size: float) -> None:
    weights = (random_weights(seed, 3, 64) * size + shift * size).astype(np.float32)
    blocks = weights.reshape(3, 2, 32)
    step = (np.maximum(blocks.max(axis=2), 0) - np.minimum(blocks.min(axis=2), 0)) / 255
    error = np.abs(pack8(weights).dequantise() - weights).reshape(3, 2, 32)
    assert (error <= step[:, :, None] * 1.01).all()


def test_blocks_of_one_value() -> None:
    weights = np.repeat(np.array([[0.0, 2.5, -1.25]], dtype=np.float32), 32, axis=1)
    np.testing.assert_allclose(pack8(weights).dequantise(), weights, rtol=1e-6)
    constant = AffineBlocks(
        np.zeros((1, 32), np.uint8), np.zeros((1, 1), np.float32), np.full((1, 1), 0.5, np.float32), 4
    )
    np.testing.assert_allclose(pack8(constant).dequantise(), 0.5, rtol=1e-6)


def test_blocks_whose_minimum_no_zero_point_reaches() -> None:
    codes = np.tile(np.arange(16, dtype=np.uint8), 2)[None, :]
    far = AffineBlocks(codes, np.full((1, 1), 0.1, np.float32), np.full((1, 1), 5.0, np.float32), bits=4)
    assert np.abs(pack8(far).dequantise() - dequantise(far)).max() <= 6.5 / 255


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
