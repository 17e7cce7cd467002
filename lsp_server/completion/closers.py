"""Closing brackets and quotes that a text brings and that stand after the cursor already: each may close but once."""

from collections import Counter

from lsp_server.completion.around_cursor import AroundCursor, closed_by
from lsp_server.languages.lexical import OPENER

CLOSING = frozenset(")]}>;,:'\"`")
_AFTER_CLOSERS = (";", ",", ":")


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
        elif still_open or bracket.character != "}" or not cursor.brace_may_be_above:
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


def closed_once(text: str, cursor: AroundCursor) -> str:
    """Cut before the first bracket or quote that the rest closes too, where the text does not replace the rest's."""
    if not cursor.brackets_are_known:
        return text
    found = cursor.scan(text)
    taken = replaced(text, cursor)
    end = cursor.string_closed_twice(text, found, taken)
    text = text if end is None else text[:end]
    if not found.unopened:
        return text
    twice = cursor.closed_twice(found, taken)
    once = closed_by(found) - twice
    for bracket in found.unopened:
        kind = OPENER[bracket.character]
        if twice[kind] and not once[kind]:
            return text[: bracket.offset]
        once[kind] -= 1
    return text


def replaced(text: str, cursor: AroundCursor) -> int:
    """How many of the characters right after the cursor the text brings itself, so that it must replace them.

    Only where nothing but closing characters follows, as editors insert them by themselves.
    """
    rest = cursor.rest
    if not CLOSING.issuperset("".join(rest.split())):
        return 0
    found = cursor.scan(text)
    surplus = cursor.surplus(found)
    count = cursor.closes_string(text)
    for place in range(count, len(rest)):
        if surplus[OPENER.get(rest[place], "")] > 0:
            surplus[OPENER[rest[place]]] -= 1
            count = place + 1
        elif not rest[place].isspace():
            break
    if not count or found.unclosed:  # what ends the text stands inside a bracket then
        return count
    if rest[count : count + 1] in _AFTER_CLOSERS and text.rstrip().endswith(rest[count]):
        count += 1
    return count


def _splits_word(text: str, offset: int) -> bool:
    """Whether this offset lies inside a word."""
    return 0 < offset < len(text) and _in_word(text[offset - 1]) and _in_word(text[offset])


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
