"""What is said about where a model computes, and what is refused."""

import logging
import sys
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import pytest

from models.backends import cores, providers
from models.backends.cores import physical_cores
from models.backends.providers import import_onnxruntime, report_provider, wanted_providers
from models.errors import ModelError

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def installed(monkeypatch: pytest.MonkeyPatch, *distributions: str) -> None:
    def version(name: str) -> str:
        if name not in distributions:
            raise metadata.PackageNotFoundError(name)
        return "1.31.1"

    monkeypatch.setattr(providers.metadata, "version", version)


def session(*names: str) -> Any:
    return SimpleNamespace(get_providers=lambda: list(names))


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError) as error:
        import_onnxruntime()
    assert "pip install 'dragoman[cpu]'" in error.value.hint


def test_a_hollow_library_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "onnxruntime-gpu")
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())  # pyright: ignore[reportArgumentType] - no module
    with pytest.raises(ModelError, match="hollow") as error:
        import_onnxruntime()
    assert "--force-reinstall" in error.value.hint


def test_two_distributions_are_warned_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    installed(monkeypatch, "onnxruntime", "onnxruntime-gpu")
    import_onnxruntime()
    assert "overwrite each other" in caplog.text


def test_blocks_are_for_the_cpu_and_half_precision_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    library = SimpleNamespace(get_available_providers=lambda: [CUDA, CPU], InferenceSession=object)
    monkeypatch.setattr(providers, "import_onnxruntime", lambda: library)
    assert wanted_providers("auto", "q8") == [CPU]
    assert wanted_providers("cpu", "fp16") == [CPU]
    first = wanted_providers("auto", "fp16")[0]
    assert not isinstance(first, str) and first[0] == CUDA


def test_the_silent_fall_back_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    installed(monkeypatch, "onnxruntime-gpu")
    caplog.set_level(logging.INFO, "dragoman.models")
    wanted: Any = [(CUDA, {}), CPU]
    assert report_provider(session(CPU), "auto", wanted) == "cpu"
    assert "could not load CUDA 13 or found no GPU" in caplog.text
    with pytest.raises(ModelError, match="CUDA was asked for"):
        report_provider(session(CPU), "cuda", wanted)
    assert report_provider(session(CUDA, CPU), "auto", wanted) == "cuda"
    assert "cuda:0" in caplog.text


def test_threads_of_one_core_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = {0, 1, 2, 3}

    def affinity(_process: int) -> set[int]:
        return allowed

    def siblings(processor: int) -> str:
        return str(processor % 2)

    monkeypatch.setattr(cores.os, "sched_getaffinity", affinity, raising=False)
    monkeypatch.setattr(cores, "_siblings", siblings)
    assert physical_cores() == 2
    allowed = {5}
    assert physical_cores() == 1
