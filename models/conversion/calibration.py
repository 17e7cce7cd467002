"""How large keys and values become, found by reading a sample text: what an 8-bit cache must be able to hold.

A plain forward pass in numpy, one layer at a time. It needs neither ONNX Runtime nor the written graph.
"""

from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from models.conversion.decoder import Decoder, FloatArray, GatedFeedForward, Layer, Linear, Norm
from models.conversion.quantisation import dequantise, dequantise_rows

Floats = NDArray[np.floating]

HEADROOM = 2.0
"""Other texts go beyond the sample; what exceeds this many times its greatest value is cut off, which harms most."""


@dataclass(frozen=True)
class CacheRange:
    """The greatest magnitude that one layer's cache must hold, per channel."""

    key: FloatArray
    """After rotation, shape (kv_heads, head_size)."""
    value: FloatArray
    """Shape (kv_heads, head_size)."""


def sample_text() -> str:
    """Code in several languages and a little prose."""
    return resources.files("models.conversion").joinpath("calibration.txt").read_text(encoding="utf-8")


def cache_ranges(decoder: Decoder, tokens: NDArray[np.int64]) -> list[CacheRange]:
    """One range a layer, from reading `tokens`, shape (length,); length at most the context's."""
    tokens = tokens[: decoder.context_length]
    rotation = _rotation(decoder, len(tokens))
    hidden: Floats = dequantise_rows(decoder.embedding(), tokens)
    ranges: list[CacheRange] = []
    for layer in decoder.layers:
        attended, found = _attention(decoder, layer, _normalise(decoder, layer.attention_norm, hidden), rotation)
        ranges.append(found)
        hidden = hidden + attended
        hidden = hidden + _feed_forward(layer, _normalise(decoder, layer.feed_forward_norm, hidden))
    return ranges


def _attention(
    decoder: Decoder, layer: Layer, normed: Floats, rotation: tuple[FloatArray, FloatArray]
) -> tuple[Floats, CacheRange]:
    # 1. Heads, (H, S, D).
    size = decoder.head_size
    query, key, value = (
        _apply(part, normed).reshape(len(normed), -1, size).swapaxes(0, 1)
        for part in (layer.query, layer.key, layer.value)
    )
    query, key = _rotated(query, rotation), _rotated(key, rotation)
    found = CacheRange(_greatest(key), _greatest(value))
    # 2. Softmax over what each position may see, one query head at a time: (S, S) at most in memory.
    back = np.arange(len(normed))[:, None] - np.arange(len(normed))[None, :]
    hidden = (back < 0) | (back >= (decoder.sliding_window or len(normed)))
    outputs = np.empty_like(query)
    group = decoder.heads // decoder.kv_heads
    for head in range(decoder.heads):
        scores = query[head] @ key[head // group].T / np.float32(np.sqrt(size))
        scores[hidden] = -np.inf
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs[head] = scores @ value[head // group] / scores.sum(axis=1, keepdims=True)
    return _apply(layer.output, outputs.swapaxes(0, 1).reshape(len(normed), -1)), found


def _greatest(heads: Floats) -> FloatArray:
    """Per head and channel over all positions, with headroom; (H, S, D) -> (H, D)."""
    return (HEADROOM * np.abs(heads).max(axis=1)).astype(np.float32)


def _feed_forward(layer: Layer, normed: Floats) -> Floats:
    network = layer.feed_forward
    up = _apply(network.up, normed)
    if isinstance(network, GatedFeedForward):
        gate = _apply(network.gate, normed)
        return _apply(network.down, up * gate / (1 + np.exp(-np.clip(gate, -80, None))))
    inner = np.float32(np.sqrt(2 / np.pi)) * (up + np.float32(0.044715) * up**3)
    return _apply(network.down, up * (1 + np.tanh(inner)) / 2)


def _apply(linear: Linear, inputs: Floats) -> Floats:
    product = inputs @ dequantise(linear.read()).T
    return product if linear.bias is None else product + linear.bias


def _normalise(decoder: Decoder, norm: Norm, hidden: Floats) -> Floats:
    if decoder.norm == "layer":
        hidden = hidden - hidden.mean(axis=1, keepdims=True)
    size = np.sqrt((hidden * hidden).mean(axis=1, keepdims=True) + np.float32(decoder.norm_epsilon))
    return hidden / size * norm.weight + (0 if norm.bias is None else norm.bias)


def _rotation(decoder: Decoder, length: int) -> tuple[FloatArray, FloatArray]:
    """Cosines and sines, each (length, head_size / 2)."""
    angles = np.arange(length)[:, None] * decoder.rotary.frequencies(decoder.head_size)[None, :]
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _rotated(heads: Floats, rotation: tuple[FloatArray, FloatArray]) -> Floats:
    """Heads (H, S, D) in half-split order, each pair turned by its position's angle."""
    cosine, sine = rotation
    first, second = np.split(heads, 2, axis=2)
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=2)
