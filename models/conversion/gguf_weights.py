"""Reads a GGUF file into a `Decoder`.

Knows llama.cpp's tensor names, metadata keys and block formats (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
The file is mapped into memory, not read; weights are unpacked when the writer asks for them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.conversion.decoder import (
    AffineBlocks,
    Decoder,
    FloatArray,
    GatedFeedForward,
    Layer,
    Linear,
    Matrix,
    Norm,
    PlainFeedForward,
    Rotary,
)
from models.errors import ModelError

if TYPE_CHECKING:
    from gguf import ReaderTensor

ARCHITECTURES = ("llama", "qwen2", "starcoder2")
_BLOCK_SIZE = 32
"""Of the older formats."""


class GgufFile:
    """Metadata and tensors of an open GGUF file."""

    def __init__(self, path: Path) -> None:
        """Raises `ModelError` when `path` is not a whole GGUF file."""
        from gguf import GGUFReader

        self.path = path
        try:
            self._reader = GGUFReader(path)
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise ModelError(
                f"{path} is not a readable GGUF file ({error}).", "Download it again, or choose another file."
            ) from error
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}

    def value(self, key: str, default: Any = None) -> Any:
        """A metadata value as plain Python; `default` where the file does not have it."""
        found = self._reader.fields.get(key)
        return default if found is None else found.contents()

    def required(self, key: str) -> Any:
        """A metadata value. Raises `ModelError` where the file does not have it."""
        found = self.value(key)
        if found is None:
            raise ModelError(f"{self.path} has no '{key}'.", "The file is incomplete; choose another one.")
        return found

    def has(self, name: str) -> bool:
        """Is there a tensor called `name`?"""
        return name in self._tensors

    def tensor(self, name: str) -> Matrix:
        """A tensor's weights; in blocks where its format is affine in blocks of 32. Raises `ModelError`."""
        return unpack(self._tensor(name))

    def floats(self, name: str) -> FloatArray:
        """A small tensor (a norm, a bias) as floats. Raises `ModelError`."""
        from gguf.quants import dequantize

        tensor = self._tensor(name)
        return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)

    def rows(self, name: str) -> int:
        """The first dimension of a matrix: its outputs."""
        return int(self._tensor(name).shape[1])

    def _tensor(self, name: str) -> "ReaderTensor":
        if name not in self._tensors:
            raise ModelError(f"{self.path} has no tensor '{name}'.", "The file is incomplete; choose another one.")
        return self._tensors[name]


def unpack(tensor: "ReaderTensor") -> Matrix:
    """Blocks of the older formats as codes, everything else as floats. Raises `ModelError` for an unknown format."""
    from gguf import GGMLQuantizationType as Type
    from gguf.quants import dequantize

    rows = int(tensor.shape[1])
    match tensor.tensor_type:
        case Type.Q4_0:
            return _legacy_blocks(tensor.data, rows, bits=4, has_minimum=False)
        case Type.Q4_1:
            return _legacy_blocks(tensor.data, rows, bits=4, has_minimum=True)
        case Type.Q5_0:
            return _legacy_blocks(tensor.data, rows, bits=5, has_minimum=False)
        case Type.Q5_1:
            return _legacy_blocks(tensor.data, rows, bits=5, has_minimum=True)
        case Type.Q8_0:
            return _legacy_blocks(tensor.data, rows, bits=8, has_minimum=False)
        case other:
            try:
                return np.asarray(dequantize(tensor.data, other), dtype=np.float32)
            except NotImplementedError as error:
                raise ModelError(
                    f"Tensor '{tensor.name}' is in the format {other.name}, which cannot be read.",
                    "Choose a GGUF in one of the formats Q4_0 to Q8_0, Q2_K to Q6_K, F16 or F32.",
                ) from error


def _legacy_blocks(data: NDArray[np.uint8], rows: int, *, bits: int, has_minimum: bool) -> AffineBlocks:
    """Blocks of 32 weights: scale (half), minimum (half, in the _1 formats), fifth bits (5-bit formats), codes."""
    blocks = np.ascontiguousarray(data).view(np.uint8).reshape(rows, -1, _block_bytes(bits, has_minimum))
    scale = _halves(blocks[:, :, 0:2])
    offset = 2
    minimum = -scale * np.float32(2 ** (bits - 1))
    if has_minimum:
        minimum = _halves(blocks[:, :, 2:4])
        offset = 4
    if bits == 8:
        codes = (blocks[:, :, offset:].view(np.int8) ^ np.int8(-128)).view(np.uint8)
        return AffineBlocks(codes.reshape(rows, -1), scale, minimum, bits)
    fifth = None
    if bits == 5:
        fifth = np.unpackbits(blocks[:, :, offset : offset + 4], axis=2, bitorder="little") << np.uint8(4)
        offset += 4
    nibbles = blocks[:, :, offset:]
    codes = np.concatenate([nibbles & np.uint8(0x0F), nibbles >> np.uint8(4)], axis=2)
    if fifth is not None:
        codes |= fifth
    return AffineBlocks(codes.reshape(rows, -1), scale, minimum, bits)


def _block_bytes(bits: int, has_minimum: bool) -> int:
    return 2 + 2 * has_minimum + _BLOCK_SIZE * bits // 8


def _halves(data: NDArray[np.uint8]) -> FloatArray:
    return np.ascontiguousarray(data).view(np.float16)[:, :, 0].astype(np.float32)


def read_gguf(file: GgufFile) -> Decoder:
    """The model in `file`. Raises `ModelError` when its architecture or a feature of it is not supported."""
    architecture = file.required("general.architecture")
    if architecture not in ARCHITECTURES:
        raise ModelError(
            f"{file.path} holds a model of architecture '{architecture}'.",
            f"Supported are {', '.join(ARCHITECTURES)}.",
        )
    heads = int(file.required(f"{architecture}.attention.head_count"))
    width = int(file.required(f"{architecture}.embedding_length"))
    head_size = int(file.value(f"{architecture}.attention.key_length", width // heads))
    if int(file.value(f"{architecture}.rope.dimension_count", head_size)) != head_size:
        raise ModelError(f"{file.path} rotates only a part of each head.", "Such models are not supported yet.")
    norm: Literal["rms", "layer"] = "layer" if architecture == "starcoder2" else "rms"
    epsilon = "layer_norm_epsilon" if norm == "layer" else "layer_norm_rms_epsilon"
    return Decoder(
        width=width,
        heads=heads,
        kv_heads=int(file.value(f"{architecture}.attention.head_count_kv", heads)),
        head_size=head_size,
        context_length=int(file.required(f"{architecture}.context_length")),
        vocabulary_size=file.rows("token_embd.weight"),
        rotary=_rotary(file, architecture, head_size),
        norm=norm,
        norm_epsilon=float(file.required(f"{architecture}.attention.{epsilon}")),
        embedding=lambda: file.tensor("token_embd.weight"),
        layers=tuple(
            _layer(file, f"blk.{index}", head_size if architecture == "llama" else None)
            for index in range(int(file.required(f"{architecture}.block_count")))
        ),
        final_norm=_norm(file, "output_norm"),
        language_head=_linear(file, "output") if file.has("output.weight") else None,
        sliding_window=file.value(f"{architecture}.attention.sliding_window"),
        bos_token=file.value("tokenizer.ggml.bos_token_id"),
        eos_tokens=_end_tokens(file),
    )


def _layer(file: GgufFile, name: str, interleaved_head: int | None) -> Layer:
    up, down = _linear(file, f"{name}.ffn_up"), _linear(file, f"{name}.ffn_down")
    gated = file.has(f"{name}.ffn_gate.weight")
    return Layer(
        attention_norm=_norm(file, f"{name}.attn_norm"),
        query=_linear(file, f"{name}.attn_q", interleaved_head),
        key=_linear(file, f"{name}.attn_k", interleaved_head),
        value=_linear(file, f"{name}.attn_v"),
        output=_linear(file, f"{name}.attn_output"),
        feed_forward_norm=_norm(file, f"{name}.ffn_norm"),
        feed_forward=GatedFeedForward(_linear(file, f"{name}.ffn_gate"), up, down)
        if gated
        else PlainFeedForward(up, down),
    )


def _linear(file: GgufFile, name: str, interleaved_head: int | None = None) -> Linear:
    """A matrix with its bias; the rows of each head in half-split order where llama.cpp has interleaved them."""
    bias = file.floats(f"{name}.bias") if file.has(f"{name}.bias") else None
    if interleaved_head is None:
        return Linear(lambda: file.tensor(f"{name}.weight"), bias)
    order = half_split_order(file.rows(f"{name}.weight"), interleaved_head)
    return Linear(lambda: _reordered(file.tensor(f"{name}.weight"), order), None if bias is None else bias[order])


def half_split_order(rows: int, head_size: int) -> NDArray[np.int64]:
    """For each row of the half-split order, the row of llama.cpp's order that belongs there.

    llama.cpp's converter puts the two rows of a rotated pair next to each other (`LlamaModel.permute` in
    convert_hf_to_gguf.py); this takes that back.
    """
    return np.arange(rows).reshape(-1, head_size // 2, 2).swapaxes(1, 2).reshape(-1)


def _reordered(matrix: Matrix, order: NDArray[np.int64]) -> Matrix:
    if not isinstance(matrix, AffineBlocks):
        return matrix[order]
    return AffineBlocks(matrix.codes[order], matrix.scale[order], matrix.minimum[order], matrix.bits)


def _norm(file: GgufFile, name: str) -> Norm:
    bias = file.floats(f"{name}.bias") if file.has(f"{name}.bias") else None
    return Norm(file.floats(f"{name}.weight"), bias)


def _rotary(file: GgufFile, architecture: str, head_size: int) -> Rotary:
    """Base and scaling of the rotation. Raises `ModelError` for a scaling that changes with the length."""
    base = float(file.value(f"{architecture}.rope.freq_base", 10000.0))
    scaling = file.value(f"{architecture}.rope.scaling.type", "none")
    if scaling not in ("none", "linear"):
        raise ModelError(
            f"{file.path} scales its rotary embedding by '{scaling}'.", "Supported are none, linear and Llama 3's."
        )
    if file.has("rope_freqs.weight"):
        return Rotary(base, file.floats("rope_freqs.weight"))
    if scaling == "linear":
        factor = float(file.required(f"{architecture}.rope.scaling.factor"))
        return Rotary(base, np.full(head_size // 2, factor, dtype=np.float32))
    return Rotary(base)


def _end_tokens(file: GgufFile) -> tuple[int, ...]:
    """Ends of text and of turn, in the file's order, without repeats."""
    names = ("eos_token_id", "eot_token_id", "eom_token_id")
    found = [file.value(f"tokenizer.ggml.{name}") for name in names]
    return tuple(dict.fromkeys(int(token) for token in found if token is not None))
