"""Generation by a model in this process: a prompt becomes tokens, a session is found, the decoder writes."""

import threading
from dataclasses import replace
from functools import cached_property
from time import perf_counter

import numpy as np

from models.ahead import Ahead
from models.backends.model import LanguageModel
from models.backends.pool import SessionPool
from models.backends.session import prefill, read
from models.decoding.alternatives import decode
from models.decoding.cancellation import NEVER, Cancellation, Deadline, OutOfTime
from models.decoding.constraint import Guide
from models.decoding.decoder import Request
from models.decoding.drafts import Drafter, DraftPolicy, PromptLookup
from models.decoding.generation import DecodingParameters, Generation, OnText, StopRule, Timings
from models.decoding.healing import MOST_TOKENS, tokens_to_take_back
from models.decoding.lookahead import Lookahead
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.outlook import TextsAtHand
from models.decoding.stopping import Stops
from models.prompting.encoding import EncodedPrompt, PromptEncoder
from models.prompting.prompt import ChatPrompt, Prompt

PROMPT_TOKENS = 2048
"""Completion prompts are cut to this: reading a longer one takes a CPU seconds."""
HURRIED_TOKENS = 512
"""Of a prompt that was never read, so much is read before a hurried answer; the rest is left to `warm`."""


class LocalGenerator:
    """A `Generator` over a `LanguageModel`, which it takes over. One generation at a time; others wait."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        sessions: int = 2,
        prompt_tokens: int = PROMPT_TOKENS,
        drafts: bool = True,
        reproducible: bool = False,
    ) -> None:
        """`sessions` bounds memory, `prompt_tokens` the length of completion prompts; conversations may take all of the
        context. `drafts` are guesses from the prompt that save forward passes and change nothing else.

        `reproducible` makes an answer independent of what was asked before, to the last digit: every prompt is read
        anew and nothing is guessed, because passes of other lengths round otherwise.
        """
        self._model = model
        self._pool = SessionPool(model, sessions)
        self._prompt_tokens = prompt_tokens
        self._encoder = PromptEncoder(model.entry, model.tokenizer)
        model.tokenizer.token_bytes(0)  # one whose tokens cannot be told as bytes is refused now
        self._compiler: Ahead[MaskCompiler] | None = None
        self._policy = DraftPolicy() if drafts and not reproducible else None
        self._reproducible = reproducible
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.entry.name

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

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
        """See `Generator.generate`. Without candidates if the time budget was spent on the prompt."""
        started = perf_counter()
        deadline = Deadline(cancellation, parameters.max_time_ms)
        with self._lock:
            cancellation.raise_if_cancelled()
            encoded = self._encode(prompt, parameters.max_tokens)
            if parameters.hurried and self._is_long_to_read(prompt, encoded):
                encoded = self._encode(prompt, parameters.max_tokens, HURRIED_TOKENS)
            tokens = encoded.tokens
            back = self._take_back(encoded) if parameters.heal else 0
            encoded_at = perf_counter()

            compiler = self._compiler = self._compiler or Ahead(self._make_compiler)  # meanwhile the model reads
            session = self._pool.acquire(tokens)
            if self._reproducible:
                session.truncate(0)
            try:
                reused = read(session, tokens, deadline, last=back + 1)
            except OutOfTime:
                timings = Timings(_ms(started, encoded_at), _ms(encoded_at, perf_counter()))
                return Generation((), len(tokens), timings_ms=timings)
            read_at = perf_counter()

            origin = len(tokens) - back
            lookahead = Lookahead(session, tokens[:origin], deadline)
            tokenizer = self._model.tokenizer
            healed: list[int] = tokens[origin:].tolist()
            taken_back = b"".join(map(tokenizer.token_bytes, healed))
            lookup = PromptLookup([tokens[:origin]], room=parameters.max_tokens + len(taken_back) + 1)
            drafter = Drafter(lookup, self._policy, tokenizer, healed)
            request = Request(
                tokenizer=tokenizer,
                parameters=parameters,
                stops=Stops(parameters, stop),
                lookahead=lookahead,
                taken_back=taken_back,
                compiler=compiler.result(),
                drafter=drafter,
                guide=guide,
                familiar=TextsAtHand(_texts(prompt)),
            )
            candidates = decode(request, on_text)
            read_at += lookahead.reading_ms / 1000
            return Generation(
                candidates,
                prompt_tokens=len(tokens),
                reused_tokens=reused,
                forward_passes=lookahead.passes,
                timings_ms=Timings(_ms(started, encoded_at), _ms(encoded_at, read_at), _ms(read_at, perf_counter())),
                interventions=request.interventions(),
                guessed_tokens=drafter.guessed,
                right_guesses=drafter.right,
            )

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        """See `Generator.warm`."""
        with self._lock:
            tokens = self._encode(prompt, DecodingParameters().max_tokens).tokens
            prefill(self._pool.acquire(tokens), tokens, cancellation)

    def close(self) -> None:
        with self._lock:
            self._pool.clear()
            self._model.close()

    def _is_long_to_read(self, prompt: Prompt | ChatPrompt, encoded: EncodedPrompt) -> bool:
        if self._reproducible or not isinstance(prompt, Prompt) or self._model.device != "cpu":
            return False
        return len(encoded.tokens) - self._pool.held(encoded.tokens) > HURRIED_TOKENS

    def _encode(self, prompt: Prompt | ChatPrompt, new_tokens: int, most: int | None = None) -> EncodedPrompt:
        room = self._model.context_length - new_tokens
        if isinstance(prompt, Prompt):
            room = min(room, self._prompt_tokens if most is None else most)
        encoded = self._encoder.encode(prompt, room)
        if len(encoded.tokens) > MOST_TOKENS:
            return encoded
        # nothing is predicted from nothing: a text that begins follows the end of another, as in training
        start = np.array([self._start_token], dtype=np.int64)
        return replace(
            encoded,
            tokens=np.concatenate((start, encoded.tokens)),
            prefix_start=encoded.prefix_start + 1,
            prefix_end=encoded.prefix_end + 1,
        )

    def _make_compiler(self) -> MaskCompiler:
        return MaskCompiler(self._model.tokenizer.vocabulary)

    @cached_property
    def _start_token(self) -> int:
        """The token between two texts."""
        tokenizer = self._model.tokenizer
        return tokenizer.token_id("<|endoftext|>") or min(tokenizer.control_ids, default=0)

    def _take_back(self, encoded: EncodedPrompt) -> int:
        """How many tokens healing takes back.

        None where the text to go on from is not at the end of the prompt, or the middle is to be filled: models learn
        that with texts that are cut anywhere, inside tokens as well (Bavarian et al. 2022, section 4).
        """
        tokens = encoded.tokens
        if encoded.fills_middle or encoded.prefix_end != len(tokens):
            return 0
        text = tokens[encoded.prefix_start : encoded.prefix_end]
        return min(tokens_to_take_back(self._model.tokenizer, text), len(tokens) - 1)


def _ms(start: float, end: float) -> float:
    return (end - start) * 1000


def _texts(prompt: Prompt | ChatPrompt) -> list[str]:
    """All that is said in a prompt, whether or not the model gets to read it."""
    if isinstance(prompt, ChatPrompt):
        return [message.content for message in prompt.messages]
    return [prompt.prefix, prompt.suffix, *(snippet.text for snippet in prompt.snippets)]
