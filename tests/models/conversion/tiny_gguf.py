"""Small random models as GGUF files, and a slow forward pass that shares nothing with the converter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray

VOCABULARY, WIDTH, INNER, HEADS, KV_HEADS, SIZE, LAYERS, CONTEXT = 256, 64, 96, 4, 2, 16, 2, 128
Array = NDArray[Any]


@dataclass(frozen=True)
class Tiny:
    """What was written: floats as they come out of the file, rows as Hugging Face orders them."""

    path: Path
    architecture: str
    weights: dict[str, Array]
    window: int | None
    divisors: Array | None


def byte_level_tokens() -> list[str]:
    """Every byte but one, and one merged pair: a file without merges is not written whole."""
    from tokenizers import pre_tokenizers

    return [*sorted(pre_tokenizers.ByteLevel.alphabet())[: VOCABULARY - 1], "ab"]


def interleave(rows: Array) -> Array:
    """The order that llama.cpp gives the rows of query and key: each rotated pair side by side."""
    heads = rows.reshape(-1, 2, SIZE // 2, *rows.shape[1:])
    return heads.swapaxes(1, 2).reshape(rows.shape)


def write_tiny(
    path: Path,
    *,
    architecture: str = "llama",
    format: GGMLQuantizationType = GGMLQuantizationType.Q4_1,  # noqa: A002 - as GGUF calls it
    tied: bool = True,
    window: int | None = None,
    divisors: Array | None = None,
    metadata: dict[str, str] | None = None,
    drop: str = "",
) -> Tiny:
    random = np.random.default_rng(7)
    biased, gated = architecture == "starcoder2", architecture != "starcoder2"
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (VOCABULARY, WIDTH), "output_norm.weight": (WIDTH,)}
    if not tied:
        shapes["output.weight"] = (VOCABULARY, WIDTH)
    for layer in (f"blk.{index}" for index in range(LAYERS)):
        shapes |= {f"{layer}.attn_q.weight": (HEADS * SIZE, WIDTH), f"{layer}.attn_k.weight": (KV_HEADS * SIZE, WIDTH)}
        shapes |= {f"{layer}.attn_v.weight": (KV_HEADS * SIZE, WIDTH), f"{layer}.attn_output.weight": (WIDTH, WIDTH)}
        shapes |= {f"{layer}.ffn_up.weight": (INNER, WIDTH), f"{layer}.ffn_down.weight": (WIDTH, INNER)}
        shapes |= {f"{layer}.{norm}.weight": (WIDTH,) for norm in ("attn_norm", "ffn_norm")}
        if gated:
            shapes[f"{layer}.ffn_gate.weight"] = (INNER, WIDTH)
        if biased or architecture == "qwen2":
            names = ("attn_q", "attn_k", "attn_v") if not biased else ("attn_q", "attn_k", "attn_v", "attn_output")
            shapes |= {f"{layer}.{name}.bias": shapes[f"{layer}.{name}.weight"][:1] for name in names}
        if biased:
            names = ("ffn_up", "ffn_down", "attn_norm", "ffn_norm")
            shapes |= {f"{layer}.{name}.bias": shapes[f"{layer}.{name}.weight"][:1] for name in names}
    if biased:
        shapes["output_norm.bias"] = (WIDTH,)

    writer = GGUFWriter(path, architecture)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(5000.0)
    (writer.add_layer_norm_eps if biased else writer.add_layer_norm_rms_eps)(1e-5)
    if window:
        writer.add_sliding_window(window)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(byte_level_tokens())
    writer.add_token_types([1] * VOCABULARY)
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(2)
    for key, value in (metadata or {}).items():
        writer.add_string(key, value)
    if divisors is not None:
        writer.add_tensor("rope_freqs.weight", divisors.astype(np.float32))
    weights: dict[str, Array] = {}
    for name, shape in shapes.items():
        mean, spread = (1.0, 0.1) if len(shape) == 1 and name.endswith("weight") else (0.0, 0.2)
        values = random.normal(mean, spread, shape).astype(np.float32)
        kind = format if len(shape) == 2 else GGMLQuantizationType.F32
        data = quantize(values, kind)
        weights[name] = dequantize(data, kind).reshape(shape)
        if name == drop:
            continue
        if architecture == "llama" and name.endswith(("attn_q.weight", "attn_k.weight")):
            data = interleave(data)
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Tiny(path, architecture, weights, window, divisors)


def reference(tiny: Tiny, tokens: Array) -> Array:
    """Logits after every token, (length, vocabulary), in double precision, with a loop for every head and position."""
    weights, layer_norm = tiny.weights, tiny.architecture == "starcoder2"

    def product(name: str, inputs: Array) -> Array:
        return inputs @ weights[f"{name}.weight"].astype(np.float64).T + weights.get(f"{name}.bias", 0.0)

    def norm(name: str, inputs: Array) -> Array:
        centred = inputs - inputs.mean(axis=-1, keepdims=True) if layer_norm else inputs
        size = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        return centred / size * weights[f"{name}.weight"] + weights.get(f"{name}.bias", 0.0)

    def rotate(head: Array, position: int) -> Array:
        angles = position * 5000.0 ** -(np.arange(0, SIZE, 2) / SIZE)
        turn = np.exp(1j * (angles if tiny.divisors is None else angles / tiny.divisors))
        turned = (head[: SIZE // 2] + 1j * head[SIZE // 2 :]) * turn
        return np.concatenate([turned.real, turned.imag])

    hidden = weights["token_embd.weight"].astype(np.float64)[tokens]
    for layer in (f"blk.{index}" for index in range(LAYERS)):
        normed = norm(f"{layer}.attn_norm", hidden)
        query, key, value = (
            product(f"{layer}.attn_{part}", normed).reshape(len(tokens), -1, SIZE) for part in ("q", "k", "v")
        )
        attended = np.zeros_like(query)
        for position in range(len(tokens)):
            first = max(0, position + 1 - (tiny.window or len(tokens)))
            for head in range(HEADS):
                mine = rotate(query[position, head], position)
                group = head // (HEADS // KV_HEADS)
                scores = np.array([mine @ rotate(key[p, group], p) for p in range(first, position + 1)]) / SIZE**0.5
                share = np.exp(scores - scores.max())
                attended[position, head] = share / share.sum() @ value[first : position + 1, group]
        hidden = hidden + product(f"{layer}.attn_output", attended.reshape(len(tokens), -1))
        normed = norm(f"{layer}.ffn_norm", hidden)
        up = product(f"{layer}.ffn_up", normed)
        if layer_norm:
            up = up / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (up + 0.044715 * up**3)))
        else:
            gate = product(f"{layer}.ffn_gate", normed)
            up = gate / (1 + np.exp(-gate)) * up
        hidden = hidden + product(f"{layer}.ffn_down", up)
    head = weights.get("output.weight", weights["token_embd.weight"])
    return norm("output_norm", hidden) @ head.astype(np.float64).T
