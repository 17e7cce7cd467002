"""Trigger points as the study counts them."""

import pytest

from lsp_server.completion.trigger_point import CHARACTERS, WORDS, trigger_point


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("return ", "return"),
        ("x = 1\n    if ", "if"),
        ("return", ""),
        ("my_return ", ""),
        ("a.return ", ""),
        ("reif ", ""),
        ("x.", "."),
        ("f(", "("),
        ("a **", "**"),
        ("a *", "*"),
        ("a == ", "=="),
        ("a = ", "="),
        ("a >>", ">>"),
        ("x = y", ""),
        ("x.\n", ""),
        ("", ""),
        ("   ", ""),
    ],
)
def test_what_was_typed_last(prefix: str, expected: str) -> None:
    assert trigger_point(prefix) == expected


def test_every_point_is_found() -> None:
    assert all(trigger_point(f"x {word} ") == word for word in WORDS)
    assert all(trigger_point(f"x {characters}") == characters for characters in CHARACTERS)
