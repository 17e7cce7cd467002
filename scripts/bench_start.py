"""How long the first completion takes from the start of a process, the model being on disk.

    python -m scripts.bench_start [--rounds 5] [--chars 3000] [--no-monitors]

Two ways in: `dragoman complete` from its start to its end, and the language server from its start to the answer of a
request that is sent as soon as the protocol allows, right after the document was opened. The place is the end of the
first so many characters of a module of the standard library. Processor seconds, those of the analysis included, stand
beside the seconds on the clock: what other programs do touches them less.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AUTOMATIC = 2
"""The trigger kind of ghost text that nobody asked for; where nobody has typed, it waits for no pause in typing."""
SERVER = (sys.executable, "-m", "lsp_server", "serve", "--stdio")


@dataclass(frozen=True)
class Sample:
    """One start."""

    seconds: float
    """To the first completion."""
    processor_s: float
    """Of the process and its children, from their start to their end."""


def sample_text(chars: int) -> str:
    """So much of a real module, up to the end of a line's indentation or word."""
    return Path(textwrap.__file__).read_text(encoding="utf-8")[:chars]


def time_command(file: Path, text: str, monitors: bool) -> Sample:
    """`dragoman complete` at the end of `text`, which stands in `file`."""
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    command = [sys.executable, "-m", "lsp_server", "complete", str(file), "--json"]
    command += ["--line", str(line), "--column", str(column)]
    return _timed(lambda: _run([*command, *([] if monitors else ["--no-monitors"])]))


def time_server(file: Path, text: str, monitors: bool) -> Sample:
    """`dragoman serve`: handshake, document, request, answer."""
    return _timed(lambda: _converse(file, text, monitors))


def _timed(run: Callable[[], float]) -> Sample:
    before = os.times()
    seconds = run()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Sample(seconds, spent)


def _run(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    elapsed = time.perf_counter() - start
    if not json.loads(done.stdout)["completions"]:
        raise SystemExit("nothing was completed")
    return elapsed


def _converse(file: Path, text: str, monitors: bool) -> float:
    """Seconds from the start of a server to its first answer."""
    start = time.perf_counter()
    # Processor time of children is known once they have been waited for.
    with subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        client = Client(process)
        client.open(file, text, {"monitors": {"enabled": monitors}})
        items = client.suggest(file, text)
        elapsed = time.perf_counter() - start
        client.leave()
        if not items:
            raise SystemExit("the server completed nothing")
    return elapsed


def end_of(text: str) -> dict[str, int]:
    """The place after the last character, as the protocol counts in plain text."""
    return {"line": text.count("\n"), "character": len(text) - text.rfind("\n") - 1}


class Client:
    """As much of the protocol as one document and its completions need; knows no settings of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout
        self._last = 0

    def open(self, file: Path, text: str, settings: dict[str, object]) -> None:
        """The handshake, in which `settings` are handed over, and a Python document that holds `text`."""
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "workspaceFolders": [{"uri": file.parent.as_uri(), "name": "bench"}],
                "capabilities": {"textDocument": {"inlineCompletion": {}}, "workspace": {"configuration": True}},
                "initializationOptions": {"dragoman": settings},
            },
        )
        self.tell("initialized", {})
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def suggest(self, file: Path, text: str) -> list[Any]:
        """What is suggested at the end of the document, which holds `text`."""
        place = {"textDocument": {"uri": file.as_uri()}, "position": end_of(text)}
        return self.ask("textDocument/inlineCompletion", {**place, "context": {"triggerKind": AUTOMATIC}})["items"]

    def leave(self) -> None:
        self.ask("shutdown", None)
        self.tell("exit", None)

    def tell(self, method: str, parameters: object) -> None:
        self._send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: object) -> Any:
        """The result. What the server asks meanwhile is answered with nothing."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == self._last:
                return message["result"]
            if "method" in message and "id" in message:
                asked = message["params"].get("items", []) if message["params"] else []
                self._send({"id": message["id"], "result": [None for _ in asked]})

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._from.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise SystemExit("the server has gone")
        return json.loads(self._from.read(length))


def measure(rounds: int, chars: int, monitors: bool = True) -> dict[str, list[Sample]]:
    """Samples by way in, the ways taking turns."""
    text = sample_text(chars)
    samples: dict[str, list[Sample]] = {"dragoman complete": [], "dragoman serve": []}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / "sample.py"
        file.write_text(text, encoding="utf-8")
        for _ in range(rounds):
            samples["dragoman complete"].append(time_command(file, text, monitors))
            samples["dragoman serve"].append(time_server(file, text, monitors))
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the first completion of a process.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chars", type=int, default=3000, help="characters before the cursor")
    parser.add_argument("--no-monitors", action="store_true")
    arguments = parser.parse_args()
    for name, samples in measure(arguments.rounds, arguments.chars, not arguments.no_monitors).items():
        seconds, processor = (
            sorted(values) for values in zip(*((s.seconds, s.processor_s) for s in samples), strict=True)
        )
        print(  # noqa: T201
            f"{name}: {median(seconds):.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f}), "
            f"{median(processor):.2f} s of processor time"
        )


if __name__ == "__main__":
    main()
