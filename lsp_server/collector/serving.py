"""The application behind a socket, by uvicorn."""

import socket
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lsp_server.errors import UserError

if TYPE_CHECKING:
    from starlette.applications import Starlette


def serve(application: "Starlette", host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests that are under way end first. Raises `UserError`."""
    try:
        uvicorn: Any = import_module("uvicorn")
    except ImportError as error:
        raise UserError("uvicorn is not installed.", "Install it with `pip install 'dragoman[collector]'`.") from error
    listening = _listen(host, port)
    where = f"[{host}]" if ":" in host else host
    on_ready(f"http://{where}:{listening.getsockname()[1]}")
    config = uvicorn.Config(application, log_level="warning", access_log=False, timeout_graceful_shutdown=10)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(f"{host}:{port} cannot be listened at: {error.strerror}.", "Give another --port.") from error
    return listening
