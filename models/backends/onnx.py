"""A converted model on ONNX Runtime.

All memory of a session is bound once: the KV cache is input and output at the same address, so that a step copies
nothing but its own tokens. Cutting back is a number.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.ahead import Ahead
from models.backends.cores import physical_cores
from models.backends.onnx_cache import CacheShape, KvCache
from models.backends.providers import Device, import_onnxruntime, report_provider, wanted_providers
from models.backends.session import Logits, TokenIds
from models.catalog.entry import ModelEntry
from models.errors import ModelError

if TYPE_CHECKING:
    from models.tokenization.tokenizer import Tokenizer

MAX_THREADS = 8
"""More threads than this cost a small model more in waiting than they give."""
TURN_S = 0.03
"""Time after which a pass is followed by a pause of `PAUSE_S`, which takes a fifth of a percent."""
PAUSE_S = 2e-5


def load_onnx(
    folder: Path,
    entry: ModelEntry,
    tokenizer: "Tokenizer | Callable[[], Tokenizer]",
    *,
    threads: int | None = None,
    device: Device = "auto",
) -> "OnnxModel":
    """Load the converted model in `folder` with `threads` threads (default: the physical cores, 8 at most).

    A `tokenizer` that must be read first is read while ONNX Runtime lays out the weights.

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
        tokenizer: "Tokenizer | Callable[[], Tokenizer]",
        *,
        threads: int | None = None,
        device: Device = "auto",
    ) -> None:
        self._entry = entry
        self.config = _read_config(folder)
        self.cache_shape = _cache_shape(folder, self.config)
        self._library = onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(physical_cores(), MAX_THREADS)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # every prompt has its own length
        # Between two tokens the threads spin, which saves a fifth of the time; a millisecond later they sleep.
        options.add_session_config_entry("session.intra_op.spin_duration_us", "1000")
        wanted = wanted_providers(device, self.config["precision"])
        opening = Ahead(lambda: onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=wanted))
        self._tokenizer = tokenizer() if callable(tokenizer) else tokenizer
        try:
            self.runtime: Any = opening.result()
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

    @property
    def memory(self) -> str:
        """The device whose memory the cache is in, as ONNX Runtime names it."""
        return self._provider

    def new_cache(self) -> KvCache:
        """Memory for one session's keys and values; empty."""
        return KvCache(self.cache_shape, self.context_length, self._provider, self._library)

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
        self._numbers = {
            "last_position": np.zeros(1, dtype=np.int32),
            "length": np.zeros((), dtype=np.int32),
            "start": np.zeros(1, dtype=np.int64),
            "last": np.zeros(1, dtype=np.int64),
        }
        self._logits: Logits = np.empty((1, model.vocabulary_size), dtype=np.float32)
        self._binding: Any = model.runtime.io_binding()
        for name, array in self._numbers.items():
            self._bind_input(name, array)
        self._cache = model.new_cache()
        self._gave_way = perf_counter()
        self._reserve(1)

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
        self._reserve(end)
        self._ids[start:end] = tokens
        for name, value in (("last_position", end - 1), ("length", end), ("start", start), ("last", last)):
            self._numbers[name][...] = value
        self._bind_input("input_ids", self._ids[start:end].reshape(1, count))
        if len(self._logits) < last:
            self._logits = np.empty((last, self._model.vocabulary_size), dtype=np.float32)
        logits = self._logits[:last]
        shape = (1, last, self._model.vocabulary_size)
        self._binding.bind_output("logits", "cpu", 0, np.float32, shape, logits.ctypes.data)
        self._model.runtime.run_with_iobinding(self._binding)
        self._length = end
        self._give_way()
        return logits

    def truncate(self, length: int) -> None:
        self._length = length

    def held(self) -> NDArray[Any]:
        """A copy of the keys and values, (layers, 2, kv_heads, length, head_size), in the cache's own type."""
        return self._cache.copy(self._length)

    def _give_way(self) -> None:
        """Now and then let others run, be it only to cancel: where every processor computes, some kernels let nobody
        in."""
        if perf_counter() - self._gave_way > TURN_S:
            sleep(PAUSE_S)
            self._gave_way = perf_counter()

    def _reserve(self, length: int) -> None:
        """Room for so many tokens; the cache is bound as input and output of the same memory."""
        if not self._cache.reserve(length, self._length):
            return
        device, element = self._model.memory, self._model.cache_shape.element
        for name, shape, address in self._cache.addresses():
            self._binding.bind_input(f"past.{name}", device, 0, element, shape, address)
            self._binding.bind_output(f"present.{name}", device, 0, element, shape, address)

    def _bind_input(self, name: str, array: NDArray[Any]) -> None:
        self._binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} is not a converted model ({error}).", "Convert it with `dragoman models add`."
        ) from error


def _cache_shape(folder: Path, config: dict[str, Any]) -> CacheShape:
    try:
        element = {"int8": np.int8, "float16": np.float16, "float32": np.float32}[config["cache"]]
        return CacheShape(config["layers"], config["kv_heads"], config["head_size"], element)
    except KeyError as error:
        raise ModelError(
            f"{folder} was made by another version of the converter.", "Convert it again with `dragoman models add`."
        ) from error
