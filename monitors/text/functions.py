"""Which function a place in a Python text lies in, from indentation alone: the text need not parse."""

import re
from dataclasses import dataclass

from monitors.text.calls import split_arguments
from monitors.text.expressions import lines_around
from monitors.text.lexicon import Lexicon, lexicon_of

_HEADER = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(")
_RETURNS = re.compile(r"\)[ \t]*->[ \t]*([^:\n]+):")
_LONGEST = 60_000
"""Code points above a place that are read at most."""
_LONGEST_HEADER = 4_000
_NAME = re.compile(r"\s*\**([^\W\d]\w*)")
_PYTHON = lexicon_of("python") or Lexicon("python")


@dataclass(frozen=True)
class Header:
    """The line or lines that begin a function."""

    name: str
    returns: str
    """The type that it says it returns, as written and without quotes; may be empty."""
    parameters: tuple[str, ...] = ()
    """Their names in order, without stars; `self` and the like are among them."""


OUTSIDE = Header("", "")
"""Where there is no function, or none can be made out."""


def enclosing_function(text: str, offset: int) -> Header:
    """The innermost function around the line in which `offset` lies."""
    header = _header_above(text, offset)
    if header is None:
        return OUTSIDE
    ends = text.find(":\n", header.start, header.start + _LONGEST_HEADER) + 1
    returns = _RETURNS.search(text, header.start, ends)
    closing = returns.start() if returns else text.rfind(")", header.start, ends)
    listed = split_arguments(_PYTHON, text[header.opened : closing]) if closing > 0 else ()
    named = tuple(name[1] for name in map(_NAME.match, listed) if name)
    return Header(header.name, returns[1].strip().strip("\"'") if returns else "", named)


def enclosing_name(text: str, offset: int) -> str:
    """The name of that function, for less than it takes to read the whole header; empty where there is none."""
    header = _header_above(text, offset)
    return header.name if header is not None else ""


@dataclass(frozen=True)
class _Begun:
    """Where a header stands."""

    start: int
    opened: int
    """Right behind the parenthesis of its parameters."""
    name: str


def _header_above(text: str, offset: int) -> _Begun | None:
    # What closes a bracket stands as far left as the header that opened it.
    for start, line in lines_around(text, offset, _LONGEST, passed_over=")]}#"):
        if found := _HEADER.match(line):
            return _Begun(start, start + found.end(), found[1])
    return None
