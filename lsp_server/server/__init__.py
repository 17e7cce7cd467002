"""The language server: the protocol, its transports, and handlers that convert, call and convert back.

Knows editors and asyncio; holds no logic that could be wanted without an editor.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.engine import Load
    from lsp_server.server.server import DragomanServer


def create_server(load: "Load", environment: Mapping[str, str] = os.environ) -> "DragomanServer":
    """A server with everything registered, to be handed to a transport. `load` brings in the model."""
    from lsp_server.server.features import register
    from lsp_server.server.server import DragomanServer

    server = DragomanServer(load, environment)
    register(server)
    return server
