"""Closing brackets and quotes that a text brings and that stand after the cursor already."""

from collections import Counter

from lsp_server.completion.around_cursor import AroundCursor
from lsp_server.languages.lexical import OPENER

CLOSING = frozenset(")]}>;,:'\"`")


def balanced(text: str, cursor: AroundCursor) -> str:
    """Cut before the first bracket that closes something other than what is open there."""
    if not cursor.brackets_are_known:
        return text
    found = cursor.scan(text)
    opened_here = [bracket.offset for bracket in found.unclosed] + [opening for opening, _ in found.pairs]
    closed_here = dict(found.pairs)
    still_open = list(cursor.open_brackets)
    for bracket in found.unopened:
        opener = OPENER[bracket.character]
        if any(opening < bracket.offset < closed_here.get(opening, len(text)) for opening in opened_here):
            return text[: bracket.offset]
        if still_open and still_open[-1] == opener:
            still_open.pop()
        elif still_open or bracket.character != "}":  # the opening brace may lie above the window
            return text[: bracket.offset]
    return text


def without_overlap(text: str, cursor: AroundCursor) -> str:
    """Trim the end of the text where it repeats the beginning of what follows on the cursor's line.

    A repeated bracket is trimmed only where it would be one too many, and a quote only where both ends mean the same.
    """
    rest = cursor.rest
    found = cursor.scan(text)
    surplus = cursor.surplus(found)
    for end in sorted({len(text), len(text.rstrip())}, reverse=True):
        for length in range(min(end, len(rest)), 0, -1):
            cut = end - length
            if not text.endswith(rest[:length], 0, end) or _splits_word(text, cut) or _splits_word(rest, length):
                continue
            if any(opening < cut <= closing for opening, closing in found.pairs):
                continue
            closed = Counter(OPENER[bracket.character] for bracket in found.unopened if bracket.offset >= cut)
            if not closed - surplus and cursor.is_still_within(text[:cut]):
                return text[:cut]
    return text


def replaced(text: str, cursor: AroundCursor) -> int:
    """How many of the closing characters right after the cursor the text brings itself, so that it must replace them.

    Only where nothing but closing characters follows, as editors insert them by themselves.
    """
    rest = cursor.rest
    if not rest or not CLOSING.issuperset(rest.rstrip()):
        return 0
    surplus = cursor.surplus(cursor.scan(text))
    count = cursor.closes_string(text)
    while count < len(rest) and surplus[OPENER.get(rest[count], "")] > 0:
        surplus[OPENER[rest[count]]] -= 1
        count += 1
    if count and rest[count : count + 1] in (";", ",") and text.rstrip().endswith(rest[count]):
        count += 1
    return count


def _splits_word(text: str, offset: int) -> bool:
    """Whether this offset lies inside a word."""
    return 0 < offset < len(text) and _in_word(text[offset - 1]) and _in_word(text[offset])


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
