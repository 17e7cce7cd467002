"""What is asked of a completion server and what it answers, as JSON. Knows field names; nothing of connections.

`/completions` for prompts in the model's own format, `/chat/completions` for conversations with models whose template
only the server knows. Beyond OpenAI's fields each kind of server has its own, which undo defaults that would change the
text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.catalog.entry import ModelEntry, RemoteSource
from models.decoding.generation import DecodingParameters
from models.prompting.layout import fills_middle
from models.prompting.prompt import ChatPrompt, Prompt
from models.prompting.rendering import break_sentinels, render_prompt

Json = dict[str, Any]

CHARACTERS_PER_TOKEN = 3.0
"""Cautious: code has 3 to 4."""
SHORT = 600
"""Characters of a prompt that no server refuses for its length."""
_TOO_LONG = re.compile(
    r"context (length|window|size)|too (long|many tokens)|exceeds?\b.*\btokens|(prompt|input)\b.*too large", re.I
)
"""What servers say of a prompt for which they have no room. Of other things they also say that they are too large."""
OPTIONAL = {
    *("temperature", "top_p", "top_k", "min_p", "seed", "n", "stop", "logprobs", "stream_options", "suffix"),
    *("repetition_penalty", "repeat_penalty", "skip_special_tokens", "cache_prompt"),
    *("continue_final_message", "add_generation_prompt"),
}
"""Fields that are left out from then on when a server says that it does not take them."""


@dataclass(frozen=True)
class Ask:
    """One request for a continuation."""

    prompt: Prompt | ChatPrompt
    """Ends where the answer is to begin."""
    max_tokens: int
    temperature: float
    seed: int
    candidates: int = 1
    structure: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields that make the server keep to a grammar."""


@dataclass(frozen=True)
class Piece:
    """Some new text of one candidate."""

    index: int
    text: str
    logprobs: tuple[float, ...] = ()
    finish: str | None = None
    """Why the server ended the candidate here."""
    stopped_by: str = ""
    """The stop string that ended it, where the server says so."""


class Requests:
    """Requests for one model on one server."""

    def __init__(self, entry: ModelEntry, source: RemoteSource, prompt_tokens: int) -> None:
        """Completion prompts are cut to about `prompt_tokens`; conversations may take all of the model's context."""
        self._entry = entry
        self._source = source
        self._prompt_tokens = prompt_tokens
        self._unknown: set[str] = set()
        self._characters_per_token = CHARACTERS_PER_TOKEN

    def build(self, ask: Ask, parameters: DecodingParameters) -> tuple[str, Json]:
        """Path and body. Raises `ModelError` when a conversation does not fit the model's context."""
        chat = isinstance(ask.prompt, ChatPrompt) and not self._entry.chat_template
        body = {
            "model": self._source.model,
            **(self._messages(ask.prompt) if chat else self._text(ask)),
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "stream": True,
            "logprobs": True if chat else 1,
            "top_p": parameters.top_p,
            "seed": ask.seed,
            "stream_options": {"include_usage": True},
            **self._neutral(parameters),
            **ask.structure,
        }
        if ask.candidates > 1:
            body["n"] = ask.candidates
        if stops := [*parameters.stop_strings, *self._entry.stop_tokens]:
            body["stop"] = stops
        kept = {name: value for name, value in body.items() if name not in self._unknown}
        return ("/chat/completions" if chat else "/completions"), kept

    def heals(self, prompt: Prompt | ChatPrompt) -> bool:
        """Whether the end of `prompt` may be taken back and written again.

        Not where the middle is to be filled: models learn that with texts that are cut anywhere, inside tokens as well
        (Bavarian et al. 2022, section 4). Not in an answer that was begun: it is not cut by a cursor.
        """
        if isinstance(prompt, ChatPrompt):
            return False
        return not fills_middle(prompt, self._entry) and not (self._source.server_fim and prompt.suffix.strip())

    def simplify(self, body: Json, status: int, said: str) -> bool:
        """After a refusal of `body`: ask for less, going by what the server `said`. `False` if that is no way out."""
        if status == 413 or (status in (200, 400, 422, 500) and _TOO_LONG.search(said)):
            return self._shorten(len(body.get("prompt", "")))
        if status not in (400, 422, 500, 501):
            return False
        named = {name for name in OPTIONAL - self._unknown if re.search(rf"\b{name}\b", said)}
        self._unknown |= named
        return bool(named)

    def _shorten(self, length: int) -> bool:
        """Write shorter prompts from now on than the one of so many characters that was too long. `False`, and as long
        ones as at first, if it was not its length: a conversation, or a prompt that is short."""
        if length <= SHORT:
            self._characters_per_token = CHARACTERS_PER_TOKEN
            return False
        room = min(self._entry.context_length, self._prompt_tokens)
        self._characters_per_token = 0.7 * min(self._characters_per_token, length / room)
        return True

    def _text(self, ask: Ask) -> Json:
        room = max(self._entry.context_length - ask.max_tokens, 64)
        if isinstance(ask.prompt, Prompt):
            room = min(room, self._prompt_tokens)
        budget = int(room * self._characters_per_token)
        if not (self._source.server_fim and isinstance(ask.prompt, Prompt) and ask.prompt.suffix.strip()):
            return {"prompt": render_prompt(ask.prompt, self._entry, budget)}
        suffix = ask.prompt.suffix[: budget // 4]
        bare = replace(self._entry, fim=None)
        prompt = render_prompt(replace(ask.prompt, suffix=""), bare, budget - len(suffix))
        return {"prompt": prompt, "suffix": break_sentinels(suffix, self._entry)}

    def _messages(self, prompt: Prompt | ChatPrompt) -> Json:
        assert isinstance(prompt, ChatPrompt)
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        if not prompt.opening:
            return {"messages": messages}
        return {
            "messages": [*messages, {"role": "assistant", "content": prompt.opening}],
            "continue_final_message": True,
            "add_generation_prompt": False,
        }

    def _neutral(self, parameters: DecodingParameters) -> Json:
        """Sampling as `parameters` say and no other, whatever the server's or the model's defaults are."""
        match self._source.structured_output:
            case "vllm":
                # vLLM takes defaults from the model's generation_config.json, and hides special tokens from `stop`.
                top_k = parameters.top_k or -1
                return {"top_k": top_k, "min_p": 0.0, "repetition_penalty": 1.0, "skip_special_tokens": False}
            case "llama.cpp":
                return {"top_k": parameters.top_k, "min_p": 0.0, "repeat_penalty": 1.0, "cache_prompt": True}
            case "none":
                return {"top_k": parameters.top_k} if parameters.top_k else {}


def pieces(answer: Json) -> Iterator[Piece]:
    """The new text in one object of an answer, streamed or whole, of either kind."""
    for choice in answer.get("choices", ()):
        message = choice.get("delta") or choice.get("message") or {}
        text = choice.get("text") or message.get("content") or ""
        stopped_by = choice.get("stop_reason")
        yield Piece(
            index=int(choice.get("index") or 0),
            text=str(text),
            logprobs=_logprobs(choice.get("logprobs") or {}),
            finish=choice.get("finish_reason"),
            stopped_by=stopped_by if isinstance(stopped_by, str) else "",
        )


def _logprobs(told: Any) -> tuple[float, ...]:
    """Log-probabilities of the chosen tokens: `token_logprobs` of old, or `content` as in conversations."""
    if not isinstance(told, dict):
        return ()
    values = told.get("token_logprobs") or [token.get("logprob") for token in told.get("content") or ()]
    return tuple(float(value) for value in values if value is not None)


class Unrepeated:
    """Takes the opening of an answer out of the answer again, for servers that do not go on from it but begin anew."""

    def __init__(self, opening: str) -> None:
        self._opening = opening.lstrip()
        self._held: dict[int, str] = {}
        self._passed: set[int] = set()

    def take(self, piece: Piece) -> Piece:
        """`piece` without what it repeats; without text while that cannot be told yet."""
        if piece.index in self._passed or not self._opening:
            return piece
        held = self._held.get(piece.index, "") + piece.text
        self._held[piece.index] = held
        begun = held.lstrip()
        if self._opening.startswith(begun) and begun != self._opening and not piece.finish:
            return replace(piece, text="", logprobs=())
        self._passed.add(piece.index)
        for repeated in (self._opening, self._opening.rstrip()):
            if begun.startswith(repeated):
                return replace(piece, text=begun.removeprefix(repeated))
        return replace(piece, text=held)


def after(prompt: Prompt | ChatPrompt, written: str, taken_back: int = 0) -> Prompt | ChatPrompt:
    """`prompt` with `written` after the cursor, less the last `taken_back` characters."""
    before = text_before(prompt, written)
    kept = before[: len(before) - taken_back]
    if isinstance(prompt, ChatPrompt):
        return replace(prompt, opening=kept)
    return replace(prompt, prefix=kept)


def text_before(prompt: Prompt | ChatPrompt, written: str) -> str:
    """All text that the next character will follow."""
    return (prompt.opening if isinstance(prompt, ChatPrompt) else prompt.prefix) + written
