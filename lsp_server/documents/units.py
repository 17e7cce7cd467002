"""Columns as editors count them: UTF-8 bytes, UTF-16 units or code points.

Editors can send halves of surrogate pairs; each counts as one UTF-16 unit, and as three bytes in UTF-8.
"""

import re
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def count_units(text: str, encoding: Encoding) -> int:
    """How many units `text` takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def code_points_before(text: str, units: int, encoding: Encoding) -> int:
    """How many code points of `text` lie wholly in its first `units` units: a position inside one falls back to its
    start."""
    if units <= 0:
        return 0
    if encoding == "utf-32" or text.isascii():
        return min(units, len(text))
    if encoding == "utf-8":
        raw = text.encode("utf-8", "surrogatepass")
        while 0 < units < len(raw) and raw[units] & 0xC0 == 0x80:  # a continuation byte: we are inside a code point
            units -= 1
        return len(raw[:units].decode("utf-8", "surrogatepass"))
    # The loop runs over the code points of two units only, and its index counts those before.
    for before, match in enumerate(_ASTRAL.finditer(text)):
        if match.start() + before + 2 > units:
            return min(units - before, match.start())
    return min(units - len(_ASTRAL.findall(text)), len(text))
