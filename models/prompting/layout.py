"""A prompt in the order in which a model was trained to read it: its sentinels, and the text between them.

The same pieces become tokens for a local model (`encoding`) and one string for a remote server (`rendering`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.catalog.entry import ModelEntry
from models.prompting.prompt import Prompt


@dataclass(frozen=True)
class Piece:
    """Either a text, to be read as it stands, or a row of special tokens, spelled out."""

    content: str
    special: bool = False
    is_prefix: bool = False
    """The document's text before the cursor: what is generated continues it, wherever it stands."""


def fills_middle(prompt: Prompt, entry: ModelEntry) -> bool:
    """Whether the text after the cursor is shown: the model was taught to read it, and it holds something visible."""
    return entry.fim is not None and (bool(prompt.suffix.strip()) or entry.architecture == "encoder-decoder")


def arrange(prompt: Prompt, entry: ModelEntry) -> list[Piece]:
    """The pieces of a completion prompt, without the model's `begin` tokens. Cuts nothing (see `trimming`)."""
    separator = entry.file_separator
    pieces: list[Piece] = []
    if entry.repository_separator and prompt.repository:
        pieces += [Piece(entry.repository_separator, special=True), Piece(f"{prompt.repository}\n")]
    for snippet in prompt.snippets:
        ended = snippet.text if snippet.text.endswith("\n") else f"{snippet.text}\n"
        if separator:
            pieces += [Piece(separator, special=True), Piece(f"{snippet.path}\n{ended}")]
        else:
            pieces.append(Piece(f"{ended}\n"))

    header = [Piece(f"{prompt.path}\n")] if separator and prompt.path else []
    prefix = Piece(prompt.prefix, is_prefix=True)
    if separator and (header or pieces):
        pieces.append(Piece(separator, special=True))
    if not fills_middle(prompt, entry) or entry.fim is None:
        return _visible([*pieces, *header, prefix])

    fim = entry.fim
    before, inside = ([], header) if fim.path_inside else (header, [])
    opening, hole, closing = (Piece(sentinel, special=True) for sentinel in (fim.prefix, fim.suffix, fim.middle))
    suffix = Piece(prompt.suffix)
    if fim.order == "psm":
        body = [opening, *inside, prefix, hole, suffix, closing]
    elif fim.middle:
        body = [opening, hole, suffix, closing, *inside, prefix]
    else:
        body = [hole, suffix, opening, *inside, prefix]
    return _visible([*pieces, *before, *body])


def _visible(pieces: Sequence[Piece]) -> list[Piece]:
    """Without empty pieces; the prefix stays even if empty, because its place is asked for."""
    return [piece for piece in pieces if piece.content or piece.is_prefix]
