"""The scanner of brackets, strings and comments."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.languages import LANGUAGES, Language, language_for
from lsp_server.languages.lexical import CLOSER, scan

CODE_LIKE = st.text(alphabet="ab =.,;:(){}[]\"'`#/*\\-\n\r\t$<>", max_size=200)
ANY_LANGUAGE = st.sampled_from(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "text", "unclosed", "unopened", "within"),
    [
        ("python", 'f("a)", [b  # )\n', "([", "", ""),
        ("python", 'x = """a\n" \\""" (', "", "", '"""'),
        ("python", 'x = """a"""', "", "", ""),
        ("python", '"a\\', "", "", '"'),
        ("python", '"never closed\nf(', "(", "", ""),
        ("python", "x = 1  # it's (", "", "", "#"),
        ("rust", "let x: &'a str = f('}', '\\''", "(", "", ""),
        ("javascript", 'a = /["(]/.test(x', "(", "", ""),
        ("javascript", "a = b / c(d) / (", "(", "", ""),
        ("javascript", "`a ${b} (\n", "", "", "`"),
        ("cpp", "x = 1'000'000; f(", "(", "", ""),
        ("java", "/* { \n */ { // }", "{", "", "//"),
        ("java", "/* {", "", "", "/*"),
        ("shellscript", "echo ${#a[@]} $# (", "(", "", ""),
        ("sql", "select 'it (' -- )", "", "", "--"),
        ("", "f(a]", "(", "]", ""),
        ("python", "{(}", "", "", ""),
    ],
)
def test_cases(language: str, text: str, unclosed: str, unopened: str, within: str) -> None:
    found = scan(text, language_for(language))
    assert "".join(bracket.character for bracket in found.unclosed) == unclosed
    assert "".join(bracket.character for bracket in found.unopened) == unopened
    assert found.within == within


def test_reading_can_begin_inside_a_string() -> None:
    found = scan('a) b", c)', language_for("python"), within='"')
    assert [bracket.offset for bracket in found.unopened] == [8]


@given(CODE_LIKE, ANY_LANGUAGE)
def test_every_bracket_outside_literals_is_counted_once(text: str, language: Language) -> None:
    found = scan(text, language)
    paired = [offset for pair in found.pairs for offset in pair]
    counted = [bracket.offset for bracket in (*found.unclosed, *found.unopened)] + paired
    assert len(counted) == len(set(counted))
    assert all(text[start] in CLOSER and CLOSER[text[start]] == text[end] for start, end in found.pairs)
    for offset in counted:
        assert not any(start <= offset < end for start, end in found.literals)


@given(CODE_LIKE, ANY_LANGUAGE)
def test_literals_are_in_order_and_apart(text: str, language: Language) -> None:
    literals = scan(text, language).literals
    assert all(0 <= start < end <= len(text) for start, end in literals)
    assert all(a[1] <= b[0] for a, b in pairwise(literals))


@given(CODE_LIKE, CODE_LIKE, ANY_LANGUAGE)
def test_going_on_from_a_line_start_finds_the_same_end_state(head: str, tail: str, language: Language) -> None:
    head += "\n"
    whole = scan(head + tail, language)
    assert scan(tail, language, within=scan(head, language).within).within == whole.within
