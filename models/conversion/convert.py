"""From a file of weights to a folder that the ONNX Runtime back end loads."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.conversion.calibration import cache_ranges, sample_text
from models.conversion.decoder import Decoder
from models.conversion.gguf_tokenizer import read_tokenizer
from models.conversion.gguf_weights import GgufFile, read_gguf
from models.conversion.graph import Precision, write_graph
from models.conversion.version import CONVERTER_VERSION

CACHE_CHANNELS = 16
"""ONNX Runtime keeps an 8-bit cache only for heads of a multiple of this size."""
_CACHES = {"q8": "float32", "fp16": "float16", "fp32": "float32"}
CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"

Progress = Callable[[float, str], None]
"""Called with a fraction from 0 to 1 and what is being done."""


def convert_gguf(source: Path, destination: Path, *, precision: Precision = "q8", progress: Progress) -> None:
    """Write the model of the GGUF file `source` as ONNX into the existing folder `destination`.

    Writes model.onnx, model.onnx.data, tokenizer.json and config.json; a caller that wants all or nothing renames
    the folder afterwards. Raises `ModelError` when the file is damaged or its architecture is not supported.
    """
    progress(0, "reading")
    sha256 = file_sha256(source)
    file = GgufFile(source)
    decoder = read_gguf(file)
    progress(0.05, "building the tokenizer")
    read_tokenizer(file).save(str(destination / TOKENIZER_FILE))
    write_decoder(decoder, destination, sha256=sha256, precision=precision, progress=progress)


def write_decoder(
    decoder: Decoder, destination: Path, *, sha256: str, precision: Precision, progress: Progress
) -> None:
    """Write graph and config.json of a decoder from any source; `sha256` identifies its weights.

    The tokenizer must be in `destination` already: the 8-bit cache is measured on a text.
    """
    ranges = None
    if precision == "q8" and decoder.head_size % CACHE_CHANNELS == 0:
        progress(0.1, "measuring the cache")
        ranges = cache_ranges(decoder, _sample_tokens(destination / TOKENIZER_FILE))
    write_graph(
        decoder, destination, precision, lambda fraction: progress(0.4 + 0.6 * fraction, "converting weights"), ranges
    )
    config = describe(decoder, sha256, precision) | {"cache": "int8" if ranges else _CACHES[precision]}
    (destination / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def describe(decoder: Decoder, sha256: str, precision: Precision) -> dict[str, Any]:
    """What the back end must know to make room for the model's cache and to stop at its end tokens."""
    return {
        "converter_version": CONVERTER_VERSION,
        "source_sha256": sha256,
        "precision": precision,
        "layers": len(decoder.layers),
        "kv_heads": decoder.kv_heads,
        "head_size": decoder.head_size,
        "context_length": decoder.context_length,
        "vocabulary_size": decoder.vocabulary_size,
        "bos_token": decoder.bos_token,
        "eos_tokens": list(decoder.eos_tokens),
    }


def _sample_tokens(tokenizer: Path) -> NDArray[np.int64]:
    from tokenizers import Tokenizer

    return np.array(Tokenizer.from_file(str(tokenizer)).encode(sample_text(), add_special_tokens=False).ids)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
