"""The first minute with Dragoman: start its language server as an editor does, and complete real files through it.

    make run

Starts `dragoman serve --stdio`, waits for the model (which is fetched and converted the first time), opens files of
this very project, and prints what the editor would show as ghost text at a few places, with the time it took. Then it
has one function of this project translated, built and tested, and prints the verdict.
"""

# pyright: reportUntypedFunctionDecorator=false
# pygls does not type the decorator that registers a handler.

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from lsp_server.languages import language_for
from lsp_server.verification.toolbox import find_tools

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 900
DIM, BOLD, RESET = ("\033[2m", "\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


@dataclass(frozen=True)
class Place:
    """Where somebody types: everything up to `typed` stands in the file, the rest of that line is not written yet."""

    path: str
    typed: str


PLACES = (
    Place("models/decoding/cancellation.py", "        return self._event."),
    Place("models/backends/session.py", "    n = min(len(a), "),
    Place("models/acquisition/parts.py", "    partial = target.with_suffix("),
    Place("tests/test_house.py", "    return ast."),
)


TRANSLATED = Place("models/decoding/local.py", "def _ms(")
"""A function that the default model can translate by itself; the rule-based translator is left out here."""
TARGETS = ("javascript", "cpp", "java", "rust", "go", "csharp")
"""The first one whose toolchain is on this machine is translated to."""


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this script talks to a person


class Editor:
    """As much of an editor as a completion needs."""

    def __init__(self) -> None:
        self.client = LanguageClient("dragoman-first-run", "1")
        self.ready = asyncio.Event()
        self.failure = ""
        self.doing = ""

        @self.client.feature("didChangeStatus")
        def _(status: Any) -> None:
            if status.kind == "Error":
                self.failure = status.message
                self.ready.set()
            elif not status.busy:
                self.ready.set()
            else:
                end = "\r" if sys.stderr.isatty() else "\n"
                what = status.message.partition(" (")[0]
                if what != self.doing or sys.stderr.isatty():
                    print(f"  {status.message:<100}", end=end, file=sys.stderr, flush=True)  # noqa: T201
                self.doing = what

        @self.client.feature(lsp.WINDOW_LOG_MESSAGE)
        def _(_message: lsp.LogMessageParams) -> None:
            """An editor would put it into its log."""

    async def start(self) -> None:
        """Start the server and wait until its model can answer."""
        await self.client.start_io(sys.executable, "-m", "lsp_server", "serve", "--stdio")
        result = await self.client.initialize_async(
            lsp.InitializeParams(
                capabilities=lsp.ClientCapabilities(
                    text_document=lsp.TextDocumentClientCapabilities(
                        inline_completion=lsp.InlineCompletionClientCapabilities()
                    )
                ),
                initialization_options={"workspaceTrusted": True, "dragoman": {"translation": {"rules": False}}},
                workspace_folders=[lsp.WorkspaceFolder(ROOT.as_uri(), ROOT.name)],
            )
        )
        if not result.capabilities.inline_completion_provider:
            raise SystemExit("the server does not offer inline completion")
        self.client.initialized(lsp.InitializedParams())
        await asyncio.wait_for(self.ready.wait(), READY_TIMEOUT_S)
        if self.failure:
            raise SystemExit(self.failure)

    async def suggest(self, place: Place) -> tuple[str, str, float]:
        """Type at a place; returns the lines before the cursor, the suggestion, and the milliseconds it took."""
        path = ROOT / place.path
        text = path.read_text(encoding="utf-8")
        line = next(n for n, content in enumerate(text.splitlines()) if content.startswith(place.typed))
        lines = text.splitlines(keepends=True)
        lines[line] = f"{place.typed}\n"
        uri = path.as_uri()
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, "".join(lines)))
        )
        # While typing, a server that has not read the file yet gives up soon and reads on; asked again, it is there.
        kinds = (lsp.InlineCompletionTriggerKind.Automatic, *[lsp.InlineCompletionTriggerKind.Invoked] * 3)
        suggestion, elapsed = "", 0.0
        for kind in kinds:
            start = time.perf_counter()
            answer = await self.client.text_document_inline_completion_async(
                lsp.InlineCompletionParams(
                    context=lsp.InlineCompletionContext(kind),
                    text_document=lsp.TextDocumentIdentifier(uri),
                    position=lsp.Position(line, len(place.typed)),
                )
            )
            elapsed = (time.perf_counter() - start) * 1e3
            items = answer.items if isinstance(answer, lsp.InlineCompletionList) else answer or []
            if items:
                text = items[0].insert_text
                suggestion = text if isinstance(text, str) else text.value
                break
        return "".join(lines[max(0, line - 3) : line]) + place.typed, suggestion, elapsed

    async def translate(self, place: Place, target: str) -> dict[str, Any]:
        """Translate the function that begins at a place; the server's answer, as docs/translation.md has it."""
        path = ROOT / place.path
        lines = path.read_text(encoding="utf-8").splitlines()
        line = next(number for number, content in enumerate(lines) if content.startswith(place.typed))
        start, end = {"line": line, "character": 0}, {"line": line, "character": 1}
        argument = {"uri": path.as_uri(), "to": target, "range": {"start": start, "end": end}}
        params = lsp.ExecuteCommandParams("dragoman.translate", [argument])
        return plain(await self.client.workspace_execute_command_async(params))

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


async def first_run() -> int:
    say(f"{BOLD}Starting the language server{RESET} (the first time, its model is fetched and converted)")
    editor = Editor()
    await editor.start()
    shown = 0
    for place in PLACES:
        before, suggestion, elapsed = await editor.suggest(place)
        say(f"\n{BOLD}{place.path}{RESET}  {elapsed:.0f} ms")
        say(f"{before}{DIM}{'' if sys.stdout.isatty() else '⟨'}{suggestion}{'' if sys.stdout.isatty() else '⟩'}{RESET}")
        shown += bool(suggestion)
    translated = await show_translation(editor)
    await editor.stop()
    say(f"\n{shown} of {len(PLACES)} places completed through `dragoman serve --stdio`.")
    return 0 if shown and translated else 1


async def show_translation(editor: Editor) -> bool:
    """Print one translation with its verdict; whether it is verified, or this machine has nothing to verify it with."""
    target = next((name for name in TARGETS if find_tools(language_for(name))), TARGETS[0])
    start = time.perf_counter()
    answer = await editor.translate(TRANSLATED, target)
    elapsed = time.perf_counter() - start
    verdict = answer["verdict"]
    name = answer["units"][0]["name"]
    say(f"\n{BOLD}{name} of {TRANSLATED.path} in {language_for(target).name}{RESET}  {elapsed:.1f} s")
    say(answer["text"].rstrip())
    evidence = f"{verdict['evidence']} {verdict['hint']}".rstrip()
    say(f"{BOLD}{verdict['status']}{RESET} (by the {answer['origin']}): {evidence}")
    return verdict["status"] in ("verified", "unchecked")


def plain(value: Any) -> Any:
    """What pygls makes of JSON, as JSON again."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    sys.exit(asyncio.run(first_run()))
