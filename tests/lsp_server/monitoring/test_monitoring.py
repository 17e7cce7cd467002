"""Supervisors by workspace: made late, shared, replaced when settings change, closed with us."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionRequest
from lsp_server.documents.text import Text
from lsp_server.monitoring import Monitoring, available_monitors
from lsp_server.monitoring.monitoring import MOST_WORKSPACES, document_of, monitor_settings
from lsp_server.settings import MonitoringSettings
from monitors import AnalyserStatus, MonitorSettings, Supervisor
from monitors.enquiry import DirectSource
from monitors.testing import ScriptedAnalyser

SETTINGS = MonitoringSettings(only=("dereference",))


def request(root: Path, prefix: str = "x = a.", suffix: str = "\n", path: str = "m.py") -> CompletionRequest:
    return request_at(Text(prefix + suffix), len(prefix), Source("python", path, str(root)))


class Makes:
    """Supervisors that ask a script instead of a process."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.closed: list[Path] = []
        self.supervisors: list[Supervisor] = []
        self.analyser = ScriptedAnalyser(["name", "size"])

    def __call__(
        self, root: Path, settings: MonitorSettings, on_status: Callable[[AnalyserStatus], None] | None
    ) -> Supervisor:
        self.made.append(root)
        supervisor = Supervisor(root, settings, on_status, source=DirectSource(self.analyser))
        self.supervisors.append(supervisor)
        close = supervisor.close

        def closing() -> None:
            self.closed.append(root)
            close()

        supervisor.close = closing  # pyright: ignore[reportAttributeAccessIssue] - of this one instance
        return supervisor


def test_a_workspace_has_one_supervisor_until_its_settings_change(tmp_path: Path) -> None:
    makes = Makes()
    with Monitoring(make=makes) as monitoring:
        assert makes.made == []
        guides = [monitoring.guide(request(tmp_path), SETTINGS, monotonic() + 9) for _ in range(2)]
        assert all(guides)
        assert makes.made == [tmp_path]
        monitoring.guide(request(tmp_path), replace(SETTINGS, budget_ms=300), monotonic() + 9)
        assert (makes.made, makes.closed) == ([tmp_path, tmp_path], [tmp_path])
    assert len(makes.closed) == 2


def test_the_workspace_left_alone_longest_ends_first(tmp_path: Path) -> None:
    makes = Makes()
    with Monitoring(make=makes) as monitoring:
        for name in range(MOST_WORKSPACES + 1):
            monitoring.guide(request(tmp_path / str(name)), SETTINGS, monotonic() + 9)
        assert makes.closed == [tmp_path / "0"]


@pytest.mark.parametrize("without", ["enabled", "root", "language"])
def test_where_nothing_can_be_watched_there_is_no_guide(tmp_path: Path, without: str) -> None:
    asked = request(tmp_path)
    settings = SETTINGS
    if without == "enabled":
        settings = replace(SETTINGS, enabled=False)
    elif without == "root":
        asked = replace(asked, root="")
    else:
        asked = replace(asked, language="markdown")
    with Monitoring(make=Makes()) as monitoring:
        assert monitoring.guide(asked, settings, monotonic() + 9) is None


@pytest.mark.parametrize("only", [("nonsense",), ("dereference", "nonsense")])
def test_a_wrong_name_is_left_out_and_the_rest_holds(
    tmp_path: Path, only: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    makes = Makes()
    with Monitoring(make=makes) as monitoring:
        for _ in range(2):
            assert monitoring.guide(request(tmp_path), replace(SETTINGS, only=only), monotonic() + 9)
    names = [monitor.name for monitor in makes.supervisors[0].monitors]
    assert names == ["dereference"] if len(only) == 2 else len(names) > 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "names=nonsense" in caplog.text


def test_a_file_that_cannot_be_read_costs_the_monitors_and_no_completion(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Monitoring(make=Makes()) as monitoring:
        wrong = replace(SETTINGS, typestates=("missing.toml",))
        assert monitoring.guide(request(tmp_path), wrong, monotonic() + 9) is None
    assert "No such file or directory. Mend `monitors.typestates`." in caplog.text


def test_an_analyser_that_was_asked_for_and_is_missing_is_told_once(tmp_path: Path) -> None:
    told: list[AnalyserStatus] = []

    def make(root: Path, settings: MonitorSettings, on_status: Callable[[AnalyserStatus], None]) -> Supervisor:
        return Supervisor(root, settings, on_status, home=tmp_path / "nothing")

    with Monitoring(told.append, make=make) as monitoring:
        for _ in range(2):
            assert monitoring.guide(request(tmp_path), replace(SETTINGS, python_analyser="zuban"), monotonic() + 9)
    missing = [status for status in told if status.analyser == "zuban"]
    assert [status.state for status in missing] == ["failed"]
    assert "dragoman analysers install zuban" in missing[0].message


def test_what_is_fetched_ahead_is_there_when_the_decoder_begins(tmp_path: Path) -> None:
    makes = Makes()
    with Monitoring(make=makes) as monitoring:
        monitoring.fetch_ahead(request(tmp_path), SETTINGS)
        until = monotonic() + 10
        while not makes.analyser.asked and monotonic() < until:
            sleep(0.01)
        sleep(0.05)
        guide = monitoring.guide(request(tmp_path), SETTINGS, monotonic() + 9)
        assert guide is not None
        assert [constraint.names for constraint in guide.poll("")] == [{"name", "size"}]
        assert [finding.cached for finding in guide.findings] == [True]
        assert len(makes.analyser.asked) == 1


def test_analysis_sees_the_whole_document_whatever_the_window(tmp_path: Path) -> None:
    prefix = "import this\r\n" + "line = 1\r\n" * 20_000 + "x = a."
    suffix = "\r\n" + "rest = 2\r\n" * 20_000
    asked = request(tmp_path, prefix, suffix)
    assert len(asked.prefix) < 30_000
    document = document_of(replace(asked, prefix=asked.prefix + "nam"))
    assert document is not None
    assert document.prefix == prefix.replace("\r\n", "\n") + "nam"
    assert document.suffix == suffix.replace("\r\n", "\n")
    assert document.path == str(tmp_path / "m.py")


def test_a_file_outside_any_workspace_is_analysed_in_its_folder(tmp_path: Path) -> None:
    source = Source("python", "m.py", "", (tmp_path / "m.py").as_uri())
    document = document_of(request_at(Text("a."), 2, source))
    assert document is not None
    assert document.path == str(tmp_path / "m.py")
    assert document_of(request_at(Text("a."), 2, Source("python"))) is None


def test_settings_are_told_in_the_words_of_the_monitors() -> None:
    assert monitor_settings(MonitoringSettings()) == MonitorSettings()
    told = monitor_settings(MonitoringSettings(only=("imports",), python_analyser="jedi", python="/usr/bin/python3"))
    assert told == MonitorSettings(("imports",), analysers={"python": "jedi"}, python="/usr/bin/python3")


def test_the_monitors_that_can_be_asked_for_have_names() -> None:
    assert {"dereference": True, "imports": True, "syntax": False}.items() <= available_monitors().items()
