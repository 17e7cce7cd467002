"""Weights between files and the torch model, through the converter's own description of a decoder.

Starting weights come from a GGUF (dequantised) or from an earlier run; finished weights leave as that same description,
so that
`models.conversion` writes the ONNX graph exactly as it does for every other model.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from models.conversion import decoder as described
from models.conversion.gguf_weights import GgufFile, read_gguf
from models.conversion.quantisation import dequantise
from scripts.train.model import Decoder, Layer, Shape


def shape_of(source: described.Decoder, hidden: int) -> Shape:
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
        if not isinstance(feed_forward, described.GatedFeedForward):
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


def describe(model: Decoder, end_tokens: tuple[int, ...]) -> described.Decoder:
    """The trained model as `models.conversion` knows models; weights are copied when it asks for them."""
    shape = model.shape

    def linear(module: torch.nn.Linear) -> described.Linear:
        return described.Linear(lambda: _floats(module.weight))

    layers: list[described.Layer] = []
    for layer in model.layers:
        assert isinstance(layer, Layer)
        layers.append(
            described.Layer(
                attention_norm=described.Norm(_floats(layer.attention_norm.weight)),
                query=linear(layer.attention.q),
                key=linear(layer.attention.k),
                value=linear(layer.attention.v),
                output=linear(layer.attention.o),
                feed_forward_norm=described.Norm(_floats(layer.ffn_norm.weight)),
                feed_forward=described.GatedFeedForward(
                    linear(layer.ffn.gate), linear(layer.ffn.up), linear(layer.ffn.down)
                ),
            )
        )
    return described.Decoder(
        width=shape.width,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        head_size=shape.head_size,
        context_length=shape.context,
        vocabulary_size=shape.vocabulary,
        rotary=described.Rotary(shape.rope_base),
        norm="rms",
        norm_epsilon=shape.epsilon,
        embedding=lambda: _floats(model.embedding.weight),
        layers=tuple(layers),
        final_norm=described.Norm(_floats(model.norm.weight)),
        eos_tokens=end_tokens,
    )


def save(model: Decoder, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """The model's tensors as safetensors, written beside their place and renamed into it."""
    partial = path.with_suffix(".partial")
    save_file({name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()}, partial)
    partial.replace(path)


def load(model: Decoder, path: Path) -> None:
    """Tensors saved by `save` into a model of the same shape."""
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})


def _floats(parameter: torch.Tensor) -> described.FloatArray:
    return parameter.detach().float().cpu().numpy().astype(np.float32, copy=True)


def _set(parameter: torch.Tensor, values: described.FloatArray) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.array(values, dtype=np.float32)))
