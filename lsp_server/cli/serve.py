"""`dragoman serve`: the language server."""

from typing import Annotated

import typer

from lsp_server.errors import UserError


def serve(
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak over stdin and stdout, as editors expect.")] = False,
    tcp: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Wait for one editor on a TCP port; port 0 takes a free one."),
    ] = None,
    ws: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Wait for one editor on a WebSocket.")] = None,
) -> None:
    """Run the language server, on stdin and stdout unless told otherwise. Log lines go to stderr."""
    if stdio + bool(tcp) + bool(ws) > 1:
        raise UserError("Only one of --stdio, --tcp and --ws can be served.", "Leave out the others.")
    from lsp_server.engine.early import begun
    from lsp_server.engine.loading import load_model
    from lsp_server.logs import log_to_stderr
    from lsp_server.server import create_server
    from lsp_server.server.transport import serve_stdio, serve_tcp, serve_websocket

    log_to_stderr()
    load = begun(load_model)

    def make_server():
        return create_server(load)

    if tcp:
        status = serve_tcp(make_server, *_address(tcp, "--tcp"))
    elif ws:
        status = serve_websocket(make_server, *_address(ws, "--ws"))
    else:
        status = serve_stdio(make_server)
    raise typer.Exit(status)


def _address(text: str, option: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[HOST]:PORT`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UserError(f"{option} {text} is not an address.", "Write it as 127.0.0.1:8123.")
    return host.strip("[]"), int(port)
