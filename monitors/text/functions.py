"""Which function a place in a Python text lies in, from indentation alone: the text need not parse."""

import re
from dataclasses import dataclass

from monitors.text.expressions import lines_around

_HEADER = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(")
_RETURNS = re.compile(r"\)[ \t]*->[ \t]*([^:\n]+):")
_LONGEST = 60_000
"""Code points above a place that are read at most."""
_LONGEST_HEADER = 2_000


@dataclass(frozen=True)
class Header:
    """The line or lines that begin a function."""

    name: str
    returns: str
    """The type that it says it returns, as written and without quotes; may be empty."""


OUTSIDE = Header("", "")
"""Where there is no function, or none can be made out."""


def enclosing_function(text: str, offset: int) -> Header:
    """The innermost function around the line in which `offset` lies."""
    # What closes a bracket stands as far left as the header that opened it.
    for start, line in lines_around(text, offset, _LONGEST, passed_over=")]}#"):
        if found := _HEADER.match(line):
            ends = text.find(":\n", start, start + _LONGEST_HEADER) + 1
            returns = _RETURNS.search(text, start, ends)
            return Header(found[1], returns[1].strip().strip("\"'") if returns else "")
    return OUTSIDE
