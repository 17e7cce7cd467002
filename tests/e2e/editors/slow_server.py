"""The real server with the real model, made slow: it waits before each text that the model writes.

The seconds stand in `SLOW_SERVER_S`. Run as `python tests/e2e/editors/slow_server.py serve`.
"""

import os
import time
from typing import Any

from lsp_server.engine.engine import Progress
from lsp_server.engine.loading import load_model
from lsp_server.logs import log_to_stderr
from lsp_server.server import create_server
from lsp_server.server.transport import serve_stdio
from lsp_server.settings import ModelSettings
from models import NEVER, Cancellation, Generator


def slow(generator: Generator, seconds: float) -> Generator:
    """The same generator, whose `generate` begins late. Waiting can be cancelled, as decoding can."""
    generate = generator.generate

    def generate_slowly(*arguments: Any, cancellation: Cancellation = NEVER, **named: Any) -> Any:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            cancellation.raise_if_cancelled()
            time.sleep(0.02)
        return generate(*arguments, cancellation=cancellation, **named)

    generator.generate = generate_slowly  # type: ignore[method-assign]
    return generator


def load_slowly(settings: ModelSettings, progress: Progress, cancellation: Cancellation) -> Generator:
    """The model that the settings ask for, made slow."""
    return slow(load_model(settings, progress, cancellation), float(os.environ["SLOW_SERVER_S"]))


if __name__ == "__main__":
    log_to_stderr()
    raise SystemExit(serve_stdio(lambda: create_server(load_slowly)))
