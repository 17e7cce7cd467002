"""The same server over TCP and over a WebSocket."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

pytestmark = pytest.mark.slow  # each starts processes of its own

SCRIPTED = Path(__file__).with_name("scripted_server.py")


@asynccontextmanager
async def listening(
    serve: str, environment: dict[str, str]
) -> AsyncGenerator[tuple[asyncio.subprocess.Process, int], None]:
    """A server process on a free port, and the port."""
    command = f"""
import sys
sys.path.insert(0, {str(SCRIPTED.parent)!r})
from lsp_server.logs import log_to_stderr
from lsp_server.server import create_server, transport
from scripted_server import load
log_to_stderr()
sys.exit(transport.{serve}(lambda: create_server(load), "127.0.0.1", 0))
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, stderr=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    try:
        while b"listening" not in (line := await process.stderr.readline()):
            assert line, "the server ended before it listened"
        yield process, int(line.rsplit(b":", 1)[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def request(msg_id: int | None, method: str, params: Any = None) -> bytes:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message if msg_id is None else {**message, "id": msg_id}).encode()


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any]:
    header = await reader.readuntil(b"\r\n\r\n")
    return json.loads(await reader.readexactly(int(header.split(b":")[1])))


INITIALIZE = request(1, "initialize", {"processId": None, "rootUri": None, "capabilities": {}})


async def test_tcp_serves_one_editor_and_ends(server_environment: dict[str, str]) -> None:
    async with listening("serve_tcp", server_environment) as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        def send(body: bytes) -> None:
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

        send(INITIALIZE)
        assert (await read_frame(reader))["result"]["serverInfo"]["name"] == "dragoman"
        second_reader, second_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await second_reader.read() == b"", "there is one editor already"
        second_writer.close()
        send(request(2, "shutdown"))
        while (await read_frame(reader)).get("id") != 2:
            pass
        send(request(None, "exit"))
        assert await asyncio.wait_for(process.wait(), 60) == 0
        writer.close()


async def test_tcp_ends_when_the_editor_vanishes(server_environment: dict[str, str]) -> None:
    async with listening("serve_tcp", server_environment) as (process, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert await asyncio.wait_for(process.wait(), 60) == 1


async def test_a_port_that_is_taken_is_a_users_error(server_environment: dict[str, str]) -> None:
    async with listening("serve_tcp", server_environment) as (_, port):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lsp_server",
            "serve",
            "--tcp",
            f"127.0.0.1:{port}",
            stderr=asyncio.subprocess.PIPE,
            env=server_environment,
        )
        _, errors = await process.communicate()
        assert process.returncode == 2
        assert errors.decode().startswith(f"dragoman: Cannot listen on 127.0.0.1:{port}: ")


async def test_a_websocket_carries_one_message_a_frame(server_environment: dict[str, str]) -> None:
    async with (
        listening("serve_websocket", server_environment) as (process, port),
        connect(f"ws://127.0.0.1:{port}", max_size=None) as socket,
    ):
        await socket.send(INITIALIZE.decode())
        assert json.loads(await socket.recv())["result"]["serverInfo"]["name"] == "dragoman"
        await socket.send(request(None, "initialized", {}))
        item = {"uri": "u", "languageId": "python", "version": 1, "text": "x" * 2_000_000 + "\necho word"}
        await socket.send(request(None, "textDocument/didOpen", {"textDocument": item}))
        params = {
            "textDocument": {"uri": "u"},
            "position": {"line": 1, "character": 9},
            "context": {"triggerKind": 1},
        }
        await socket.send(request(2, "textDocument/inlineCompletion", params))
        while (answer := json.loads(await socket.recv())).get("id") != 2:
            pass
        assert answer["result"]["items"][0]["insertText"] == "(word)"
        await socket.send(request(3, "shutdown"))
        await socket.send(request(None, "exit"))
        assert await asyncio.wait_for(process.wait(), 60) == 0
