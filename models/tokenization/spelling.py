"""How vocabularies spell bytes in their files.

Two spellings are in use. *Byte-level* BPE (GPT-2; Radford et al. 2019) writes each byte as one printable character.
*SentencePiece* (Kudo and Richardson 2018) writes text as it is, a blank as `▁`, and bytes without a piece as `<0xNN>`.
"""

import re
from collections.abc import Sequence

BLANK = "▁"
BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def _byte_level_alphabet() -> dict[int, int]:
    """Code point to byte. Printable bytes stand for themselves; the others follow from U+0100 on, in order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: byte for byte in printable} | {0x100 + index: byte for index, byte in enumerate(others)}


_ALPHABET = _byte_level_alphabet()


def byte_level(tokens: Sequence[str]) -> list[bytes]:
    """The bytes of byte-level tokens. A character outside the alphabet stands for itself in UTF-8."""
    joined = "".join(tokens).translate(_ALPHABET)
    try:
        raw = joined.encode("latin-1")  # one pass over the whole vocabulary: this is on the way to the first completion
    except UnicodeEncodeError:
        return [_byte_level_token(token) for token in tokens]
    spelled: list[bytes] = []
    start = 0
    for token in tokens:
        end = start + len(token)
        spelled.append(raw[start:end])
        start = end
    return spelled


def _byte_level_token(token: str) -> bytes:
    return b"".join(
        bytes([_ALPHABET[ord(character)]]) if ord(character) in _ALPHABET else character.encode() for character in token
    )


def sentencepiece(tokens: Sequence[str]) -> list[bytes]:
    """The bytes of SentencePiece tokens."""
    return [_piece(token) for token in tokens]


def _piece(token: str) -> bytes:
    byte = BYTE_PIECE.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(BLANK, " ").encode()
