"""A client that says exactly what it is told to say, byte for byte, and keeps all it hears."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

SCRIPTED = Path(__file__).with_name("scripted_server.py")
TIMEOUT_S = 60.0
INLINE: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}, "general": {"positionEncodings": ["utf-16"]}}
"""Capabilities of an editor with ghost text."""

Json = dict[str, Any]


class Wire:
    """One server process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[Json] = []
        """Every message, in order."""
        self._changed = asyncio.Condition()
        self._next_id = 1000
        self._reader = asyncio.create_task(self._read())

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def send_body(self, body: bytes | str) -> None:
        self.send_bytes(framed(body))

    def send(self, *messages: Any) -> None:
        """Messages that the server reads at once."""
        self.send_bytes(b"".join(framed(json.dumps(message)) for message in messages))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request without waiting; its id."""
        self._next_id += 1
        self.send({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params})
        return self._next_id

    def forget(self) -> None:
        """Begin to listen anew."""
        self.heard.clear()

    async def request(self, method: str, params: Any = None) -> Any:
        """The result of a request. Fails on an error."""
        answer = await self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    async def answer(self, msg_id: Any) -> Json:
        """The answer to the request with this id, result or error."""
        return await self.hear(lambda message: "method" not in message and message.get("id") == msg_id)

    async def hear(self, wanted: Callable[[Json], bool], timeout_s: float = TIMEOUT_S) -> Json:
        """The first message of this kind, heard already or still to come."""

        def find() -> Json | None:
            return next((message for message in self.heard if wanted(message)), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: find() is not None), timeout_s)
        found = find()
        assert found is not None
        return found

    async def ready(self) -> None:
        """Wait until the model is there, or has failed."""

        def settled(message: Json) -> bool:
            return message.get("method") == "didChangeStatus" and not message["params"]["busy"]

        await self.hear(settled)

    async def initialize(
        self, capabilities: Json = INLINE, options: Any = None, folders: list[Path] | None = None, **more: Any
    ) -> Json:
        """Shake hands; the server's capabilities."""
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities,
            "initializationOptions": options,
            "workspaceFolders": [{"uri": path.as_uri(), "name": path.name} for path in folders or ()],
            **more,
        }
        result = await self.request("initialize", params)
        self.notify("initialized", {})
        return result["capabilities"]

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Json) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def ask_inline(self, uri: str, line: int, character: int, kind: int = 2, **context: Any) -> int:
        return self.ask("textDocument/inlineCompletion", inline_params(uri, line, character, kind, **context))

    async def texts(self, uri: str, line: int, character: int, kind: int = 1) -> list[str]:
        """What would be shown at a place."""
        result = await self.request("textDocument/inlineCompletion", inline_params(uri, line, character, kind))
        return [item["insertText"] for item in result["items"]]

    async def leave(self) -> int:
        """Say goodbye as the protocol wants it; the exit status."""
        await self.request("shutdown")
        self.notify("exit")
        return await asyncio.wait_for(self.process.wait(), TIMEOUT_S)

    async def stop(self) -> None:
        self._reader.cancel()
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while header := await stdout.readuntil(b"\r\n\r\n"):
            body = await stdout.readexactly(int(header.split(b":")[1]))
            async with self._changed:
                self.heard.append(json.loads(body))
                self._changed.notify_all()


def framed(body: bytes | str) -> bytes:
    body = body.encode() if isinstance(body, str) else body
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def inline_params(uri: str, line: int, character: int, kind: int = 1, **context: Any) -> Json:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": kind, **context},
    }


def edit(line: int, character: int, text: str, end: tuple[int, int] | None = None) -> Json:
    """One incremental change."""
    start = {"line": line, "character": character}
    stop = start if end is None else {"line": end[0], "character": end[1]}
    return {"range": {"start": start, "end": stop}, "text": text}


@asynccontextmanager
async def connected(
    *command: str, env: dict[str, str] | None = None, stderr: Path | None = None
) -> AsyncGenerator[Wire, None]:
    """A server process; the scripted one unless another command is given. `stderr` is a file for its log."""
    arguments = command or (sys.executable, str(SCRIPTED))
    with open(os.devnull if stderr is None else stderr, "wb") as log:  # noqa: PTH123
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=env,
            limit=1 << 26,
        )
    wire = Wire(process)
    try:
        yield wire
    finally:
        await wire.stop()
