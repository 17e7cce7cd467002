"""Calls in a fragment of source: which one surrounds a place, and which arguments it has so far."""

import re
from dataclasses import dataclass

from monitors.text.lexicon import Lexicon
from monitors.text.scanner import Scan, blanked, scan

_CALLED = re.compile(r"[\w$)\]>]\Z")
_STATEMENTS = re.compile(
    r"(?<![\w.$])(?:catch|for|if|while|switch|match|with|foreach|elif|else|return|and|or|not|in|is|lambda|as|of|case|when"
    r"|assert|del|yield|raise|await|throw|delete|typeof|instanceof|sizeof|alignof|decltype|typeid|noexcept|defined|func"
    r"|function|until|unless|synchronized|using|isset|go|defer|from|import|except)\Z"
)
"""Words before a parenthesis that do not call anything."""
_PHP_CONSTRUCTS = re.compile(
    r"(?<![\w$>:\\])(?:fn|array|list|empty|unset|exit|die|use|class|elseif|xor|echo|print|clone|eval|declare"
    r"|(?:include|require)(?:_once)?)\Z",
    re.IGNORECASE,
)
"""Those that only PHP has: intelephense answers about the call around them. A method may have such a name."""
_DEFINITIONS = re.compile(r"\b(?:def|class|function|func|fn|fun|interface|struct|enum|record)\s+[\w$]+\Z")
_MARKS = re.compile(r"[()\[\]{},]")
_LAMBDA = re.compile(r"\blambda\b[^:]*\Z")


@dataclass(frozen=True)
class Call:
    """A call whose closing parenthesis is not reached."""

    start: int
    """Offset of the first character after the opening parenthesis."""
    arguments: tuple[str, ...]
    """The arguments up to the place that was looked at, the last one perhaps unfinished and perhaps empty."""


def call_at(lexicon: Lexicon, text: str, offset: int, at_offset: Scan) -> Call | None:
    """The call whose argument list `offset` lies in, if that is the innermost thing open there."""
    if not at_offset.frames:
        return None
    frame = at_offset.frames[-1]
    if frame.kind != "bracket" or frame.opening != "(":
        return None
    before = text[max(0, frame.offset - 200) : frame.offset].rstrip(" \t")
    if not _CALLED.search(before) or _STATEMENTS.search(before) or _DEFINITIONS.search(before):
        return None
    if lexicon.language == "php" and _PHP_CONSTRUCTS.search(before):
        return None
    start = frame.offset + 1
    return Call(start, split_arguments(lexicon, text[:offset], start))


def split_arguments(lexicon: Lexicon, text: str, start: int = 0) -> tuple[str, ...]:
    """The parts between the commas of an argument list that begins at `start`, with blanks for comments; commas in
    brackets, strings and a lambda's parameters do not count.
    """
    literals = scan(lexicon, text, start).literals
    comments = (*lexicon.line_comments, *(opening for opening, _ in lexicon.block_comments))
    said = [(opened, closed) for opened, closed in literals if text.startswith(comments, opened)]
    text = text[:start] + blanked(text, said, start)
    parts: list[str] = []
    depth, begin = 0, start
    for match in _MARKS.finditer(text, start):
        position, character = match.start(), match.group()
        literal = next((span for span in literals if span[0] <= position < span[1]), None)
        if literal is not None and not _is_edge_of_hole(text, position, literal):
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and not (lexicon.language == "python" and _LAMBDA.search(text[begin:position])):
            parts.append(text[begin:position])
            begin = position + 1
    parts.append(text[begin:])
    return tuple(parts)


def _is_edge_of_hole(text: str, position: int, literal: tuple[int, int]) -> bool:
    """Whether the bracket at `position`, in a string, opens or closes code inside it."""
    start, end = literal
    closes = position == start and text[start] == "}"
    opens = position == end - 1 and text[position] == "{" and text[start] not in "/#-"
    return closes or opens
