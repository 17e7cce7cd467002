"""The public shape of generation: a prompt and parameters in, candidates out, whatever computes them.

A local model (tokens, logits, sessions) and a remote endpoint (text in, text out) are both a `Generator`; nothing above
this room needs to know which of the two it talks to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from models.decoding.cancellation import NEVER, Cancellation
from models.decoding.constraint import Guide, Interventions
from models.prompting.prompt import ChatPrompt, Prompt

FinishReason = Literal["stop", "length", "time", "end_of_text", "repetition"]
"""Why a candidate ended: a stop rule, the token budget, the time budget, the model's own end token, a loop."""


@dataclass(frozen=True)
class DecodingParameters:
    """How to choose tokens and when to give up. The defaults are greedy decoding of one line."""

    max_tokens: int = 64
    """Budget of new tokens per candidate."""
    max_time_ms: float | None = None
    """Budget of milliseconds for all candidates, from the call on, prefill included; `None` is no limit."""
    temperature: float = 0.0
    """0 is greedy; otherwise logits are divided by it before sampling."""
    top_p: float = 1.0
    """Nucleus sampling: the smallest set of tokens with at least this probability."""
    top_k: int = 0
    """Sample among this many most probable tokens; 0 is no limit."""
    seed: int = 0
    """The same seed, prompt and model give the same candidates."""
    candidates: int = 1
    """How many different candidates to return at most, best first."""
    heal: bool = True
    """Token healing: take back tokens at the cursor and choose again, so that a half-typed word is continued."""
    stop_strings: tuple[str, ...] = ()
    """End before any of these, looked for in the generated text alone."""
    single_line: bool = False
    """End before the first newline that follows something visible."""
    hurried: bool = False
    """Somebody waits: of a completion's prompt that was never read, a back end may read only what is near the
    cursor."""


StopRule = Callable[[str], int | None]
"""Given all generated text, where it ends (an offset in code points, possibly 0) or `None` to go on."""

OnText = Callable[[str], None]
"""Called with whole new text of the candidate that is written first, while it is generated (streaming)."""


@dataclass(frozen=True)
class Candidate:
    """One continuation at the cursor."""

    text: str
    token_ids: tuple[int, ...]
    """Generated tokens, without those that healing took back; empty where a remote server does not tell."""
    logprobs: tuple[float, ...]
    """Natural-log probability of each generated token under the model's own distribution, before masks and temperature.
    Of the token that healing lets begin before the cursor: among those that agree with what is typed."""
    finish_reason: FinishReason

    @property
    def confidence(self) -> float | None:
        """Mean token probability (geometric), 0 to 1; `None` when the back end gave no log-probabilities."""
        return _geometric_mean(self.logprobs)

    @property
    def min_confidence(self) -> float | None:
        """Probability of the least probable token, 0 to 1."""
        return _probability(min(self.logprobs)) if self.logprobs else None


@dataclass(frozen=True)
class Timings:
    """Milliseconds by stage; their sum is the time inside the generator."""

    prompt: float = 0.0
    """Building and tokenising the prompt."""
    prefill: float = 0.0
    """Forward passes over prompt tokens that no session held."""
    decode: float = 0.0
    """Everything from the first choice on."""


@dataclass(frozen=True)
class Generation:
    """All that came of one call."""

    candidates: tuple[Candidate, ...]
    prompt_tokens: int = 0
    reused_tokens: int = 0
    """Prompt tokens that a session already held."""
    forward_passes: int = 0
    """Decoding passes; fewer than tokens where drafts or forced tokens were accepted."""
    timings_ms: Timings = field(default_factory=Timings)
    interventions: Interventions = field(default_factory=Interventions)
    guessed_tokens: int = 0
    """Tokens that were guessed from the prompt, to be confirmed several at once."""
    right_guesses: int = 0
    """How many of those were confirmed."""


class Generator(Protocol):
    """Anything that continues a prompt."""

    @property
    def name(self) -> str:
        """The catalog name of the model behind it."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the weights, or what a remote server says of itself."""
        ...

    def generate(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation = NEVER,
        on_text: OnText | None = None,
    ) -> Generation:
        """Continue `prompt`. Blocking; called on one decoder thread. Raises `Cancelled` and `ModelError`."""
        ...

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        """Read `prompt` into a session ahead of a request, so that `generate` on an extension of it is cheap."""
        ...

    def close(self) -> None:
        """Free weights and connections. The generator cannot be used afterwards."""
        ...


def _probability(logprob: float) -> float:
    from math import exp

    return exp(logprob)


def _geometric_mean(logprobs: tuple[float, ...]) -> float | None:
    return _probability(sum(logprobs) / len(logprobs)) if logprobs else None
