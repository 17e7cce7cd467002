"""What passes between one call of the caller's and the server: requests out, pieces of text in, and what they cost."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from models.backends.openai_errors import RefusedError
from models.backends.openai_http import Json, Server
from models.backends.openai_requests import Ask, Piece, Requests, Unrepeated, after, pieces
from models.backends.openai_turns import Turn, Turns
from models.decoding.cancellation import Cancellation
from models.decoding.constraint import Guide, Interventions
from models.decoding.generation import DecodingParameters, FinishReason
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.stopping import Stops
from models.prompting.prompt import ChatPrompt, Prompt

OTHERWISE = 0.8
"""Temperature at which something else is asked for where the caller wants greedy decoding."""


@dataclass
class Counts:
    """What a call did and met."""

    pieces: int = 0
    first_piece: float | None = None
    """When it came, on the clock of `perf_counter`."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    version: str = ""
    """What the server says of itself."""
    constraints: int = 0
    masked_steps: int = 0
    changed_steps: int = 0
    rolled_back: int = 0
    lifted: int = 0

    def interventions(self) -> Interventions:
        return Interventions(
            constraints=self.constraints,
            masked_steps=self.masked_steps,
            changed_steps=self.changed_steps,
            rolled_back=self.rolled_back,
            lifted=self.lifted,
        )


@dataclass
class Exchange:
    """What all candidates of a call have in common."""

    server: Server
    requests: Requests
    turns: Turns
    compiler: MaskCompiler
    stop_tokens: tuple[str, ...]
    prompt: Prompt | ChatPrompt
    parameters: DecodingParameters
    stops: Stops
    guide: Guide | None
    cancellation: Cancellation
    """With the time budget."""
    counts: Counts = field(default_factory=Counts)

    def answer(self, ask: Ask) -> Generator[Piece]:
        """The pieces that the server answers; asks for less when it is told to."""
        while True:
            path, body = self.requests.build(ask, self.parameters)
            opening = ask.prompt.opening if isinstance(ask.prompt, ChatPrompt) and "messages" in body else ""
            unrepeated = Unrepeated(opening)
            try:
                with closing(self.server.stream(path, body, self.cancellation)) as answer:
                    for item in answer:
                        self._note(item)
                        yield from map(unrepeated.take, pieces(item))
                return
            except RefusedError as error:
                if not self.requests.simplify(body, error.status, error.said):
                    raise

    def end_of(self, text: str) -> tuple[int, FinishReason] | None:
        """Where `text` ends by a rule or a special token, and why."""
        special = [text.find(token) for token in self.stop_tokens if token in text]
        visible = text[: min(special)] if special else text
        return self.stops.check(visible) or ((len(visible), "end_of_text") if special else None)

    def ask(self, turn: Turn, written: str, tokens: int, attempt: int, candidates: int = 1) -> Ask:
        """The request of a turn, after `written`, which is so many tokens long."""
        parameters = self.parameters
        other = attempt > 0 or turn.retry > 0
        return Ask(
            prompt=after(self.prompt, written, len(turn.back)),
            max_tokens=max(parameters.max_tokens - tokens, 1) + len(turn.back),
            temperature=parameters.temperature or (OTHERWISE if other else 0.0),
            seed=parameters.seed + attempt + 1000 * turn.retry,
            candidates=candidates,
            structure=turn.structure,
        )

    def _note(self, item: Json) -> None:
        """Keep what an answer says besides text."""
        counts = self.counts
        counts.version = str(item.get("system_fingerprint") or counts.version)
        usage: Any = item.get("usage")
        if isinstance(usage, dict) and not counts.prompt_tokens:
            counts.prompt_tokens = int(usage.get("prompt_tokens") or 0)
            counts.reused_tokens = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)
        if item.get("choices"):
            counts.pieces += 1
            counts.first_piece = counts.first_piece or perf_counter()
