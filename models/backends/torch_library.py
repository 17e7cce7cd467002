"""torch and transformers, imported when a model needs them; the one place that knows whether they are installed.

They are an extra, so nothing here is typed by their stubs: what comes out of them is `Any`.
"""

import logging
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

from models.errors import ModelError

log = logging.getLogger("dragoman.models")

TorchDevice = Literal["auto", "cpu", "cuda", "mps"]
TorchPrecision = Literal["auto", "float32", "float16", "bfloat16"]


@dataclass(frozen=True)
class Library:
    """The two modules."""

    torch: Any
    transformers: Any


@cache
def import_library() -> Library:
    """Both modules, quiet. Raises `ModelError` where they are not installed. Takes seconds the first time."""
    try:
        library = Library(import_module("torch"), import_module("transformers"))
        library.transformers.utils.logging.set_verbosity_error()
        library.transformers.utils.logging.disable_progress_bar()
    except ImportError as error:
        raise ModelError(
            f"This model needs torch and transformers ({error}).", "Install them with `pip install 'dragoman[torch]'`."
        ) from error
    return library


def choose_device(wanted: TorchDevice) -> str:
    """`cuda:0`, `mps` or `cpu`: what was wanted, or the best there is. Raises `ModelError` if it is not there."""
    torch = import_library().torch
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted != "auto" and not there[wanted]:
        built = torch.version.cuda or "no CUDA"
        raise ModelError(
            f"torch {torch.__version__} finds no {wanted} device (it was built with {built}).",
            "Ask for 'auto' or 'cpu', or install the torch build for your GPU.",
        )
    kind = next(kind for kind in there if there[kind]) if wanted == "auto" else wanted
    log.info(
        "torch computes on %s, because %s", kind, "it was asked for" if wanted != "auto" else "it is the best here"
    )
    return "cuda:0" if kind == "cuda" else kind


def choose_precision(device: str, wanted: TorchPrecision) -> Any:
    """A torch dtype: half precision on a GPU, single on a CPU, where half is slower and less exact."""
    torch = import_library().torch
    if wanted != "auto":
        return getattr(torch, wanted)
    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if device != "mps" and torch.cuda.is_bf16_supported() else torch.float16


def out_of_memory(error: Exception) -> bool:
    """Whether a device ran out of memory; on some it says so only in words."""
    torch = import_library().torch
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "memory" in str(error).lower()
