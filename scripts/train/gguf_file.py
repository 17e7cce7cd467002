"""A trained model as a GGUF file: what the start says of itself, the sentinels' names, and new weights.

One file serves everybody: `dragoman models add` converts it as it converts any other, llama.cpp reads it too, and in
parts it ships with Dragoman (`models/weights`).
"""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from gguf.quants import quantize
from numpy.typing import NDArray
from torch import Tensor

from models.conversion.gguf_weights import half_split_order
from scripts.train.model import Decoder, Layer
from scripts.train.vocabulary import END_OF_TEXT, SENTINELS

FORMATS = {
    "q8": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "f32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
}
Array = NDArray[np.float32]


def write(model: Decoder, start: Path, out: Path, form: str, name: str) -> None:
    """Write `model`, which was trained from the GGUF file `start`; `form` is one of `FORMATS`.

    Norms stay in single precision. Written beside its place and renamed into it.
    """
    kind, file_type = FORMATS[form]
    partial = out.with_suffix(".partial")
    writer = GGUFWriter(partial, "llama")
    _metadata(writer, GGUFReader(start), {"general.name": name, "general.file_type": int(file_type)})
    for tensor, values in tensors(model):
        matrix = values.ndim == 2
        data = quantize(values, kind) if matrix else values
        writer.add_tensor(tensor, data, raw_dtype=kind if matrix else GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(out)


def tensors(model: Decoder) -> list[tuple[str, Array]]:
    """Every tensor under llama.cpp's name and in its order of rows."""
    size = model.shape.head_size
    found = [("token_embd.weight", _floats(model.embedding.weight)), ("output_norm.weight", _floats(model.norm.weight))]
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, Layer)
        attention, ffn = layer.attention, layer.ffn
        found += [
            (f"blk.{number}.{name}.weight", values)
            for name, values in (
                ("attn_norm", _floats(layer.attention_norm.weight)),
                ("attn_q", _interleaved(attention.q.weight, size)),
                ("attn_k", _interleaved(attention.k.weight, size)),
                ("attn_v", _floats(attention.v.weight)),
                ("attn_output", _floats(attention.o.weight)),
                ("ffn_norm", _floats(layer.ffn_norm.weight)),
                ("ffn_gate", _floats(ffn.gate.weight)),
                ("ffn_up", _floats(ffn.up.weight)),
                ("ffn_down", _floats(ffn.down.weight)),
            )
        ]
    return found


def _metadata(writer: GGUFWriter, start: GGUFReader, changed: dict[str, object]) -> None:
    """Everything that `start` says, with the sentinels renamed and what is `changed` laid over it."""
    for key, field in start.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        value = changed.get(key, field.contents())
        if key == "tokenizer.ggml.tokens":
            value = [SENTINELS.get(token, token) for token in field.contents()]
        elif key == "tokenizer.ggml.eos_token_id":
            value = start.fields["tokenizer.ggml.tokens"].contents().index(END_OF_TEXT)
        inner = field.types[1] if field.types[0] is GGUFValueType.ARRAY else None
        writer.add_key_value(key, value, field.types[0], inner)


def _interleaved(weight: Tensor, head_size: int) -> Array:
    """Rows of query or key with the two of a rotated pair side by side, as llama.cpp wants them."""
    rows = _floats(weight)
    result = np.empty_like(rows)
    result[half_split_order(len(rows), head_size)] = rows
    return result


def _floats(weight: Tensor) -> Array:
    return weight.detach().float().cpu().numpy()
