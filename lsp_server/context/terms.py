"""The words of source text, as search sees them."""

import re
from functools import lru_cache

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_MIN_CHARS = 2
_MAX_CHARS = 64
"""Longer words are hashes and data."""


def terms_of(text: str) -> list[str]:
    """Every identifier and, where it is made of several words, each of them too; lower case, in order, repeated.

    `maxRetryCount` gives `maxretrycount`, `max`, `retry`, `count`: a match of the whole counts more than one of a part.
    """
    return [term for word in _IDENTIFIER.findall(text) for term in _terms_of_word(word)]


@lru_cache(maxsize=1 << 16)
def _terms_of_word(word: str) -> tuple[str, ...]:
    if not _MIN_CHARS <= len(word) <= _MAX_CHARS:
        return ()
    parts = [part.lower() for part in _PART.findall(word)]
    if len(parts) < 2:
        return (word.lower(),)
    return (word.lower(), *(part for part in parts if len(part) >= _MIN_CHARS))
