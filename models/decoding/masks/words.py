"""Which bytes may follow a name so that it ends there, also when they stop inside a code point."""

import re
from functools import lru_cache

CONTINUATION = range(0x80, 0xC0)
"""Bytes that are never the first of a code point in UTF-8."""

_SECOND_BYTES = {0xE0: range(0xA0, 0xC0), 0xED: range(0x80, 0xA0), 0xF0: range(0x90, 0xC0), 0xF4: range(0x80, 0x90)}
"""Leads after which not every continuation byte may follow (Unicode, table 3-7)."""

_WORD = re.compile(r"[^\W\d]\w*")
_ASCII_ENDINGS = [byte for byte in range(0x80) if not f"a{chr(byte)}".isidentifier()]


def words_of(text: str) -> frozenset[str]:
    """The words of a text that may be names."""
    return frozenset(_WORD.findall(text))


def continues_word(character: str) -> bool:
    """Whether a character can stand inside a word: XID_Continue of Unicode, which nearly all languages follow."""
    return f"a{character}".isidentifier()


def may_end_word(rest: bytes) -> bool:
    """Whether `rest` (not empty), standing after a name, can be the start of something that does not continue it.

    A code point that is not whole counts as what it can still become.
    """
    lead = rest[0]
    if lead < 0x80:
        return lead in _ENDINGS
    whole = _length(lead)
    return whole > 0 and _may_be_no_word(rest[:whole])


def ends_word(rest: bytes) -> bool:
    """Whether `rest` surely ends the name before it: it starts with a whole code point that cannot continue a word."""
    return bool(rest) and len(rest) >= _length(rest[0]) > 0 and may_end_word(rest)


def ascii_ranges() -> list[tuple[bytes, bytes]]:
    """The ASCII characters that end a word, as ranges of one byte, both ends included."""
    ranges: list[tuple[bytes, bytes]] = []
    for byte in _ASCII_ENDINGS:
        if ranges and ranges[-1][1][0] == byte - 1:
            ranges[-1] = ranges[-1][0], bytes([byte])
        else:
            ranges.append((bytes([byte]), bytes([byte])))
    return ranges


_ENDINGS = frozenset(_ASCII_ENDINGS)


def _length(lead: int) -> int:
    """How many bytes the code point has that starts with `lead`; 0 if none does."""
    return (
        1 if lead < 0x80 else 0 if lead < 0xC2 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4 if lead < 0xF5 else 0
    )


@lru_cache(maxsize=4096)
def _may_be_no_word(start: bytes) -> bool:
    """Whether some code point beyond ASCII that starts with `start` cannot continue a word."""
    if len(start) > 1 and start[1] not in _SECOND_BYTES.get(start[0], CONTINUATION):
        return False
    if len(start) < _length(start[0]):
        return any(_may_be_no_word(start + bytes([byte])) for byte in CONTINUATION)
    try:
        return not continues_word(start.decode())
    except UnicodeDecodeError:
        return False
