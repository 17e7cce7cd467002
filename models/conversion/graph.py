"""Writes a `Decoder` as an ONNX graph of ONNX Runtime's contrib operators.

A small model is bound by the number of its kernels as much as by its weights: query, key and value are one product,
gate and up are one, and everything after the last layer's attention sees only the positions whose logits are wanted.

Inputs: `input_ids` (1, S); `start` (1,), the length before this pass; `length` (), the length after it;
`last_position` (1,), that less one; `last` (1,), how many of the last positions get logits; the KV cache. Outputs:
`logits` (1, last, vocabulary) and the cache, which the caller binds to the memory it came from.

Operators: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from models.conversion.attention import Attention
from models.conversion.calibration import CacheRange
from models.conversion.decoder import (
    Decoder,
    FloatArray,
    GatedFeedForward,
    Layer,
    Linear,
    Matrix,
    Norm,
    PlainFeedForward,
    outputs,
)
from models.conversion.onnx_file import CONTRIB, OnnxFile
from models.conversion.quantisation import Packed8, block_size, dequantise, pack8, stack

Precision = Literal["q8", "fp16", "fp32"]
"""Of the weights. `fp16` computes in half precision too and is meant for GPUs; `fp32` is the reference."""


def write_graph(
    decoder: Decoder,
    folder: Path,
    precision: Precision,
    progress: Callable[[float], None],
    ranges: Sequence[CacheRange] | None = None,
) -> None:
    """Write `model.onnx` and its weights into `folder`; `progress` hears fractions from 0 to 1.

    With `ranges`, one a layer, the KV cache is of 8-bit integers; else of the precision's own floats.
    """
    writer = _Writer(decoder, OnnxFile(folder, "decoder"), precision, ranges)
    writer.write(progress)


class _Writer:
    def __init__(
        self, decoder: Decoder, file: OnnxFile, precision: Precision, ranges: Sequence[CacheRange] | None
    ) -> None:
        self.decoder = decoder
        self.file = file
        self.ranges = ranges
        self.quantised = precision == "q8"
        self.element: type[np.floating] = np.float16 if precision == "fp16" else np.float32
        self.embedding: list[str] = []

    def write(self, progress: Callable[[float], None]) -> None:
        decoder, file = self.decoder, self.file
        # 1. Inputs, and the rotary tables that all layers share.
        file.input("input_ids", np.int64, (1, "S"))
        file.input("last", np.int64, (1,))
        attention = Attention(decoder, file, self.element, self.ranges)
        file.node("Neg", ["last"], "last.start")
        file.constant("last.end", np.array([np.iinfo(np.int64).max]))
        file.constant("last.axis", np.array([1]))
        # 2. Embedding, layers. `residual` is what a layer adds to, `update` what it adds.
        hidden = self._embedding()
        residual, update = hidden, None
        for index, layer in enumerate(decoder.layers):
            residual, update = self._layer(index, layer, attention, residual, update)
            progress((index + 1) / (len(decoder.layers) + 1))
        # 3. Logits of the last positions.
        _, normed = self._norm("final_norm", decoder.final_norm, residual, update)
        self._logits(normed)
        file.close()
        progress(1)

    def _embedding(self) -> str:
        """Rows of the embedding, (1, S, width). In blocks, the one tensor serves the language head too."""
        weights = self.decoder.embedding()
        if not self.quantised:
            self.file.constant("embedding", dequantise(weights).astype(self.element))
            return self.file.node("Gather", ["embedding", "input_ids"], "hidden")
        packed = pack8(weights)
        self.embedding = names = self._packed("embedding", packed)
        scales = self.file.constant("embedding.row_scales", packed.scales[:, :, None])
        zero_points = [self.file.constant("embedding.row_zeros", packed.zero_points[:, :, None])] if names[2] else []
        rows = self.file.node(
            "GatherBlockQuantized",
            [names[0], "input_ids", scales, *zero_points],
            "hidden.blocks",
            domain=CONTRIB,
            bits=8,
            block_size=block_size(self.decoder.width),
            gather_axis=0,
            quantize_axis=2,
        )
        shape = self.file.constant("hidden.shape", np.array([0, 0, self.decoder.width]))
        return self.file.node("Reshape", [rows, shape], "hidden")

    def _layer(
        self, index: int, layer: Layer, attention: Attention, residual: str, update: str | None
    ) -> tuple[str, str]:
        """One layer: returns the new residual and what is to be added to it next."""
        name = f"layer.{index}"
        residual, normed = self._norm(f"{name}.attention_norm", layer.attention_norm, residual, update)
        attended = attention.write(index, self._linear(f"{name}.qkv", [layer.query, layer.key, layer.value], normed))
        if index == len(self.decoder.layers) - 1:
            attended = self._last(attended)
            residual = self._last(residual)
        update = self._linear(f"{name}.output", [layer.output], attended)
        residual, normed = self._norm(f"{name}.feed_forward_norm", layer.feed_forward_norm, residual, update)
        match layer.feed_forward:
            case GatedFeedForward() as gated:
                update = self._gated(name, gated, normed)
            case PlainFeedForward() as plain:
                update = self._plain(name, plain, normed)
        return residual, update

    def _gated(self, name: str, feed_forward: GatedFeedForward, normed: str) -> str:
        both = self._linear(f"{name}.gate_up", [feed_forward.gate, feed_forward.up], normed)
        self.file.node("Split", [both], [f"{name}.gate", f"{name}.up"], axis=-1, num_outputs=2)
        # QuickGelu with alpha 1 is x * sigmoid(x), which is SiLU.
        self.file.node("QuickGelu", [f"{name}.gate"], f"{name}.silu", domain=CONTRIB, alpha=1.0)
        product = self.file.node("Mul", [f"{name}.silu", f"{name}.up"], f"{name}.product")
        return self._linear(f"{name}.down", [feed_forward.down], product)

    def _plain(self, name: str, feed_forward: PlainFeedForward, normed: str) -> str:
        up = self._linear(f"{name}.up", [feed_forward.up], normed)
        activated = self.file.node("FastGelu", [up], f"{name}.gelu", domain=CONTRIB)
        return self._linear(f"{name}.down", [feed_forward.down], activated)

    def _norm(self, name: str, norm: Norm, residual: str, update: str | None) -> tuple[str, str]:
        """The sum of both and its normalisation; without an update the residual is the sum."""
        file = self.file
        weights = [file.constant(f"{name}.weight", norm.weight.astype(self.element))]
        if self.decoder.norm == "layer":
            bias = norm.bias if norm.bias is not None else np.zeros_like(norm.weight)
            weights.append(file.constant(f"{name}.bias", bias.astype(self.element)))
        epsilon = self.decoder.norm_epsilon
        kind = "SimplifiedLayerNormalization" if self.decoder.norm == "rms" else "LayerNormalization"
        if update is None:
            return residual, file.node(kind, [residual, *weights], name, axis=-1, epsilon=epsilon)
        outputs = [name, "", "", f"{name}.sum"]
        file.node(f"Skip{kind}", [residual, update, *weights], outputs, domain=CONTRIB, epsilon=epsilon)
        return f"{name}.sum", name

    def _logits(self, normed: str) -> None:
        decoder, head = self.decoder, self.decoder.language_head
        self.file.output("logits", np.float32, (1, "last", decoder.vocabulary_size))
        target = "logits" if self.element is np.float32 else "logits.half"
        if head is not None:
            self._linear("language_head", [head], normed, target)
        elif self.quantised:
            self._block_product(self.embedding, normed, target, decoder.vocabulary_size, decoder.width)
        else:
            self._float_product(normed, "embedding", target)
        if target != "logits":
            self.file.node("Cast", [target], "logits", to=1)

    def _linear(self, name: str, parts: list[Linear], source: str, target: str | None = None) -> str:
        """One product with all `parts` stacked."""
        target = target or f"{name}.out"
        matrices = [part.read() for part in parts]
        biases = [_bias(part, matrix) for part, matrix in zip(parts, matrices, strict=True)]
        bias = None
        if any(part.bias is not None for part in parts):
            bias = self.file.constant(f"{name}.bias", np.concatenate(biases).astype(self.element))
        if self.quantised:
            packed = stack([pack8(matrix) for matrix in matrices])
            names = self._packed(name, packed)
            return self._block_product(names + (["", bias] if bias else []), source, target, *packed.codes.shape)
        weight = self.file.constant(name, np.concatenate([dequantise(m).astype(self.element) for m in matrices]))
        if bias is None:
            return self._float_product(source, weight, target)
        return self.file.node("Add", [self._float_product(source, weight, f"{name}.product"), bias], target)

    def _float_product(self, source: str, weight: str, target: str) -> str:
        return self.file.node("FusedMatMul", [source, weight], target, domain=CONTRIB, transB=1)

    def _packed(self, name: str, packed: Packed8) -> list[str]:
        """Codes in blocks, (rows, blocks, size), scales (rows, blocks), and zero points unless all are 128; else ""."""
        rows, blocks = packed.scales.shape
        return [
            self.file.constant(name, packed.codes.reshape(rows, blocks, -1)),
            self.file.constant(f"{name}.scales", packed.scales),
            "" if packed.symmetric else self.file.constant(f"{name}.zeros", packed.zero_points),
        ]

    def _block_product(self, weights: list[str], source: str, target: str, rows: int, columns: int) -> str:
        # Accuracy level 4 rounds the activations to 8 bits per block; nothing else has a fast kernel on a CPU.
        return self.file.node(
            "MatMulNBits",
            [source, *weights],
            target,
            domain=CONTRIB,
            K=columns,
            N=rows,
            bits=8,
            block_size=block_size(columns),
            accuracy_level=4,
        )

    def _last(self, value: str) -> str:
        """The last positions of a (1, S, width) value, as many as the input `last` says."""
        return self.file.node("Slice", [value, "last.start", "last.end", "last.axis"], f"{value}.last")


def _bias(part: Linear, matrix: Matrix) -> FloatArray:
    """The bias of one output each; zeros where there is none."""
    return np.zeros(outputs(matrix), dtype=np.float32) if part.bias is None else part.bias
