"""Folders of the hub as ONNX: against transformers where torch is at hand, and all that can be wrong with a folder."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.acquisition.acquire import acquire
from models.backends.onnx import load_onnx
from models.catalog.entry import FileSource, ModelEntry
from models.catalog.reference import resolve_model
from models.conversion.safetensors import convert_folder, read_folder
from models.conversion.safetensors_file import SafetensorsFolder
from models.decoding.generation import DecodingParameters
from models.errors import ModelError
from models.loading import load_generator
from models.prompting import Prompt
from models.tokenization.tokenizer import Tokenizer

RNG = np.random.default_rng(0)
TOKENS = RNG.integers(0, 256, size=48)
SIZES = {
    "vocab_size": 256,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer as Inner
    from tokenizers import decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Inner(models.BPE(vocab={letter: index for index, letter in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.save(str(folder / "tokenizer.json"))


def write_safetensors(path: Path, tensors: Mapping[str, tuple[str, np.ndarray[Any, Any]]]) -> None:
    """The format by hand: each tensor with the name of its type."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, (dtype, array) in tensors.items():
        raw = array.tobytes()
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    encoded = json.dumps(header).encode()
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + data)


def bfloat16(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def write_llama(folder: Path, config: Mapping[str, Any] | None = None, drop: str = "") -> Path:
    """A small random Llama, its weights spread over two files."""
    folder.mkdir(exist_ok=True)
    shapes = {"model.embed_tokens": (256, 64), "model.norm": (64,), "lm_head": (256, 64)}
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= {f"{layer}.self_attn.{part}_proj": (32 if part in "kv" else 64, 64) for part in "qkvo"}
        shapes |= {f"{layer}.mlp.gate_proj": (96, 64), f"{layer}.mlp.up_proj": (96, 64)}
        shapes |= {f"{layer}.mlp.down_proj": (64, 96)}
        shapes |= {f"{layer}.input_layernorm": (64,), f"{layer}.post_attention_layernorm": (64,)}
    names = [name for name in shapes if name != drop]
    generator = np.random.default_rng(1)
    weights = {f"{name}.weight": generator.normal(0.0, 0.2, shapes[name]).astype(np.float32) for name in names}
    files = {name: f"model-{index % 2}.safetensors" for index, name in enumerate(weights)}
    for file in set(files.values()):
        chosen = {name: ("BF16", bfloat16(weights[name])) for name in weights if files[name] == file}
        write_safetensors(folder / file, chosen)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    values = {"model_type": "llama", "rms_norm_eps": 1e-5, "rope_theta": 5000.0, **SIZES, **(config or {})}
    (folder / "config.json").write_text(json.dumps(values))
    write_tokenizer(folder)
    return folder


def logits_of(folder: Path) -> np.ndarray[Any, Any]:
    """All logits of a converted folder, in three pieces with a cut in between."""
    entry = ModelEntry("tiny", FileSource(str(folder)), "decoder", 128, "none")
    session = load_onnx(folder, entry, Tokenizer.from_file(folder / "tokenizer.json"), threads=1).new_session()
    first = session.extend(TOKENS[:20], last=20).copy()
    session.extend(TOKENS[:9])
    session.truncate(20)
    second = session.extend(TOKENS[20:21]).copy()
    return np.concatenate([first, second, session.extend(TOKENS[21:], last=27)])


def convert(folder: Path, precision: Any = "fp32") -> Path:
    destination = folder / "onnx"
    destination.mkdir(exist_ok=True)
    convert_folder(folder, destination, precision=precision, progress=lambda _fraction, _what: None)
    return destination


# --- without torch -------------------------------------------------------------------------------------------------


def test_all_float_formats_are_read(tmp_path: Path) -> None:
    values = np.array([[1.5, -2.0], [0.25, 3.0]], dtype=np.float32)
    formats = {"F64": values.astype(np.float64), "F32": values, "F16": values.astype(np.float16)}
    tensors = {name: (name, array) for name, array in formats.items()} | {"BF16": ("BF16", bfloat16(values))}
    write_safetensors(tmp_path / "model.safetensors", {**tensors, "I8": ("I8", np.zeros(4, np.int8))})
    folder = SafetensorsFolder(tmp_path)
    for name in ("F64", "F32", "F16", "BF16"):
        assert folder.floats(name).dtype == np.float32
        np.testing.assert_array_equal(folder.floats(name), values)
    assert folder.shape("I8") == (4,)
    with pytest.raises(ModelError, match="format I8"):
        folder.floats("I8")
    with pytest.raises(ModelError, match="no tensor 'missing'"):
        folder.floats("missing")


def test_a_folder_becomes_a_model_that_runs(tmp_path: Path) -> None:
    folder = write_llama(tmp_path / "hub", {"bos_token_id": 1, "eos_token_id": [2, 3]})
    (folder / "generation_config.json").write_text('{"eos_token_id": [3, 4]}')
    converted = convert(folder)
    config = json.loads((converted / "config.json").read_text())
    assert (config["eos_tokens"], config["bos_token"], config["context_length"]) == ([2, 3, 4], 1, 128)
    assert len(config["source_sha256"]) == 64
    exact = logits_of(converted)
    assert exact.shape == (48, 256)
    rounded = logits_of(convert(folder, "q8"))
    assert (exact.argmax(axis=1) == rounded.argmax(axis=1)).mean() > 0.9


def test_a_folder_is_found_converted_and_loaded_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))
    folder = write_llama(tmp_path / "Tiny-Llama")
    first = acquire(resolve_model(str(folder)))
    assert first.converted
    assert (first.entry.name, first.entry.context_length) == ("tiny-llama", 128)
    assert acquire(resolve_model(str(folder))).folder == first.folder
    generator = load_generator(str(folder), device="cpu", threads=1)
    made = generator.generate(Prompt("a long enough prompt"), DecodingParameters(max_tokens=4, heal=False))
    assert made.candidates and made.forward_passes
    generator.close()

    published = acquire(resolve_model(f"torch:{folder}"))
    assert (published.folder, published.converted) == (folder, False)
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt_neox", "max_position_embeddings": 64}))
    left = acquire(resolve_model(str(folder)))
    assert (left.folder, left.converted) == (folder, False)


def test_both_ways_to_tell_the_rotation(tmp_path: Path) -> None:
    top = read_folder(write_llama(tmp_path / "a", {"rope_theta": 7000.0}))
    nested = {"rope_theta": None, "rope_parameters": {"rope_theta": 7000.0, "rope_type": "default"}}
    assert read_folder(write_llama(tmp_path / "b", nested)).rotary == top.rotary
    scaled = read_folder(write_llama(tmp_path / "c", {"rope_scaling": {"type": "linear", "factor": 4.0}}))
    assert scaled.rotary.frequency_divisors is not None
    assert scaled.rotary.frequency_divisors.tolist() == [4.0] * 8


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "mamba"}, "kind 'mamba'"),
        ({"hidden_act": "relu"}, "activation 'relu'"),
        ({"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "scaled by 'yarn'"),
        ({"partial_rotary_factor": 0.5}, "only a part is rotated"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantised weights"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "several kinds"),
        ({"num_hidden_layers": None}, "no number 'num_hidden_layers'"),
        ({"num_hidden_layers": 3}, "no tensor 'model.layers.2"),
    ],
)
def test_what_is_not_converted_is_said(tmp_path: Path, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message) as error:
        read_folder(write_llama(tmp_path, config))
    assert error.value.hint


def test_sliding_windows_as_each_generation_tells_them(tmp_path: Path) -> None:
    def window(**config: Any) -> int | None:
        return read_folder(write_llama(tmp_path, config)).sliding_window

    assert window() is None
    assert window(model_type="mistral", sliding_window=16) == 16
    assert window(model_type="qwen2", sliding_window=16, use_sliding_window=False) is None
    assert window(model_type="qwen2", sliding_window=16, layer_types=["full_attention"] * 2) is None
    assert window(model_type="qwen2", sliding_window=16, use_sliding_window=True, max_window_layers=0) == 16
    with pytest.raises(ModelError, match="several kinds"):
        window(model_type="qwen2", sliding_window=16, use_sliding_window=True, max_window_layers=1)


def test_damaged_folders(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no safetensors"):
        SafetensorsFolder(tmp_path)
    folder = write_llama(tmp_path / "a", drop="model.norm")
    with pytest.raises(ModelError, match=r"no tensor 'model\.norm\.weight'"):
        read_folder(folder)
    folder = write_llama(tmp_path / "b")
    weights = folder / "model-0.safetensors"
    whole = weights.read_bytes()
    for broken in (b"", whole[:5], whole[:100], whole[:-1], b"\xff" * 64):
        weights.write_bytes(broken)
        with pytest.raises(ModelError, match="not a whole safetensors file"):
            SafetensorsFolder(folder)
    weights.unlink()
    with pytest.raises(ModelError, match=r"lacks model-0\.safetensors"):
        SafetensorsFolder(folder)
    (folder / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(ModelError, match="cannot be read"):
        SafetensorsFolder(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"no tokenizer\.json"):
        convert(folder)


# --- against transformers ------------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[Any], Any]] = {
    "llama": lambda t: t.LlamaForCausalLM(
        t.LlamaConfig(**SIZES, rope_parameters={"rope_type": "default", "rope_theta": 3e3})
    ),
    "llama, tied, with biases": lambda t: t.LlamaForCausalLM(
        t.LlamaConfig(**SIZES, tie_word_embeddings=True, attention_bias=True, mlp_bias=True)
    ),
    "llama 3.1": lambda t: t.LlamaForCausalLM(
        t.LlamaConfig(
            **SIZES,
            rope_parameters={
                "rope_type": "llama3",
                "rope_theta": 1e4,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        )
    ),
    "mistral with a window of 16": lambda t: t.MistralForCausalLM(
        t.MistralConfig(**SIZES, sliding_window=16, head_dim=16)
    ),
    "qwen2": lambda t: t.Qwen2ForCausalLM(t.Qwen2Config(**SIZES, tie_word_embeddings=True)),
    "starcoder2": lambda t: t.Starcoder2ForCausalLM(t.Starcoder2Config(**SIZES, use_bias=True)),
    "starcoder2 with a window of 16": lambda t: t.Starcoder2ForCausalLM(t.Starcoder2Config(**SIZES, sliding_window=16)),
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", KINDS)
def test_converted_models_say_what_transformers_says(kind: str, dtype: str, tmp_path: Path) -> None:
    from models.backends.torch_library import import_library

    library = import_library()
    library.torch.manual_seed(0)
    module = KINDS[kind](library.transformers)
    for parameter in module.parameters():  # larger than the defaults, and no bias zero, so that every part shows
        library.torch.nn.init.normal_(parameter, mean=1.0 if parameter.dim() == 1 else 0.0, std=0.15)
    module.to(getattr(library.torch, dtype)).save_pretrained(str(tmp_path), max_shard_size="100KB")
    write_tokenizer(tmp_path)
    with library.torch.inference_mode():
        exact = library.transformers.AutoModelForCausalLM.from_pretrained(str(tmp_path), dtype="float32").eval()
        expected = exact(library.torch.tensor(TOKENS[None, :])).logits[0].numpy()

    np.testing.assert_allclose(logits_of(convert(tmp_path, "fp32")), expected, atol=2e-4 * np.abs(expected).max())
    rounded = logits_of(convert(tmp_path, "q8"))
    assert np.abs(rounded - expected).mean() < 0.05 * expected.std()
