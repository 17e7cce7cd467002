"""How long an editor waits while somebody types, by how much code stands before the cursor.

    python -m scripts.bench_editor [--tokens 500 2000 6000] [--keys 40] [--monitors]

The real server on stdio. A module of the standard library is opened up to so many tokens; then what really follows is
typed, a character at a time, and after each one a completion is asked for by hand (which no debounce delays). Told
apart: answers that the server knew already because the user typed along with a suggestion, and those it computed.
"""

import argparse
import os
import subprocess
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from scripts.bench_start import SERVER, Client

KNOWN_MS = 5.0
"""An answer within this time was not computed: one forward pass takes longer."""


@dataclass(frozen=True)
class Typing:
    """What typing after so much code was like."""

    first_ms: float
    """The first answer, when nothing of the file had been read."""
    waits_ms: list[float]
    """One a character."""


def type_along(text: str, following: str, *, monitors: bool) -> Typing:
    """Open `text`, then type `following`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        file = Path(folder).resolve() / "sample.py"
        client = Client(process)
        options = {"dragoman": {"monitors": {"enabled": monitors}}}
        client.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "workspaceFolders": [{"uri": file.parent.as_uri(), "name": "bench"}],
                "capabilities": {"textDocument": {"inlineCompletion": {}}},
                "initializationOptions": options,
            },
        )
        client.tell("initialized", {})
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
        client.tell("textDocument/didOpen", {"textDocument": document})
        first = _ask(client, file, text)
        _ask(client, file, text)  # a hurried first answer is followed by reading the rest
        waits: list[float] = []
        for version, character in enumerate(following, start=2):
            where = _position(text)
            client.tell(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": file.as_uri(), "version": version},
                    "contentChanges": [{"range": {"start": where, "end": where}, "text": character}],
                },
            )
            text += character
            waits.append(_ask(client, file, text))
        client.ask("shutdown", None)
        client.tell("exit", None)
    return Typing(first, waits)


def _ask(client: Client, file: Path, text: str) -> float:
    """Milliseconds until the completion at the end of `text` is there."""
    start = time.perf_counter()
    request = {"textDocument": {"uri": file.as_uri()}, "position": _position(text), "context": {"triggerKind": 1}}
    client.ask("textDocument/inlineCompletion", request)
    return (time.perf_counter() - start) * 1e3


def _position(text: str) -> dict[str, int]:
    return {"line": text.count("\n"), "character": len(text) - text.rfind("\n") - 1}


def _sample(tokens: int, keys: int) -> tuple[str, str]:
    """Real code of so many tokens of the default model, and the characters that follow."""
    from models.loading import load_model

    library = Path(sysconfig.get_paths()["stdlib"])
    text = "\n".join((library / name).read_text(encoding="utf-8") for name in ("textwrap.py", "argparse.py"))
    model = load_model("smollm2-135m", device="cpu")
    before = model.tokenizer.decode(model.tokenizer.encode(text)[:tokens])
    model.close()
    return before, text[len(before) : len(before) + keys]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tokens", type=int, nargs="+", default=[500, 2000, 6000])
    parser.add_argument("--keys", type=int, default=40, help="characters to type")
    parser.add_argument("--monitors", action="store_true", help="with analysis")
    arguments = parser.parse_args()
    print("| tokens before | first, ms | key, computed: median | p90 | known already |\n| ---: |" + " ---: |" * 4)  # noqa: T201
    for tokens in arguments.tokens:
        typing = type_along(*_sample(tokens, arguments.keys), monitors=arguments.monitors)
        computed = [wait for wait in typing.waits_ms if wait > KNOWN_MS]
        p90 = quantiles(computed, n=10)[-1]
        known = len(typing.waits_ms) - len(computed)
        print(f"| {tokens} | {typing.first_ms:.0f} | {median(computed):.0f} | {p90:.0f} | {known} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
