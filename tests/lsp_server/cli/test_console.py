"""Progress for people who watch, and for logs."""

import io
import sys

import pytest

from lsp_server.cli import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PATIENCE_S", 0.0)


def test_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Model") as report:
        report(0.0, "fetching")
        report(0.1, "fetching")
        report(0.5, "converting")
        report(-1, "guessing")
    assert capsys.readouterr().err == "Model: fetching 0%\nModel: converting 50%\nModel: guessing\n"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with console.progress("Model") as report:
        report(0.25, "fetching")
        report(1.0, "fetching")
    assert "Model: fetching" in terminal.getvalue()


def test_a_count_is_told_at_its_ends_and_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(console, "monotonic", lambda: clock[0])
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    pace = console.Pace(5)
    assert [pace.is_due(done) for done in (1, 2)] == [True, False]
    clock[0] += console.PLAIN_INTERVAL_S
    assert [pace.is_due(done) for done in (3, 4, 5)] == [True, False, True]
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert pace.is_due(2), "a bar moves with each"


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(console, "PATIENCE_S", 60.0)
    with console.progress("Model") as report:
        report(0.5, "loading")
    assert capsys.readouterr().err == ""


def test_the_bar_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(ZeroDivisionError), console.progress("Model") as report:
        report(0.5, "loading")
        raise ZeroDivisionError
