"""`dragoman serve`: which address, and what is wrong with it."""

from typing import Any

import pytest
from typer.testing import CliRunner

from lsp_server.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--stdio", "--tcp", "127.0.0.1:0"], "Only one of --stdio, --tcp and --ws"),
        (["--tcp", "nonsense"], "--tcp nonsense is not an address. Write it as 127.0.0.1:8123."),
        (["--tcp", "localhost:http"], "is not an address"),
        (["--ws", "localhost:99999"], "is not an address"),
        (["--ws", ":80"], "is not an address"),
    ],
)
def test_wrong_addresses(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, ["serve", *arguments])
    assert result.exit_code == 2
    assert complaint in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "transport", "address"),
    [
        ([], "serve_stdio", ()),
        (["--stdio"], "serve_stdio", ()),
        (["--tcp", "127.0.0.1:8123"], "serve_tcp", ("127.0.0.1", 8123)),
        (["--tcp", "[::1]:8123"], "serve_tcp", ("::1", 8123)),
        (["--ws", "localhost:0"], "serve_websocket", ("localhost", 0)),
    ],
)
def test_the_transport_that_is_asked_for(
    arguments: list[str], transport: str, address: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[Any, ...]] = []

    def serve(_make_server: Any, *where: Any) -> int:
        called.append(where)
        return 7

    monkeypatch.setattr(f"lsp_server.server.transport.{transport}", serve)
    assert CliRunner().invoke(app, ["serve", *arguments]).exit_code == 7
    assert called == [address]
