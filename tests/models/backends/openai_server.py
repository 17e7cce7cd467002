"""A real HTTP server on the loopback that answers from a script, for the tests of the remote back end."""

import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass
class Answer:
    """What the server does with one request."""

    chunks: Iterable[bytes] = ()
    """Written one by one and flushed, each a TCP segment of its own as far as the kernel lets us."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay_s: float = 0.0
    """Before the status line."""
    pause_s: float = 0.002
    """After each chunk."""
    hang: bool = False
    """Say nothing more after the chunks until the client hangs up."""
    drop: bool = False
    """Close the connection in the middle of the (chunked) body."""
    keep_alive: bool = True
    on_hang_up: threading.Event = field(default_factory=threading.Event)
    """Set when the client hung up before the answer was done."""


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json
    connection: int
    """Which connection it came over."""


Script = Callable[[Seen], Answer]


class ScriptedServer:
    """Answers each request as `script` says, and remembers it."""

    def __init__(self, script: Script) -> None:
        self.seen: list[Seen] = []
        self._script = script
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

            def do_GET(self) -> None:
                owner.serve(self)

            def do_POST(self) -> None:
                owner.serve(self)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda request, client_address: None  # type: ignore[method-assign] - clients hang up
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(0.01), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def bodies(self) -> list[Json]:
        return [seen.body for seen in self.seen if seen.method == "POST"]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        seen = Seen(
            handler.command,
            handler.path,
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(raw) if raw else {},
            handler.client_address[1],
        )
        self.seen.append(seen)
        answer = self._script(seen)
        connection = handler.connection
        try:
            self._answer(handler, answer, connection)
        except OSError:
            answer.on_hang_up.set()
            handler.close_connection = True

    def _answer(self, handler: BaseHTTPRequestHandler, answer: Answer, connection: socket.socket) -> None:
        if answer.delay_s and _hung_up(connection, answer.delay_s):
            raise BrokenPipeError
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "text/event-stream", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Transfer-Encoding", "chunked")
        if not answer.keep_alive:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        handler.end_headers()
        for chunk in answer.chunks:
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            handler.wfile.flush()
            time.sleep(answer.pause_s)
        if answer.hang and _hung_up(connection, 60):
            raise BrokenPipeError
        if answer.drop:
            handler.close_connection = True
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            return
        handler.wfile.write(b"0\r\n\r\n")
        handler.wfile.flush()


def _hung_up(connection: socket.socket, patience_s: float) -> bool:
    """Wait for the client to close its side; `False` if it has not after `patience_s`."""
    connection.settimeout(patience_s)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    finally:
        connection.settimeout(None)


@contextmanager
def serving(script: Script | list[Answer]) -> Generator[ScriptedServer]:
    """A server for the length of a `with` block; a list of answers is given in turn, the last one again and again."""
    if isinstance(script, list):
        answers = list(script)
        server = ScriptedServer(lambda seen: answers.pop(0) if len(answers) > 1 else answers[0])
    else:
        server = ScriptedServer(script)
    try:
        yield server
    finally:
        server.close()


def events(objects: Iterable[Json], done: bool = True) -> list[bytes]:
    """JSON objects as an event stream, one chunk each."""
    chunks = [f"data: {json.dumps(item, ensure_ascii=False)}\n\n".encode() for item in objects]
    return [*chunks, b"data: [DONE]\n\n"] if done else chunks


def completion(pieces: Iterable[str], finish: str | None = "stop", index: int = 0, **choice: Any) -> list[Json]:
    """The objects of a streamed text completion."""
    objects = [{"choices": [{"index": index, "text": piece, "finish_reason": None, **choice}]} for piece in pieces]
    return [*objects, {"choices": [{"index": index, "text": "", "finish_reason": finish}]}] if finish else objects


def text_answer(*pieces: str, finish: str | None = "stop") -> Answer:
    return Answer(events(completion(pieces, finish)))


def refusal(status: int, body: Any, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer([content], status=status, headers={"Content-Type": "application/json", **named})


def cut_everywhere(chunks: Iterable[bytes], size: int = 3) -> list[bytes]:
    """The same bytes in pieces of `size`: through code points, JSON strings and line ends."""
    joined = b"".join(chunks)
    return [joined[start : start + size] for start in range(0, len(joined), size)]
