"""How long an editor waits while somebody types, by how much code stands before the cursor.

    python -m scripts.bench_editor [--tokens 500 2000 6000] [--keys 40] [--monitors]

The real server on stdio. A module of the standard library is opened up to so many tokens; then what really follows is
typed, a character at a time, and after each one a suggestion is asked for, without debounce. Twice: once for a single
token, which is what a keystroke costs before anything is written, and once as set up by default. Left out of the
medians, and counted, are the answers that took no forward pass: the server knew them already because the typing went
along with a suggestion, or had nothing to suggest.
"""

import argparse
import subprocess
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from scripts.bench_start import SERVER, Client, end_of

KNOWN_MS = 5.0
"""An answer within this time was not computed: one forward pass takes longer."""


@dataclass(frozen=True)
class Typing:
    """What typing after so much code was like."""

    first_ms: float
    """The first answer, when nothing of the file had been read."""
    waits_ms: list[float]
    """One a character."""


def type_along(text: str, following: str, settings: dict[str, object], *, monitors: bool) -> Typing:
    """Open `text`, then type `following`; `settings` are those of completion."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        file = Path(folder).resolve() / "sample.py"
        client = Client(process)
        completion = {"maxDebounceMs": 0, **settings}
        client.open(file, text, {"monitors": {"enabled": monitors}, "completion": completion})
        first = _ask(client, file, text)
        _ask(client, file, text)  # a hurried first answer is followed by reading the rest
        waits: list[float] = []
        for version, character in enumerate(following, start=2):
            where = end_of(text)
            client.tell(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": file.as_uri(), "version": version},
                    "contentChanges": [{"range": {"start": where, "end": where}, "text": character}],
                },
            )
            text += character
            waits.append(_ask(client, file, text))
        client.leave()
    return Typing(first, waits)


def _ask(client: Client, file: Path, text: str) -> float:
    """Milliseconds until the completion at the end of `text` is there."""
    start = time.perf_counter()
    client.suggest(file, text)
    return (time.perf_counter() - start) * 1e3


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
    print("| tokens before | first, ms | a token, ms | a suggestion, ms | p90 | no pass |")  # noqa: T201
    print("| ---: |" + " ---: |" * 5)  # noqa: T201
    for tokens in arguments.tokens:
        sample = _sample(tokens, arguments.keys)
        one = type_along(*sample, {"maxLineTokens": 1, "maxBlockTokens": 1, "prefetch": False}, monitors=False)
        typing = type_along(*sample, {}, monitors=arguments.monitors)
        token, computed = (_computed(waits) for waits in (one.waits_ms, typing.waits_ms))
        row = [f"{typing.first_ms:.0f}", f"{median(token):.1f}", f"{median(computed):.0f}"]
        row += [f"{quantiles(computed, n=10)[-1]:.0f}", str(len(typing.waits_ms) - len(computed))]
        print(f"| {tokens} | {' | '.join(row)} |", flush=True)  # noqa: T201


def _computed(waits_ms: list[float]) -> list[float]:
    return [wait for wait in waits_ms if wait > KNOWN_MS]


if __name__ == "__main__":
    main()
