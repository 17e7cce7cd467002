"""From a model's name to something that generates: the one door through which models come.

Name, path or address -> catalog entry -> weights on this machine, converted -> back end -> `Generator`. Libraries are
imported when a model needs them, so that opening the door costs nothing.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from models.acquisition.acquire import Acquired, Precision, acquire
from models.acquisition.progress import Progress, silent
from models.ahead import Ahead
from models.backends.providers import Device, has_cuda, no_cuda
from models.catalog.entry import ModelEntry, RemoteSource, split_sentinels
from models.catalog.reference import resolve_model
from models.decoding.cancellation import NEVER, Cancellation
from models.decoding.generation import Generator
from models.errors import ModelError

if TYPE_CHECKING:
    from models.backends.model import LanguageModel
    from models.tokenization import Tokenizer

log = logging.getLogger("dragoman.models")


def load_generator(
    model: str | ModelEntry,
    *,
    threads: int | None = None,
    device: Device = "auto",
    cache: Path | None = None,
    progress: Progress = silent,
    cancellation: Cancellation = NEVER,
    reproducible: bool = False,
) -> Generator:
    """A generator for `model`: a name of the catalog, a path, `http(s)://host/v1#model`, or an entry.

    Fetches and converts what is missing, which may take minutes; a model that is on this machine is loaded in half a
    second. `threads` is the CPU's (default: its physical cores). `reproducible`: a local model's answer does not depend
    on what was asked before (see `LocalGenerator`). Raises `ModelError` and `Cancelled`.
    """
    entry = resolve_model(model) if isinstance(model, str) else model
    if isinstance(entry.source, RemoteSource):
        from models.backends.openai import RemoteGenerator

        return RemoteGenerator(entry)
    from models.decoding.local import LocalGenerator

    loaded = load_model(
        entry, threads=threads, device=device, cache=cache, progress=progress, cancellation=cancellation
    )
    return LocalGenerator(loaded, reproducible=reproducible)


def load_model(
    model: str | ModelEntry,
    *,
    threads: int | None = None,
    device: Device = "auto",
    cache: Path | None = None,
    progress: Progress = silent,
    cancellation: Cancellation = NEVER,
) -> "LanguageModel":
    """The weights behind `load_generator`, for those who want logits. Not for a remote model (`ModelError`)."""
    entry = resolve_model(model) if isinstance(model, str) else model

    def get(precision: Precision, thorough: bool) -> Acquired:
        return acquire(
            entry,
            precision=precision,
            cache=cache,
            progress=progress,
            cancellation=cancellation,
            thorough=thorough,
        )

    def load(acquired: Acquired) -> "LanguageModel":
        if not acquired.converted:
            from models.backends.torch import load_torch

            return load_torch(acquired.folder, acquired.entry, threads=threads, device=device)
        from models.backends.onnx import load_onnx

        read = partial(_prepared, acquired)
        return load_onnx(acquired.folder, acquired.entry, read, threads=threads, device=device)

    check_device(device)
    if device == "cuda" or (device == "auto" and has_cuda()):
        loaded = _load_or_mend(partial(get, "fp16"), load)
        if device == "cuda" or loaded.device != "cpu":
            return loaded
        loaded.close()  # there is a GPU, but ONNX Runtime cannot use it: its log says why
    return _load_or_mend(partial(get, "q8"), load)


def check_device(device: Device) -> None:
    """Raise `ModelError` if no model can run on a device, before one is fetched and converted for it.

    torch, which some models run on, may have a GPU where ONNX Runtime has none.
    """
    if device == "cuda" and not has_cuda() and not _torch_has_cuda():
        raise no_cuda()


def import_libraries() -> None:
    """Import what a model on this machine needs; after that, loading it hardly asks for the interpreter.

    Worth it before the rest of a program is imported on another thread, which would be in the way. A library that is
    missing is no error here.
    """
    for module in ("models.backends.onnx", "models.decoding.local", "onnxruntime", "tokenizers"):
        with suppress(ImportError):
            import_module(module)


def _load_or_mend(get: Callable[[bool], Acquired], load: Callable[[Acquired], "LanguageModel"]) -> "LanguageModel":
    """Load; if that fails, read every file, make what is damaged again, and load once more.

    The check before a load is quick and may overlook a flipped bit. Where all files are whole, the failure stands.
    """
    acquired = get(False)
    identity = acquired.folder.stat().st_ino
    try:
        return load(acquired)
    except ModelError as error:
        mended = get(True)
        if mended.folder.stat().st_ino == identity:
            raise
        log.warning("model mended folder=%s after=%s", mended.folder, error.message)
        return load(mended)


def _prepared(acquired: Acquired) -> "Tokenizer":
    """The tokenizer, which goes on to make its vocabulary."""
    tokenizer = _tokenizer(acquired)
    Ahead(lambda: tokenizer.vocabulary)
    return tokenizer


def _tokenizer(acquired: Acquired) -> "Tokenizer":
    """The converted model's tokenizer, with the sentinels that its family uses as control tokens."""
    from models.tokenization import Tokenizer

    entry = acquired.entry
    rows = [entry.fim.prefix, entry.fim.suffix, entry.fim.middle] if entry.fim else []
    rows += [entry.begin, entry.end, entry.repository_separator, entry.file_separator, *entry.stop_tokens]
    sentinels = {sentinel for row in rows for sentinel in split_sentinels(row)}
    return Tokenizer.from_file(acquired.folder / "tokenizer.json", control=sentinels)


def _torch_has_cuda() -> bool:
    from models.backends.torch_library import import_library

    try:
        return import_library().torch.cuda.is_available()
    except ModelError:
        return False
