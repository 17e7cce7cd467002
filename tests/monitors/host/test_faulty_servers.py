"""A language server may do what it likes: every question ends, the host lives on, and nothing stays behind."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from monitors.analysis.analyser import Completions, Place
from monitors.analysis.client import AnalyserStatus, HostClient, host_command
from monitors.analysis.servers import ServerSpec
from monitors.errors import AnalysisFailed
from monitors.install import host_libraries

pytestmark = pytest.mark.slow  # each starts processes of its own

FAKE = Path(__file__).with_name("fake_language_server.py")
Start = Callable[..., HostClient]


@pytest.fixture
def statuses() -> list[AnalyserStatus]:
    return []


@pytest.fixture
def start(tmp_path: Path, host_home: Path, statuses: list[AnalyserStatus]) -> Iterator[Start]:
    """Starts a host with one fake server for Rust; `mode` says how it misbehaves from the start."""
    clients: list[HostClient] = []

    def make(mode: str = "", ready_when: tuple[str, str] | None = None) -> HostClient:
        spec = ServerSpec(
            "fake",
            ("rust",),
            (sys.executable, str(FAKE), mode),
            settings={"fake": {"deep": "yes"}},
            ready_when=ready_when,
        )
        configuration = {"root": str(tmp_path), "servers": [spec.to_json()]}
        client = HostClient(host_command(str(host_libraries(host_home))), configuration, statuses.append)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def ask(client: HostClient, root: Path, text: str, file: str = "a.rs") -> Completions:
    return client.ask("complete", Place(str(root / file), "rust", text, len(text))).result(30)


def names(found: Completions) -> set[str]:
    return {name.name for name in found.names}


def test_identifiers_are_taken_from_what_would_be_inserted(start: Start, tmp_path: Path) -> None:
    found = ask(start(), tmp_path, "x.")
    assert names(found) == {"plain", "inserted"}
    assert found.complete
    assert found.analyser == "fake"


@pytest.mark.parametrize("mode", ["", "whole"])
def test_the_server_sees_exactly_the_virtual_text(start: Start, tmp_path: Path, mode: str) -> None:
    client = start(mode)
    for before in ["a\n😀b\n", "a\n😀😀 b c\n", "é\n😀b\n", "", "a\n😀b "]:
        assert names(ask(client, tmp_path, before + "text.")) == {
            "t" + "".join(c if c.isalnum() or c == "_" else "_" for c in line)
            for line in (before + "text.").split("\n")
        }


def test_answers_that_say_there_is_more_are_used_and_marked(start: Start, tmp_path: Path) -> None:
    found = ask(start(), tmp_path, "incomplete.")
    assert (names(found), found.complete) == ({"some"}, False)


def test_empty_and_odd_answers(start: Start, tmp_path: Path) -> None:
    client = start()
    assert names(ask(client, tmp_path, "null.")) == set()
    assert names(ask(client, tmp_path, "odd_items.")) == {"good"}
    assert names(ask(client, tmp_path, "words.")) == set()
    assert names(ask(client, tmp_path, "settings.")) == {"yes"}


@pytest.mark.parametrize("word", ["scope", "error"])
def test_answers_about_something_else_are_none(start: Start, tmp_path: Path, word: str) -> None:
    client = start()
    with pytest.raises(AnalysisFailed):
        ask(client, tmp_path, word + ".")
    assert names(ask(client, tmp_path, "x.")) == {"plain", "inserted"}


def test_a_huge_line_on_stderr_stops_nothing(start: Start, tmp_path: Path) -> None:
    client = start()
    for _ in range(3):
        assert names(ask(client, tmp_path, "stderr.")) == {"plain", "inserted"}


@pytest.mark.parametrize("word", ["die", "nonsense"])
def test_a_server_that_dies_fails_what_was_asked_and_comes_back(
    start: Start, tmp_path: Path, statuses: list[AnalyserStatus], word: str
) -> None:
    client = start()
    ask(client, tmp_path, "x.")
    began = time.monotonic()
    with pytest.raises(AnalysisFailed):
        ask(client, tmp_path, word + ".")
    assert time.monotonic() - began < 5
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            assert names(ask(client, tmp_path, "x.")) == {"plain", "inserted"}
            break
        except AnalysisFailed:
            time.sleep(0.1)
    assert [s.state for s in statuses] == ["starting", "ready", "failed", "starting", "ready"]
    if word == "die":
        assert "last words" in statuses[2].message


def test_a_request_that_is_not_answered_is_cancelled_and_costs_nobody_else(start: Start, tmp_path: Path) -> None:
    client = start()
    ask(client, tmp_path, "x.")
    hanging = client.ask("complete", Place(str(tmp_path / "a.rs"), "rust", "hang.", 5))
    with pytest.raises(AnalysisFailed, match="in time"):
        hanging.result(30)
    assert len(names(ask(client, tmp_path, "cancelled."))) == 1


@pytest.mark.parametrize("mode", ["exit", "refuse"])
def test_a_server_that_does_not_start_is_tried_again_ever_less_eagerly(
    start: Start, tmp_path: Path, statuses: list[AnalyserStatus], mode: str
) -> None:
    client = start(mode)
    for _ in range(30):
        with pytest.raises(AnalysisFailed):
            ask(client, tmp_path, "x.")
    assert 1 <= sum(s.state == "starting" for s in statuses) <= 3
    assert statuses[1].state == "failed"


def test_a_server_that_does_not_exist(start: Start, tmp_path: Path, host_home: Path) -> None:
    spec = ServerSpec("gone", ("rust",), ("/nowhere/server",))
    configuration = {"root": str(tmp_path), "servers": [spec.to_json()]}
    with (
        HostClient(host_command(str(host_libraries(host_home))), configuration) as client,
        pytest.raises(AnalysisFailed, match="cannot start"),
    ):
        ask(client, tmp_path, "x.")


def test_nobody_waits_for_a_server_that_does_not_get_ready(start: Start, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(AnalysisFailed, match="not ready"):
        ask(start("sleep"), tmp_path, "x.")
    assert time.monotonic() - began < 10


def test_a_server_is_asked_once_it_says_that_it_is_ready(start: Start, tmp_path: Path) -> None:
    found = ask(start("indexes", ("indexingEnded", "")), tmp_path, "x.")
    assert names(found) == {"plain", "inserted"}


def test_signatures_and_symbols(start: Start, tmp_path: Path) -> None:
    client = start()
    place = Place(str(tmp_path / "a.rs"), "rust", "f(", 2)
    (signature,) = client.ask("signatures", place).result(20)
    assert [(p.name, p.required) for p in signature.parameters] == [("x", True), ("y", False)]
    symbols = client.ask("symbols", place).result(20)
    assert [(s.name, s.kind, s.container) for s in symbols] == [
        ("A", "class", ""),
        ("m", "method", "A"),
        ("x", "variable", ""),
    ]


def test_many_documents(start: Start, tmp_path: Path) -> None:
    client = start()
    for i in range(12):
        assert names(ask(client, tmp_path, f"n{i}\ntext.", f"f{i % 6}.rs")) == {f"tn{i}", "ttext_"}


def test_nothing_stays_behind(start: Start, tmp_path: Path) -> None:
    client = start()
    ask(client, tmp_path, "x.")
    client.ask("complete", Place(str(tmp_path / "a.rs"), "rust", "stop_reading.", 13))
    time.sleep(0.2)
    assert client.pid is not None
    family = psutil.Process(client.pid).children(recursive=True)
    assert any("fake_language_server" in " ".join(process.cmdline()) for process in family)
    client.close()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
