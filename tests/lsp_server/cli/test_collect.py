"""`dragoman collect`: what its options come to."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server.cli.app import app
from lsp_server.collector.access import new_token
from lsp_server.collector.web import Limits


def test_a_low_rate_lets_no_burst_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Limits] = []

    def make_application(_database: object, _tokens: object, limits: Limits) -> None:
        made.append(limits)

    def serve(*_: object) -> None:
        pass

    monkeypatch.setattr("lsp_server.collector.web.make_application", make_application)
    monkeypatch.setattr("lsp_server.collector.serving.serve", serve)
    new_token(tmp_path / "tokens", "me")
    options = ["--tokens", str(tmp_path / "tokens"), "--database", f"sqlite:///{tmp_path / 'c.sqlite'}"]
    result = CliRunner().invoke(app, ["collect", *options, "--requests-per-minute", "1"])
    assert result.exit_code == 0, result.output
    assert [(limits.requests_per_minute, limits.burst) for limits in made] == [(1.0, 1)]
