"""Prompts as one string, for servers that tokenise on their side.

Such a server reads sentinels wherever they stand, so those in the user's own text are broken by a blank. It adds the
beginning-of-text token by itself.
"""

import re

from models.catalog.entry import ModelEntry, split_sentinels
from models.errors import ModelError
from models.prompting.chat import arrange_chat, special_tokens
from models.prompting.layout import Piece, arrange, fills_middle
from models.prompting.prompt import ChatPrompt, Prompt
from models.prompting.trimming import Shares, Unit, trim

CHARACTERS = Unit(len, characters=1.0, overhead=20)


def render_prompt(
    prompt: Prompt | ChatPrompt, entry: ModelEntry, budget_chars: int, shares: Shares | None = None
) -> str:
    """`prompt` in the model's own format, with at most about `budget_chars` code points of the user's text.

    A `ChatPrompt` is not trimmed: raises `ModelError` when it is too long or the model was not taught to converse.
    """
    if isinstance(prompt, ChatPrompt):
        text = _join(arrange_chat(prompt, entry), entry)
        if len(text) > budget_chars:
            raise ModelError(
                f"The request takes {len(text)} characters, and {entry.name} has room for {budget_chars}.",
                "Ask for a smaller piece of code, or choose a model with a longer context.",
            )
        return text
    with_suffix = fills_middle(prompt, entry)
    fitted = trim(prompt, budget_chars, CHARACTERS, with_suffix=with_suffix, shares=shares or Shares())
    return _join(arrange(fitted, entry), entry)


def _join(pieces: list[Piece], entry: ModelEntry) -> str:
    return "".join(piece.content if piece.special else break_sentinels(piece.content, entry) for piece in pieces)


def break_sentinels(text: str, entry: ModelEntry) -> str:
    """`text` with a blank inside every sentinel of the model, so that none of them is read as one."""
    rows = [entry.fim.prefix, entry.fim.suffix, entry.fim.middle] if entry.fim else []
    rows += [*entry.stop_tokens, entry.repository_separator, entry.file_separator, entry.begin]
    sentinels = {sentinel for row in rows for sentinel in split_sentinels(row)} | special_tokens(entry.chat_template)
    special = [re.escape(sentinel) for sentinel in sentinels if len(sentinel) > 2 and sentinel[0] in "<[▁"]
    if not special:
        return text
    return re.sub("|".join(special), lambda found: f"{found[0][:1]} {found[0][1:]}", text)
