"""How bytes come to a server and leave it: standard streams, one TCP connection, one WebSocket. One editor a
process."""

import asyncio
import inspect
import logging
import os
import queue
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.server.framing import Frames, frame

if TYPE_CHECKING:
    from lsp_server.server.server import DragomanServer

logger = logging.getLogger(__name__)

READ_BYTES = 1 << 16
FLUSH_S = 2.0
"""How long the last answers may take to reach a client at the end."""


class Connection(Protocol):
    """Where a server's messages go."""

    def write(self, body: bytes) -> None:
        """Send one message. Never blocks."""
        ...


def serve_stdio(make_server: Callable[[], "DragomanServer"]) -> int:
    """Serve the process that started us; the exit status for this process."""
    with standard_streams() as (incoming, outgoing):
        return asyncio.run(_serve_streams(make_server(), incoming, outgoing))


def serve_tcp(make_server: Callable[[], "DragomanServer"], host: str, port: int) -> int:
    """Wait for one editor on a TCP port and serve it; the exit status for this process."""

    async def listen(accept: Callable[..., Awaitable[None]]) -> Any:
        return await asyncio.start_server(accept, host, port)

    async def converse(server: "DragomanServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        server.connect(_StreamConnection(writer))
        while not server.finished and (data := await reader.read(READ_BYTES)):
            for body in frames.feed(data):
                server.receive(body)
        await writer.drain()
        writer.close()

    return asyncio.run(_serve_one(make_server(), listen, converse, f"{host}:{port}"))


def serve_websocket(make_server: Callable[[], "DragomanServer"], host: str, port: int) -> int:
    """Wait for one editor on a WebSocket, one message a frame, and serve it; the exit status for this process."""
    try:
        from websockets.asyncio.server import serve
    except ImportError as error:
        raise UserError("WebSockets need a package that is not installed.", "Run `pip install websockets`.") from error
    from websockets.exceptions import ConnectionClosed

    async def listen(accept: Callable[..., Awaitable[None]]) -> Any:
        return await serve(accept, host, port, max_size=None)

    async def converse(server: "DragomanServer", socket: Any) -> None:
        connection = _SocketConnection(socket)
        server.connect(connection)
        try:
            while not server.finished:
                server.receive(await socket.recv(decode=False))
            await connection.flush()
        except ConnectionClosed:
            pass

    return asyncio.run(_serve_one(make_server(), listen, converse, f"ws://{host}:{port}"))


async def _serve_one(
    server: "DragomanServer",
    listen: Callable[[Callable[..., Awaitable[None]]], Awaitable[Any]],
    converse: Callable[..., Awaitable[None]],
    address: str,
) -> int:
    """Accept connections until the first one ends; a second one meanwhile is turned away."""
    taken = False

    async def accept(*streams: Any) -> None:
        nonlocal taken
        if taken:
            logger.warning(event("connection refused", reason="another editor is connected"))
            closing = streams[len(streams) - 1].close()  # the writer of a TCP connection, or the WebSocket
            if inspect.isawaitable(closing):
                await closing
            return
        taken = True
        try:
            await converse(server, *streams)
        except ConnectionError as error:
            logger.warning(event("connection lost", reason=error))
        finally:
            server.disconnected()

    try:
        listener = await listen(accept)
    except OSError as error:
        raise UserError(f"Cannot listen on {address}: {error.strerror or error}.", "Choose another port.") from error
    addresses = [":".join(map(str, socket.getsockname()[:2])) for socket in listener.sockets]
    logger.info(event("listening", address=",".join(addresses)))
    try:
        return await server.wait_until_finished()
    finally:
        listener.close()


async def _serve_streams(server: "DragomanServer", incoming: int, outgoing: int) -> int:
    loop = asyncio.get_running_loop()
    outbox = _Outbox(outgoing, lambda: loop.call_soon_threadsafe(server.disconnected))
    server.connect(outbox)

    def read() -> None:
        frames = Frames()
        while data := _read(incoming):
            for body in frames.feed(data):
                loop.call_soon_threadsafe(server.receive, body)
        loop.call_soon_threadsafe(server.disconnected)

    threading.Thread(target=read, name="reader", daemon=True).start()
    try:
        return await server.wait_until_finished()
    finally:
        outbox.close(FLUSH_S)


class _Outbox:
    """Messages to a pipe, written by a thread, so that a client that does not read cannot stop the event loop."""

    def __init__(self, descriptor: int, on_broken: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._on_broken = on_broken
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, body: bytes) -> None:
        self._queue.put(frame(body))

    def close(self, timeout_s: float) -> None:
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._on_broken()


class _StreamConnection:
    """A TCP connection; asyncio keeps what the client has not read yet."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def write(self, body: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(body))


class _SocketConnection:
    """A WebSocket. Messages leave in order, one after the other."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._last: asyncio.Task[None] | None = None

    def write(self, body: bytes) -> None:
        self._last = asyncio.ensure_future(self._send(body.decode(), self._last))

    async def flush(self) -> None:
        if self._last is not None:
            await asyncio.wait([self._last], timeout=FLUSH_S)

    async def _send(self, text: str, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._socket.send(text)


@contextmanager
def standard_streams() -> Generator[tuple[int, int], None, None]:
    """Take stdin and stdout for the protocol alone, as descriptors of our own.

    Meanwhile whatever prints, in Python or in a library's C++, prints to stderr, and a child process finds an empty
    stdin.
    """
    sys.stdout.flush()
    incoming, outgoing = os.dup(0), os.dup(1)
    if os.name == "nt":  # no translation of line ends
        import msvcrt

        for descriptor in (incoming, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    try:
        yield incoming, outgoing
    finally:
        sys.stdout.flush()
        os.dup2(incoming, 0)
        os.dup2(outgoing, 1)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, READ_BYTES)
    except OSError:
        return b""
