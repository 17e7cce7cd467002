"""Reads a folder of the Hugging Face hub (config.json, safetensors, tokenizer.json) into a `Decoder`, without torch.

Knows the hub's names for the parts of Llama, Mistral, Qwen2 and StarCoder2, and what their configurations say, in the
layout of transformers 5 (`rope_parameters`) and of those before.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from models.conversion.convert import TOKENIZER_FILE, Progress, write_decoder
from models.conversion.decoder import (
    Decoder,
    FloatArray,
    GatedFeedForward,
    Layer,
    Linear,
    Norm,
    PlainFeedForward,
    Rotary,
)
from models.conversion.graph import Precision
from models.conversion.safetensors_file import SafetensorsFolder
from models.errors import ModelError

CONFIG_FILE = "config.json"
"""Of the hub's folder; the converted folder has another one of this name."""
ACTIVATIONS = {"llama": "silu", "mistral": "silu", "qwen2": "silu", "starcoder2": "gelu_pytorch_tanh"}
"""The kinds of model that are read, and the one activation that the graph has for each."""


def convert_folder(folder: Path, destination: Path, *, precision: Precision = "q8", progress: Progress) -> None:
    """Write the model in `folder` as ONNX into the existing folder `destination`, as `convert_gguf` does.

    Raises `ModelError` when the folder is incomplete or damaged, and for a kind of model that is not read.
    """
    progress(0, "reading")
    if not (folder / TOKENIZER_FILE).is_file():
        raise ModelError(
            f"{folder} has no {TOKENIZER_FILE}.", "Load it with the torch back end, which reads older tokenizers too."
        )
    tensors = SafetensorsFolder(folder)
    decoder = read_folder(folder, tensors)
    sha256 = _sha256(tensors.files)
    shutil.copyfile(folder / TOKENIZER_FILE, destination / TOKENIZER_FILE)
    write_decoder(decoder, destination, sha256=sha256, precision=precision, progress=progress)


def converts(folder: Path) -> bool:
    """Whether the model in `folder` is of a kind that is read here. Damage is another matter, told when it is met."""
    if not all((folder / name).is_file() for name in (CONFIG_FILE, TOKENIZER_FILE)):
        return False
    try:
        config = _Config(folder / CONFIG_FILE, _read_json(folder / CONFIG_FILE))
        config.rotary(head_size=2)
        config.sliding_window(config.kind())
        return True
    except ModelError:
        return False


def read_folder(folder: Path, tensors: SafetensorsFolder | None = None) -> Decoder:
    """The model in `folder`. Raises `ModelError` when a feature of it is not supported."""
    tensors = tensors or SafetensorsFolder(folder)
    config = _Config(folder / CONFIG_FILE, _read_json(folder / CONFIG_FILE))
    kind = config.kind()
    width, heads = config.number("hidden_size"), config.number("num_attention_heads")
    head_size = config.value("head_dim") or width // heads
    norm: Literal["rms", "layer"] = "layer" if kind == "starcoder2" else "rms"
    tied = config.value("tie_word_embeddings", kind == "starcoder2") or not tensors.has("lm_head.weight")
    return Decoder(
        width=width,
        heads=heads,
        kv_heads=config.value("num_key_value_heads") or heads,
        head_size=head_size,
        context_length=config.number("max_position_embeddings"),
        vocabulary_size=tensors.shape("model.embed_tokens.weight")[0],
        rotary=config.rotary(head_size),
        norm=norm,
        norm_epsilon=float(config.value("rms_norm_eps", 1e-6) if norm == "rms" else config.value("norm_epsilon", 1e-5)),
        embedding=partial(tensors.floats, "model.embed_tokens.weight"),
        layers=tuple(
            _layer(tensors, f"model.layers.{index}", kind) for index in range(config.number("num_hidden_layers"))
        ),
        final_norm=_norm(tensors, "model.norm"),
        language_head=None if tied else _linear(tensors, "lm_head"),
        sliding_window=config.sliding_window(kind),
        bos_token=_first(config.value("bos_token_id")),
        eos_tokens=_end_tokens(folder, config),
    )


def _layer(tensors: SafetensorsFolder, name: str, kind: str) -> Layer:
    attention, network = f"{name}.self_attn", f"{name}.mlp"
    if kind == "starcoder2":
        feed_forward = PlainFeedForward(_linear(tensors, f"{network}.c_fc"), _linear(tensors, f"{network}.c_proj"))
    else:
        gate, up, down = (_linear(tensors, f"{network}.{part}_proj") for part in ("gate", "up", "down"))
        feed_forward = GatedFeedForward(gate, up, down)
    return Layer(
        attention_norm=_norm(tensors, f"{name}.input_layernorm"),
        query=_linear(tensors, f"{attention}.q_proj"),
        key=_linear(tensors, f"{attention}.k_proj"),
        value=_linear(tensors, f"{attention}.v_proj"),
        output=_linear(tensors, f"{attention}.o_proj"),
        feed_forward_norm=_norm(tensors, f"{name}.post_attention_layernorm"),
        feed_forward=feed_forward,
    )


def _linear(tensors: SafetensorsFolder, name: str) -> Linear:
    tensors.shape(f"{name}.weight")  # missing tensors are told before an hour of converting
    return Linear(partial(tensors.floats, f"{name}.weight"), _bias(tensors, name))


def _norm(tensors: SafetensorsFolder, name: str) -> Norm:
    return Norm(tensors.floats(f"{name}.weight"), _bias(tensors, name))


def _bias(tensors: SafetensorsFolder, name: str) -> FloatArray | None:
    return tensors.floats(f"{name}.bias") if tensors.has(f"{name}.bias") else None


@dataclass(frozen=True)
class _Config:
    """What config.json says."""

    path: Path
    values: Mapping[str, Any]

    def value(self, key: str, default: Any = None) -> Any:
        found = self.values.get(key)
        return default if found is None else found

    def number(self, key: str) -> int:
        """Raises `ModelError` where it is missing."""
        found = self.value(key)
        if not isinstance(found, int):
            raise ModelError(f"{self.path} has no number '{key}'.", "The folder is incomplete; fetch it again.")
        return found

    def kind(self) -> str:
        """The kind of model. Raises `ModelError` for one that is not read."""
        kind = self.value("model_type", "")
        if kind not in ACTIVATIONS:
            raise ModelError(
                f"{self.path} describes a model of kind '{kind}'.",
                f"Converted are {', '.join(ACTIVATIONS)}; the torch back end loads most others.",
            )
        activation = self.value("hidden_act", ACTIVATIONS[kind])
        if activation != ACTIVATIONS[kind]:
            raise self._unsupported(f"the activation '{activation}'")
        if self.value("quantization_config"):
            raise self._unsupported("quantised weights")
        return kind

    def rotary(self, head_size: int) -> Rotary:
        """Base and scaling of the rotation. Raises `ModelError` for a scaling that changes with the length."""
        told: Mapping[str, Any] = self.value("rope_parameters") or self.value("rope_scaling") or {}
        base = float(told.get("rope_theta") or self.value("rope_theta", 10000.0))
        if float(told.get("partial_rotary_factor") or self.value("partial_rotary_factor", 1.0)) != 1:
            raise self._unsupported("heads of which only a part is rotated")
        scaling = told.get("rope_type") or told.get("type") or "default"
        match scaling:
            case "default":
                return Rotary(base)
            case "linear":
                return Rotary(base, np.full(head_size // 2, told["factor"], dtype=np.float32))
            case "llama3":
                return Rotary(base, _llama3_divisors(base, head_size, told))
            case _:
                raise self._unsupported(f"rotary embedding scaled by '{scaling}'")

    def sliding_window(self, kind: str) -> int | None:
        """How far back a position sees. Raises `ModelError` when that differs from layer to layer."""
        kinds = set(self.value("layer_types", ()))
        if kind == "qwen2" and not kinds:  # as it was told before transformers 4.52
            full = (
                self.number("max_window_layers")
                if self.value("use_sliding_window")
                else self.number("num_hidden_layers")
            )
            kinds = {"full_attention"} if full else {"sliding_attention"}
            kinds |= {"sliding_attention"} if full < self.number("num_hidden_layers") else set[str]()
        if len(kinds) > 1:
            raise self._unsupported(f"layers of several kinds ({', '.join(sorted(kinds))})")
        return None if kinds == {"full_attention"} else self.value("sliding_window")

    def _unsupported(self, what: str) -> ModelError:
        return ModelError(
            f"{self.path} describes a model with {what}.", "It is not converted; the torch back end may load it."
        )


def _llama3_divisors(base: float, head_size: int, told: Mapping[str, Any]) -> FloatArray:
    """What Llama 3.1 divides each frequency by: nothing where the wave is short, `factor` where it is long.

    As in `_compute_llama3_parameters` of transformers' modeling_rope_utils; shape (head_size / 2,).
    """
    wavelength = 2 * np.pi * base ** (np.arange(0, head_size, 2) / head_size)
    low, high, factor = (float(told[key]) for key in ("low_freq_factor", "high_freq_factor", "factor"))
    waves = float(told["original_max_position_embeddings"]) / wavelength
    smooth = np.clip((waves - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def _end_tokens(folder: Path, config: _Config) -> tuple[int, ...]:
    """Ends of text and of turn; generation_config.json often knows more of them."""
    generation = folder / "generation_config.json"
    told = [config.value("eos_token_id"), _read_json(generation).get("eos_token_id") if generation.is_file() else None]
    tokens = [token for one in told for token in (one if isinstance(one, list) else [one])]
    return tuple(dict.fromkeys(int(token) for token in tokens if token is not None))


def _first(token: Any) -> int | None:
    return token[0] if isinstance(token, list) else token


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read ({error}).", "The folder is incomplete; fetch it again.") from error


def _sha256(files: list[Path]) -> str:
    """Of the content of all files, in order."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
