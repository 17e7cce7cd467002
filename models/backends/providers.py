"""Which ONNX Runtime is installed, and on which device it will compute. Knows nothing of models."""

import logging
import os
import sys
from importlib import metadata
from types import ModuleType
from typing import Any, Literal

from models.errors import ModelError

log = logging.getLogger("dragoman.models")

Device = Literal["auto", "cpu", "cuda"]
"""What a person may ask for; `auto` takes the GPU where there is one that works."""

Providers = list[str | tuple[str, dict[str, Any]]]
"""As `InferenceSession` takes them: a name, or a name with options."""

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_CUDA_LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def import_onnxruntime() -> ModuleType:
    """ONNX Runtime, imported when it is needed. Raises `ModelError` where it is missing or hollow."""
    both = [name for name in ("onnxruntime", "onnxruntime-gpu") if _version(name)]
    if len(both) == 2:
        log.warning(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other: uninstall both, install one"
        )
    # Its tiled attention on a CPU is for prompts of many thousands; ours are read in parts, a tenth faster without.
    os.environ.setdefault("ORT_GQA_DISABLE_FLASH_ATTENTION", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            f"ONNX Runtime cannot be imported ({error}).",
            "Install it with `pip install 'dragoman[cpu]'`, or `pip install 'dragoman[gpu]'` for an NVIDIA GPU.",
        ) from error
    if not hasattr(onnxruntime, "InferenceSession"):  # what uninstalling one of two distributions leaves behind
        raise ModelError(
            "The package onnxruntime is hollow: files of it were removed with onnxruntime-gpu or the other way round.",
            "Run `pip install --force-reinstall --no-deps onnxruntime` (or onnxruntime-gpu).",
        )
    return onnxruntime


def has_cuda() -> bool:
    """Whether ONNX Runtime's GPU build is installed and a GPU answers. That it can be used is not yet said."""
    from ctypes import CDLL

    try:
        return bool(_version("onnxruntime-gpu")) and CDLL(_CUDA_LIBRARY).cuInit(0) == 0
    except OSError:
        return False


def wanted_providers(device: Device, precision: str) -> Providers:
    """Providers to ask for, best first. Graphs in 8-bit blocks are for the CPU, half precision ones for a GPU."""
    onnxruntime = import_onnxruntime()
    if device == "cpu" or (device == "auto" and precision != "fp16"):
        return [_CPU]
    if _CUDA not in onnxruntime.get_available_providers():
        return [_CPU]
    if hasattr(onnxruntime, "preload_dlls"):  # CUDA's libraries lie in wheels of their own
        onnxruntime.preload_dlls()
    return [(_CUDA, {"arena_extend_strategy": "kSameAsRequested"}), _CPU]


def report_provider(
    session: Any, device: Device, wanted: list[str | tuple[str, dict[str, Any]]]
) -> Literal["cpu", "cuda"]:
    """Say in the log where a session really computes, and why. The GPU wheel falls back to the CPU without a word.

    Raises `ModelError` when CUDA was asked for by name and could not be had.
    """
    if _CUDA in session.get_providers():
        log.info("onnxruntime computes on cuda:0 (%s)", _version("onnxruntime-gpu"))
        return "cuda"
    asked = any(not isinstance(provider, str) and provider[0] == _CUDA for provider in wanted)
    if device == "cuda":
        raise no_cuda(asked)
    reason = _why_no_cuda(asked) if device == "auto" else "as the settings say"
    log.info("onnxruntime computes on the CPU: %s", reason)
    return "cpu"


def no_cuda(asked: bool = True) -> ModelError:
    """What is raised where CUDA was wanted by name. `asked`: ONNX Runtime was asked for it, or would have been."""
    return ModelError("CUDA was asked for but cannot be used.", _why_no_cuda(asked))


def _why_no_cuda(asked: bool) -> str:
    if not _version("onnxruntime-gpu"):
        return "onnxruntime-gpu is not installed; `pip install 'dragoman[gpu]'` in place of the cpu extra brings it."
    if asked:
        return "onnxruntime-gpu could not load CUDA 13 or found no GPU; `nvidia-smi` shows whether there is one."
    return "the model was converted for the CPU."


def _version(distribution: str) -> str:
    """Installed version, empty if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
