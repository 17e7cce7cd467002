"""What classes are made from, as far as a text says it: the text need not parse, and may be a fragment."""

import re

from monitors.text.calls import split_arguments
from monitors.text.expressions import indentation, line_start
from monitors.text.lexicon import Lexicon
from monitors.text.scanner import Frame

_PYTHON_CLASS = re.compile(r"[ \t]*class[ \t]+\w+")
_PYTHON_BASES = re.compile(r"[ \t]*(?:\[[^\n]*?\][ \t]*)?\(")
_PYTHON_BASE = re.compile(r"(?s:(?:\s|#[^\n]*\n)*(?P<base>[^\W\d][\w.]*(?:\(.*\))?)(?:\[.*\])?(?:\s|#[^\n]*\n)*)\Z")
"""A base without its type arguments; a keyword argument is none."""
_AFTER_NAME = (*"(:<[{ \t\r\n", "")
_CLASS = re.compile(r"\bclass\b(?:\s+(?!extends\b)[\w$]+)?")
_EXTENDS = re.compile(r"(?:\s*<[^;]*?>)?\s+extends\s+(?P<base>[\w$.\\]+(?:\([^(){};]*\))?)")
_TYPE_ARGUMENTS = re.compile(r"<[^;]*>")
_LONGEST = 60_000
"""Code points above a place that are read at most."""
_LONGEST_HEADER = 1_000


def bases_around(lexicon: Lexicon, text: str, offset: int, brackets: tuple[Frame, ...]) -> tuple[str, ...]:
    """What the innermost class around `offset` is made from; `brackets` are open there."""
    if lexicon.blocks_by_indentation:
        return _bases_above(lexicon, text, offset)
    for frame in reversed(brackets):
        start = max(0, frame.offset - _LONGEST_HEADER)
        headers = [*_CLASS.finditer(text, start, frame.offset)] if frame.opening == "{" else []
        # Where another block lies between them, the bracket is not the class's own.
        if headers and not re.search(r"[{};]", _TYPE_ARGUMENTS.sub("", text[headers[-1].end() : frame.offset])):
            return _bases_behind(lexicon, text, headers[-1].end())
    return ()


def _bases_above(lexicon: Lexicon, text: str, offset: int) -> tuple[str, ...]:
    own = indentation(text[line_start(text, offset) : offset])
    start = text.rfind("class ", max(0, offset - _LONGEST), offset)
    while start >= 0:
        begin = line_start(text, start)
        found = _PYTHON_CLASS.match(text, begin, offset)
        if found and indentation(text[begin:start]) < own:
            # Less far to the right stands what ends it; but what closes a bracket may stand where the header does.
            ended = re.compile(rf"\n[ \t]{{0,{start - begin}}}[^\s)\]}}#]").search(text, found.end(), offset)
            if ended is None:
                return _bases_behind(lexicon, text, found.end())
        start = text.rfind("class ", max(0, offset - _LONGEST), start)
    return ()


def bases_of(lexicon: Lexicon, text: str, name: str) -> tuple[str, ...] | None:
    """What the class is made from that `text` calls `name`; `None` where it defines no such class."""
    header = f"class {name}"  # looked for as it stands: a pattern takes ten times as long
    found: tuple[str, ...] | None = None
    start = text.find(header)
    while start >= 0 and not found:  # a comment may speak of it before it is there
        end = start + len(header)
        begins_line = not text[line_start(text, start) : start].strip()
        if text[end : end + 1] in _AFTER_NAME and (begins_line or not lexicon.blocks_by_indentation):
            found = _bases_behind(lexicon, text, end)
        start = text.find(header, end)
    return found


def _bases_behind(lexicon: Lexicon, text: str, offset: int) -> tuple[str, ...]:
    """The bases named behind a class's own name, without type arguments."""
    if not lexicon.blocks_by_indentation:
        found = _EXTENDS.match(text, offset, offset + _LONGEST_HEADER)
        return (found["base"],) if found else ()
    opened = _PYTHON_BASES.match(text, offset)
    closing = text.find("):", opened.end(), opened.end() + _LONGEST_HEADER) if opened else -1
    if opened is None or closing < 0:
        return ()
    listed = split_arguments(lexicon, text[opened.end() : closing])
    return tuple(base["base"] for base in map(_PYTHON_BASE.match, listed) if base)
