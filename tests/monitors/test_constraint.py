import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.constraint import forbidding

LETTERS = "ab_$é"
WORDS = st.text(LETTERS, min_size=1, max_size=4)


def matches(pattern: str, text: str) -> bool:
    """Rust's escapes in Python's syntax."""
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", pattern)
    return re.fullmatch(pattern, text) is not None


@given(st.sets(WORDS, min_size=1, max_size=6), st.text(LETTERS + " (", max_size=7))
def test_forbidden_is_a_whole_word_and_nothing_else(words: set[str], text: str) -> None:
    said = re.match(r"[\w$]*", text + " ")
    assert said is not None
    ended = len(said.group()) < len(text)
    pattern = forbidding(words, "$")
    if ended:
        assert matches(pattern, text) == (said.group() not in words)
    else:  # a word that may still go on
        assert matches(pattern, text + "0" * 8)


def test_there_must_be_something_to_forbid() -> None:
    with pytest.raises(ValueError, match="no word"):
        forbidding([""])
