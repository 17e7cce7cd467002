"""Attention as nodes of an ONNX graph, over a cache of floats or of 8-bit integers.

An 8-bit cache is a quarter of the memory, and a token that is decoded reads it in half the time. But ONNX Runtime's
kernel for it computes one dot product at a time, so that a prompt takes three times as long in it as in a product of
matrices. Hence two branches: few new tokens attend over the integers; many get what is held as floats, attend over
that, and are rounded into the cache afterwards. Either way the cache is written in place.
"""

from collections.abc import Sequence

import numpy as np

from models.conversion.calibration import CacheRange
from models.conversion.decoder import Decoder, FloatArray
from models.conversion.onnx_file import CONTRIB, OnnxFile

PROMPT_LENGTH = 16
"""More new tokens than this are a prompt: floats pay off, whatever is held already."""

_PARTS = ("key", "value")


class Attention:
    """Writes the attention of every layer of one decoder into `file`."""

    def __init__(
        self, decoder: Decoder, file: OnnxFile, element: type[np.floating], ranges: Sequence[CacheRange] | None
    ) -> None:
        """`element` is the type of queries; `ranges`, one a layer, ask for an 8-bit cache."""
        self._decoder = decoder
        self._file = file
        self._element = element
        self._ranges = ranges
        file.input("last_position", np.int32, (1,))
        file.input("length", np.int32, ())
        file.input("start", np.int64, (1,))
        self._rotary_tables()
        if ranges is not None:
            self._constants()

    def write(self, index: int, qkv: str) -> str:
        """Grouped-query attention of one layer, (1, S, heads * head_size), from query, key and value in one."""
        shape = (1, self._decoder.kv_heads, "capacity", self._decoder.head_size)
        element = self._element if self._ranges is None else np.int8
        past = [self._file.input(f"past.{index}.{part}", element, shape) for part in _PARTS]
        present = [f"present.{index}.{part}" for part in _PARTS]
        for name in present:
            self._file.output(name, element, shape)
        outputs = [f"layer.{index}.attended", *present]
        if self._ranges is None:
            self._operator(qkv, past, outputs)
        else:
            self._two_branches(index, self._ranges[index], qkv, past, outputs)
        return outputs[0]

    def _two_branches(
        self, index: int, found: CacheRange, qkv: str, past: Sequence[str], outputs: Sequence[str]
    ) -> None:
        file, name = self._file, f"layer.{index}"
        scales = [file.constant(f"{name}.{part}.scale", _scale(getattr(found, part))) for part in _PARTS]
        elements = (self._element, np.int8, np.int8)
        with file.branch(f"{name}.step") as step:
            values = [f"{name}.step.{part}" for part in ("attended", *_PARTS)]
            self._operator(qkv, past, values, scales)
            step.outputs = list(zip(values, elements, strict=True))
        with file.branch(f"{name}.prompt") as prompt:
            values = self._prompt(f"{name}.prompt", qkv, past, scales)
            prompt.outputs = list(zip(values, elements, strict=True))
        file.condition("is_prompt", prompt, step, outputs)

    def _prompt(self, name: str, qkv: str, past: Sequence[str], scales: Sequence[str]) -> list[str]:
        """Attention over floats, and the cache with the new tokens rounded into it."""
        file = self._file
        floats: list[str] = []
        for part, cache, scale in zip(_PARTS, past, scales, strict=True):
            held = file.node("Slice", [cache, "cache.zero", "start", "cache.axis"], f"{name}.{part}.held")
            cast = file.node("Cast", [held], f"{name}.{part}.cast", to=1)
            floats.append(file.node("Mul", [cast, scale], f"{name}.{part}.past"))
        values = [f"{name}.attended", *(f"{name}.{part}.present" for part in _PARTS)]
        self._operator(qkv, floats, values)
        written: list[str] = []
        for part, cache, scale, present in zip(_PARTS, past, scales, values[1:], strict=True):
            new = file.node("Slice", [present, "start", "cache.end", "cache.axis"], f"{name}.{part}.new")
            steps = file.node("Div", [new, scale], f"{name}.{part}.steps")
            codes = file.node("QuantizeLinear", [steps, "cache.one", "cache.centre"], f"{name}.{part}.codes")
            written.append(file.node("TensorScatter", [cache, codes, "start"], f"{name}.{part}", axis=2))
        return [values[0], *written]

    def _operator(
        self, qkv: str, past: Sequence[str], outputs: Sequence[str], scales: Sequence[str] | None = None
    ) -> None:
        decoder = self._decoder
        inputs = [qkv, "", "", *past, "last_position", "length", "rotary.cos", "rotary.sin"]
        rounding = {}
        if scales is not None:
            inputs += ["", "", "", *scales]
            rounding = {"k_quant_type": "PER_CHANNEL", "v_quant_type": "PER_CHANNEL", "kv_cache_bit_width": 8}
        self._file.node(
            "GroupQueryAttention",
            inputs,
            outputs,
            domain=CONTRIB,
            num_heads=decoder.heads,
            kv_num_heads=decoder.kv_heads,
            do_rotary=1,
            local_window_size=decoder.sliding_window or -1,
            **rounding,
        )

    def _rotary_tables(self) -> None:
        """Cosines and sines, each (context_length, head_size / 2), shared by all layers."""
        decoder = self._decoder
        angles = np.arange(decoder.context_length)[:, None] * decoder.rotary.frequencies(decoder.head_size)[None, :]
        self._file.constant("rotary.cos", np.cos(angles).astype(self._element))
        self._file.constant("rotary.sin", np.sin(angles).astype(self._element))

    def _constants(self) -> None:
        file = self._file
        file.constant("cache.zero", np.array([0]))
        file.constant("cache.end", np.array([np.iinfo(np.int64).max]))
        file.constant("cache.axis", np.array([2]))
        file.constant("cache.one", np.array(1, dtype=np.float32))
        file.constant("cache.centre", np.array(0, dtype=np.int8))
        file.constant("prompt.length", np.array([PROMPT_LENGTH]))
        count = file.node("Shape", ["input_ids"], "new_tokens", start=1, end=2)
        longer = file.node("Greater", [count, "prompt.length"], "is_prompt.row")
        file.node("Squeeze", [longer], "is_prompt")


def _scale(greatest: FloatArray) -> FloatArray:
    """What one step of an 8-bit code is worth, (1, kv_heads, 1, head_size)."""
    scale: FloatArray = np.maximum(greatest / np.float32(127), np.float32(1e-20))
    return scale[None, :, None, :]
