"""A generator that needs no model, and a server around it: run as a script, it is a language server on stdin and
stdout.

It writes what the last line of the prefix asks for, so that every answer tells which state of the document it was made
from.
"""

import sys
import time
from collections.abc import Callable

from lsp_server.engine.engine import Progress
from lsp_server.settings import ModelSettings
from models import (
    NEVER,
    Cancellation,
    Candidate,
    ChatPrompt,
    DecodingParameters,
    Generation,
    Generator,
    Guide,
    ModelError,
    Prompt,
    StopRule,
)

STEP_S = 0.002
"""Time between two looks at the cancellation."""


class ScriptedGenerator:
    """Continues `... echo WORD` with `(WORD)`, `slow N` after N milliseconds, and fails where the line says `fail`.

    A guide that allows names only is obeyed with the first of them.
    """

    name = "scripted"
    fingerprint = "scripted"

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self.warmed: list[Prompt] = []
        self.cancelled = 0
        self.closed = False

    def generate(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation = NEVER,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        assert isinstance(prompt, Prompt)
        self.prompts.append(prompt)
        words = prompt.prefix.rpartition("\n")[2].split()
        if "fail" in words:
            raise ModelError("The script says so.", "Take the word out.")
        if "crash" in words:
            raise RuntimeError("the script says so")
        if "slow" in words:
            self._wait(int(words[words.index("slow") + 1]), cancellation)
        last = words[-1] if words else "nothing"
        texts = [f"({last}{'' if i == 0 else i})" for i in range(parameters.candidates)]
        if guide is not None:
            texts = [_guided(guide, text) for text in texts]
        return Generation(tuple(Candidate(text, (1, 2, 3), (-0.1, -0.1, -0.1), "stop") for text in texts))

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        self.warmed.append(prompt)

    def close(self) -> None:
        self.closed = True

    def _wait(self, milliseconds: int, cancellation: Cancellation) -> None:
        until = time.monotonic() + milliseconds / 1000
        while time.monotonic() < until:
            if cancellation.cancelled:
                self.cancelled += 1
            cancellation.raise_if_cancelled()
            time.sleep(STEP_S)


def _guided(guide: Guide, text: str) -> str:
    """The text, or the first name that is allowed in its place."""
    for _ in range(2):
        named = [constraint.names for constraint in guide.poll("") if constraint.binding and constraint.names]
        if named:
            return min(named[0])
        if not guide.wait():
            break
    return text


def load(settings: ModelSettings, progress: Progress, cancellation: Cancellation) -> Generator:
    """A scripted model for any name; `missing` cannot be loaded, `slow` takes a while."""
    if settings.name == "missing":
        raise ModelError("There is no model called missing.", "Choose another.")
    if settings.name == "slow":
        for step in range(10):
            time.sleep(0.1)
            cancellation.raise_if_cancelled()
            progress(step / 10, "fetching")
    return ScriptedGenerator()


if __name__ == "__main__":
    from lsp_server.logs import log_to_stderr
    from lsp_server.server import create_server
    from lsp_server.server.transport import serve_stdio

    log_to_stderr()
    sys.exit(serve_stdio(lambda: create_server(load)))
