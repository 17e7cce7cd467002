"""The server with an analyser that is missing, hangs, dies or answers nonsense, and with one that works: suggestions
come in time, the status says once what is wrong, and no process stays behind.
"""

import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from time import monotonic

import psutil
import pytest
from conftest import without_this_machine
from wire import Json, Wire, connected

from monitors.errors import MonitorError
from monitors.install import HOST, install_host

FAKE = Path(__file__).parents[2] / "monitors" / "host" / "fake_language_server.py"
IN_TIME_S = 20.0
"""For a busy machine; the budget of an analysis is two seconds here."""

Serve = Callable[..., AbstractAsyncContextManager[Wire]]


@pytest.fixture(scope="module")
def host(request: pytest.FixtureRequest) -> Path:
    """The analysis host's libraries, installed once and kept between runs of the tests."""
    home = request.config.cache.mkdir("analysers")
    try:
        install_host(home)
    except MonitorError as error:
        pytest.skip(f"the analysis host's libraries cannot be installed here: {error.message}")
    return home / HOST


@pytest.fixture
def serve(tmp_path: Path, host: Path) -> Serve:
    """Starts a server whose Python analyser is a script that misbehaves as it is told."""
    home = tmp_path / "home"
    program = home / "data" / "analysers" / "zuban" / "zuban-0.data" / "scripts" / "zuban"
    (tmp_path / "project").mkdir()

    @asynccontextmanager
    async def start(mode: str | None = "", **settings: str) -> AsyncGenerator[Wire]:
        home.mkdir(exist_ok=True)
        program.parent.mkdir(parents=True, exist_ok=True)
        shared = home / "data" / "analysers" / HOST
        if not shared.exists():
            shutil.copytree(host, shared)
        if mode is not None:
            program.write_text(f"#!/bin/sh\nexec {sys.executable} {FAKE} {mode}\n")
            program.chmod(0o755)
        env = {**without_this_machine(home), "DRAGOMAN_MONITORS_ENABLED": "true", **settings}
        env |= {"DRAGOMAN_MONITORS_PYTHON_ANALYSER": "zuban", "DRAGOMAN_MONITORS_BUDGET_MS": "2000"}
        async with connected(env=env) as wire:
            await wire.initialize(folders=[tmp_path / "project"])
            await wire.ready()
            yield wire

    return start


async def ask(wire: Wire, tmp_path: Path, text: str, version: int) -> str:
    """What is suggested behind `text`, in time."""
    uri = (tmp_path / "project" / "m.py").as_uri()
    wire.change(uri, version, {"text": text})
    began = monotonic()
    (shown, *_) = await wire.texts(uri, text.count("\n"), len(text.rpartition("\n")[2]), kind=1)
    assert monotonic() - began < IN_TIME_S
    return shown


async def until_named(wire: Wire, tmp_path: Path, receiver: str, version: int) -> str:
    """Ask until the analyser has a say: it may have to start first."""
    until = monotonic() + 90
    shown = ""
    while monotonic() < until:
        version += 1
        shown = await ask(wire, tmp_path, f"# {version}\nx = {receiver}.", version)
        if not shown.startswith("("):
            break
    return shown


def complaints(wire: Wire) -> list[Json]:
    return [m for m in wire.heard if m.get("method") == "didChangeStatus" and "analyser" in m["params"]["message"]]


def open_document(wire: Wire, tmp_path: Path) -> None:
    wire.open((tmp_path / "project" / "m.py").as_uri(), "x = 1\n")


@pytest.mark.slow
async def test_what_an_analyser_says_is_kept_to(serve: Serve, tmp_path: Path) -> None:
    async with serve() as wire:
        open_document(wire, tmp_path)
        assert await until_named(wire, tmp_path, "thing", 1) == "inserted"
        assert complaints(wire) == []


@pytest.mark.slow
@pytest.mark.parametrize("receiver", ["hang", "null", "nonsense", "error", "scope"])
async def test_without_a_sound_answer_the_model_writes_alone(serve: Serve, tmp_path: Path, receiver: str) -> None:
    async with serve() as wire:
        open_document(wire, tmp_path)
        await until_named(wire, tmp_path, "thing", 1)
        for version in range(1000, 1003):
            text = f"# {version}\nx = {receiver}."
            assert await ask(wire, tmp_path, text, version) == f"({receiver}.)"


@pytest.mark.slow
async def test_one_that_dies_is_told_once_and_comes_back(serve: Serve, tmp_path: Path) -> None:
    async with serve() as wire:
        open_document(wire, tmp_path)
        await until_named(wire, tmp_path, "thing", 1)
        for version in range(1000, 1003):
            assert await ask(wire, tmp_path, f"# {version}\nx = die.", version) == "(die.)"
        await wire.hear(lambda m: m in complaints(wire))
        assert await until_named(wire, tmp_path, "thing", 2000) == "inserted"
        assert len(complaints(wire)) == 1
        last = [m for m in wire.heard if m.get("method") == "didChangeStatus"][-1]["params"]
        assert (last["kind"], "analyser" in last["message"]) == ("Normal", False)


@pytest.mark.slow
async def test_one_that_is_missing_is_told_once_and_jedi_takes_its_place(serve: Serve, tmp_path: Path) -> None:
    async with serve(None) as wire:
        open_document(wire, tmp_path)
        shown = await until_named(wire, tmp_path, "'text'", 1)
        assert shown in dir(str)
        assert len(complaints(wire)) == 1
        assert "dragoman analysers install zuban" in complaints(wire)[0]["params"]["message"]


@pytest.mark.slow
async def test_no_process_stays_behind(serve: Serve, tmp_path: Path) -> None:
    """Whether it is told to end, loses its editor, or is killed; 200 times by hand, a few here."""
    for ending in ("told", "input", "killed"):
        children: list[psutil.Process] = []
        async with serve() as wire:
            open_document(wire, tmp_path)
            await until_named(wire, tmp_path, "thing", 1)
            children = psutil.Process(wire.process.pid).children(recursive=True)
            assert len(children) >= 2  # the host, and the language server in it
            if ending == "told":
                assert await wire.leave() == 0
            elif ending == "input":
                assert wire.process.stdin is not None
                wire.process.stdin.close()
                await wire.process.wait()
            else:
                wire.process.kill()
                await wire.process.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == [], ending
