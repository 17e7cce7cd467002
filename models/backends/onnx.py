"""A converted model on ONNX Runtime.

All memory of a session is bound once: the KV cache is input and output at the same address, so that a step copies
nothing but its own tokens. Cutting back is a number. The cache grows in steps, because memory should follow use.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.backends.cores import physical_cores
from models.backends.providers import Device, import_onnxruntime, report_provider, wanted_providers
from models.backends.session import Logits, TokenIds
from models.catalog.entry import ModelEntry
from models.errors import ModelError

if TYPE_CHECKING:
    from models.tokenization.tokenizer import Tokenizer

MAX_THREADS = 8
"""More threads than this cost a small model more in waiting than they give."""


def load_onnx(
    folder: Path, entry: ModelEntry, tokenizer: "Tokenizer", *, threads: int | None = None, device: Device = "auto"
) -> "OnnxModel":
    """Load the converted model in `folder` with `threads` threads (default: the physical cores, 8 at most).

    Raises `ModelError` when ONNX Runtime is not installed, the folder is not a converted model, or the device that
    was asked for cannot be had.
    """
    return OnnxModel(folder, entry, tokenizer, threads=threads, device=device)


class OnnxModel:
    """Weights in an ONNX Runtime session; implements `LanguageModel`."""

    def __init__(
        self,
        folder: Path,
        entry: ModelEntry,
        tokenizer: "Tokenizer",
        *,
        threads: int | None = None,
        device: Device = "auto",
    ) -> None:
        self._entry = entry
        self._tokenizer = tokenizer
        self.config = _read_config(folder)
        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(physical_cores(), MAX_THREADS)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # every prompt has its own length
        wanted = wanted_providers(device, self.config["precision"])
        try:
            self.runtime: Any = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=wanted)
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot load {folder}: {str(error).splitlines()[0]}",
                "Remove the model with `dragoman models remove` and let it be converted again.",
            ) from error
        self._provider = report_provider(self.runtime, device, wanted)

    @property
    def entry(self) -> ModelEntry:
        return self._entry

    @property
    def tokenizer(self) -> "Tokenizer":
        return self._tokenizer

    @property
    def fingerprint(self) -> str:
        return self.config["source_sha256"]

    @property
    def device(self) -> str:
        return "cuda:0" if self._provider == "cuda" else "cpu"

    @property
    def vocabulary_size(self) -> int:
        return self.config["vocabulary_size"]

    @property
    def context_length(self) -> int:
        return self.config["context_length"]

    def new_session(self) -> "OnnxSession":
        return OnnxSession(self)

    def close(self) -> None:
        self.runtime = None


class OnnxSession:
    """One KV cache in one block of memory; implements `Session`."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        self._length = 0
        self._ids: TokenIds = np.zeros(model.context_length, dtype=np.int64)
        self._last_position = np.zeros(1, dtype=np.int32)
        self._total = np.zeros((), dtype=np.int32)
        self._last = np.zeros(1, dtype=np.int64)
        self._logits: Logits = np.empty((0, model.vocabulary_size), dtype=np.float32)
        self._binding: Any = model.runtime.io_binding()
        for name, array in (("last_position", self._last_position), ("length", self._total), ("last", self._last)):
            self._bind_input(name, array)
        self._reserve(min(2048, model.context_length))

    @property
    def tokens(self) -> TokenIds:
        return self._ids[: self._length]

    @property
    def capacity(self) -> int:
        return self._model.context_length

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        start, count = self._length, len(tokens)
        end = start + count
        if end > self.capacity:
            raise ModelError(
                f"{end} tokens do not fit the {self.capacity} of this model's context.", "Shorten the prompt."
            )
        if end > self._room:
            self._reserve(min(self.capacity, max(2 * self._room, end)))
        self._ids[start:end] = tokens
        self._last_position[0] = end - 1
        self._total[()] = end
        self._last[0] = last
        self._bind_input("input_ids", self._ids[start:end].reshape(1, count))
        if len(self._logits) < last:
            self._logits = np.empty((last, self._model.vocabulary_size), dtype=np.float32)
        logits = self._logits[:last]
        self._bind_output("logits", logits.reshape(1, *logits.shape))
        self._model.runtime.run_with_iobinding(self._binding)
        self._length = end
        return logits

    def truncate(self, length: int) -> None:
        self._length = length

    def _reserve(self, room: int) -> None:
        """Make room for so many tokens; what is held is copied once."""
        config = self._model.config
        layers, heads, size = config["layers"], config["kv_heads"], config["head_size"]
        cache: NDArray[Any] = np.empty((2 * layers, 1, heads, room, size), dtype=np.float32)
        if self._length:
            cache[:, :, :, : self._length] = self._cache[:, :, :, : self._length]
        self._cache = cache
        self._room = room
        for index in range(layers):
            for part, name in enumerate(("key", "value")):
                self._bind_input(f"past.{index}.{name}", cache[2 * index + part])
                self._bind_output(f"present.{index}.{name}", cache[2 * index + part])

    def _bind_input(self, name: str, array: NDArray[Any]) -> None:
        self._binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)

    def _bind_output(self, name: str, array: NDArray[Any]) -> None:
        self._binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} is not a converted model ({error}).", "Convert it with `dragoman models add`."
        ) from error
