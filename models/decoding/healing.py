"""How much of a prompt is taken back before writing goes on (token healing).

A cursor cuts text where its writer stopped, not where a token ends: the last tokens before it are not those that the
whole text would have (Lundberg, *The Art of Prompt Design: Prompt Boundaries and Token Healing*, 2023). Taking them
back, and making what comes next begin with the same bytes, lets the model choose the tokens of the whole text.
"""

from models.tokenization.tokenizer import TokenIds, Tokenizer

MOST_TOKENS = 4
"""More tokens than this are not taken back, however long the word is."""


def tokens_to_take_back(tokenizer: Tokenizer, text: TokenIds) -> int:
    """How many of the last tokens of `text`, which ends at the cursor, may be others when the text goes on.

    They are those of the last word, of the last row of signs, or of the last row of blanks and line breaks: tokenizers
    merge nothing across these. At least one, unless there is no text, and at most `MOST_TOKENS`.
    """
    count = 0
    after = b""
    for token in reversed(text[-MOST_TOKENS:].tolist()):
        data = tokenizer.token_bytes(token)
        if not data or (after and _kind(data[-1:]) != _kind(after[:1])):
            break
        count, after = count + 1, data
    return count


def _kind(byte: bytes) -> str:
    """What a byte can be part of: a blank, a word (all beyond ASCII counts as such), or a row of signs."""
    if byte.isspace():
        return "blank"
    return "word" if byte.isalnum() or byte == b"_" or byte >= b"\x80" else "sign"
