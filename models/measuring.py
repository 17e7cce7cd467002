"""How fast a model is on this machine, in the figures that a completion is made of."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

from models.backends.model import LanguageModel
from models.backends.session import TokenIds, prefill
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import ModelError


@dataclass(frozen=True)
class Speed:
    """Medians over the rounds."""

    prompt_tokens: int
    prefill_tokens_per_s: float
    """Reading a prompt that no session holds."""
    decode_ms_per_token: float
    """Writing, one token to a forward pass, after the prompt."""
    keystroke_ms: float
    """Reading one more token at the end of a prompt that a session holds."""


def measure_speed(
    model: LanguageModel,
    text: str,
    *,
    prompt_tokens: int = 512,
    new_tokens: int = 32,
    rounds: int = 3,
    cancellation: Cancellation = NEVER,
) -> Speed:
    """Time `model` on the first `prompt_tokens` tokens of `text`, `rounds` times after one to warm up.

    Raises `ModelError` when text or context are too short for that, and `Cancelled`.
    """
    tokens = model.tokenizer.encode(text)[:prompt_tokens]
    if len(tokens) < prompt_tokens or model.context_length < prompt_tokens + new_tokens:
        raise ModelError(
            f"{prompt_tokens} + {new_tokens} tokens are too many to measure {model.entry.name} with.",
            f"Its context holds {model.context_length}; ask for fewer.",
        )
    runs = [_round(model, tokens, new_tokens, cancellation) for _ in range(rounds + 1)][1:]
    reading, writing, keystroke = (median(times) for times in zip(*runs, strict=True))
    return Speed(prompt_tokens, prompt_tokens / reading, writing / new_tokens * 1000, keystroke * 1000)


def _round(
    model: LanguageModel, tokens: TokenIds, new_tokens: int, cancellation: Cancellation
) -> tuple[float, float, float]:
    """Seconds to read the prompt, to write greedily, and to read one more token."""
    session = model.new_session()
    start = perf_counter()
    logits, _ = prefill(session, tokens, cancellation)
    read = perf_counter()
    for _ in range(new_tokens):
        cancellation.raise_if_cancelled()
        logits = session.extend([int(np.argmax(logits[-1]))])
    written = perf_counter()
    session.truncate(len(tokens) - 1)
    session.extend(tokens[-1:])
    return read - start, written - read, perf_counter() - written
