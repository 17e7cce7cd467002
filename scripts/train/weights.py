"""Weights between files and the torch model.

Starting weights come from a GGUF (dequantised) or from an earlier run; finished weights leave through `gguf_file`.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from models.conversion.decoder import Decoder as Described
from models.conversion.decoder import FloatArray, GatedFeedForward
from models.conversion.gguf_weights import GgufFile, read_gguf
from models.conversion.quantisation import dequantise
from scripts.train.model import Decoder, Layer, Shape


def shape_of(source: Described, hidden: int) -> Shape:
    """Sizes of a described decoder, as the torch model wants them."""
    return Shape(
        layers=len(source.layers),
        width=source.width,
        heads=source.heads,
        kv_heads=source.kv_heads,
        head_size=source.head_size,
        hidden=hidden,
        vocabulary=source.vocabulary_size,
        context=source.context_length,
        rope_base=source.rotary.base,
        epsilon=source.norm_epsilon,
    )


def from_gguf(path: Path) -> Decoder:
    """The torch model with the weights of a llama-architecture GGUF file."""
    source = read_gguf(GgufFile(path))
    model: Decoder | None = None
    for number, layer in enumerate(source.layers):
        feed_forward = layer.feed_forward
        if not isinstance(feed_forward, GatedFeedForward):
            raise ValueError(f"{path}: only gated feed-forward layers (Llama) can be trained")
        gate = dequantise(feed_forward.gate.read())
        if model is None:
            model = Decoder(shape_of(source, hidden=len(gate)))
        target = model.layers[number]
        assert isinstance(target, Layer)
        for linear, matrix in (
            (target.attention.q, dequantise(layer.query.read())),
            (target.attention.k, dequantise(layer.key.read())),
            (target.attention.v, dequantise(layer.value.read())),
            (target.attention.o, dequantise(layer.output.read())),
            (target.ffn.gate, gate),
            (target.ffn.up, dequantise(feed_forward.up.read())),
            (target.ffn.down, dequantise(feed_forward.down.read())),
        ):
            _set(linear.weight, matrix)
        _set(target.attention_norm.weight, layer.attention_norm.weight)
        _set(target.ffn_norm.weight, layer.feed_forward_norm.weight)
    if model is None:
        raise ValueError(f"{path} has no layers")
    _set(model.embedding.weight, dequantise(source.embedding()))
    _set(model.norm.weight, source.final_norm.weight)
    return model


def save(model: Decoder, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """The model's tensors as safetensors, written beside their place and renamed into it."""
    partial = path.with_suffix(".partial")
    save_file({name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()}, partial)
    partial.replace(path)


def load(model: Decoder, path: Path) -> None:
    """Tensors saved by `save` into a model of the same shape."""
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})


def _set(parameter: torch.Tensor, values: FloatArray) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.array(values, dtype=np.float32)))
