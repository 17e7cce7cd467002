"""What a server recorded goes to the collector, later, and holds nothing that its consent does not allow."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from wire import Wire, connected, edit, inline_params

from lsp_server.telemetry import from_json
from lsp_server.telemetry.upload import TOKEN_VARIABLE

pytestmark = pytest.mark.slow  # each starts processes of its own

PLANTED = (b"planted_code", b"planted_name", b"planted_folder", b"planted_suggestion")


class Listener:
    """Stands where a collector would, and keeps every byte that comes."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.received += [str(self.headers).encode(), self.path.encode(), gzip.decompress(body)]
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library names it
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


async def begin(wire: Wire, folder: Path, **telemetry: Any) -> None:
    options = {"dragoman": {"telemetry": {"truthDelaysS": [0.3], **telemetry}, "completion": {"prefetch": False}}}
    await wire.initialize(options=options, folders=[folder])
    await wire.ready()


@pytest.mark.parametrize("consent", ["metrics", "context"])
async def test_an_earlier_servers_records_are_uploaded_under_its_consent(
    server_environment: dict[str, str], tmp_path: Path, listener: Listener, consent: str
) -> None:
    folder = tmp_path / "planted_folder"
    folder.mkdir()
    uri = (folder / "planted_name.py").as_uri()
    async with connected(env=server_environment) as wire:
        await begin(wire, folder, consent=consent)
        wire.open(uri, "planted_code = 1\necho ")
        wire.change(uri, 2, edit(1, 5, "planted_suggestion"))
        answer = await wire.request("textDocument/inlineCompletion", inline_params(uri, 1, 23, 2))
        assert answer["items"]
        assert await wire.leave() == 0
    assert not listener.received  # without an address nothing leaves the machine

    environment = {**server_environment, TOKEN_VARIABLE: "the-token"}
    async with connected(env=environment) as wire:
        await begin(wire, folder, consent=consent, collector=listener.address)
        async with asyncio.timeout(60):
            while len(listener.received) < 3:
                await asyncio.sleep(0.05)
        assert await wire.leave() == 0
    headers, path, body = listener.received[:3]
    assert b"Bearer the-token" in headers
    assert path == b"/v1/records"
    (line,) = body.splitlines()
    assert from_json(json.dumps(json.loads(line)["record"])).consent == consent
    found = [word for word in PLANTED if word in b"".join(listener.received)]
    assert found == ([] if consent == "metrics" else [b"planted_code", b"planted_suggestion"])


async def test_without_a_token_nothing_is_sent_and_the_user_is_told(
    server_environment: dict[str, str], tmp_path: Path, listener: Listener
) -> None:
    async with connected(env=server_environment) as wire:
        await begin(wire, tmp_path, consent="metrics", collector=listener.address)
        async with asyncio.timeout(60):
            while not [m for m in wire.heard if TOKEN_VARIABLE in json.dumps(m)]:
                await asyncio.sleep(0.05)
        assert await wire.leave() == 0
    assert not listener.received
