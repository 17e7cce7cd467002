"""Trees of expressions against Python's own engine (`regex` knows partial matches) and llguidance's readers."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from models.backends.openai_regex import NOTHING, UnsupportedError, after, matches_empty, words
from models.backends.openai_syntax import parse, to_gbnf, to_regex

EXPRESSIONS = [
    r"abc",
    r"a|bc|",
    r"(a|ab)(c|bcd)*",
    r"\w+\((\d+, ){2}\d+\)",
    r"[^\n,)]*",
    r"[a-c\d_-]{2,3}?x+",
    r"(?:foo|foobar)(?:[^\w](?s:.*))?",
    r"^\s*=\s*(?P<value>.+)$",
    r"[]a]b?",
    r"a{0}b{2,}",
    r"\x41\u{436}?[^\x00-\x1f]",
    r"(?s)a.b",
    r"\\\.\[",
    r"((a|bb){3}b)+",
]
TEXT = st.text("abcdfor01,() _\n=x.éжA-]", max_size=12)


@given(st.sampled_from(EXPRESSIONS), TEXT)
def test_derivatives_decide_as_a_known_engine_does(expression: str, text: str) -> None:
    tree = parse(expression)
    rest = after(tree, text)
    python = regex.compile(expression.replace(r"\u{436}", "ж"), regex.ASCII if "\\w" not in expression else 0)
    assert matches_empty(rest) == bool(python.fullmatch(text))
    assert (rest != NOTHING) == bool(python.fullmatch(text, partial=True))


@given(st.sampled_from(EXPRESSIONS), TEXT, TEXT)
def test_the_rest_written_out_matches_what_is_left(expression: str, text: str, more: str) -> None:
    tree = parse(expression)
    rest = after(tree, text)
    if rest != NOTHING:
        assert bool(regex.fullmatch(to_regex(rest), more)) == matches_empty(after(tree, text + more))


@given(st.sampled_from(EXPRESSIONS), TEXT, TEXT)
def test_grammars_match_what_the_trees_match(expression: str, text: str, more: str) -> None:
    tree = after(parse(expression), text)
    if tree != NOTHING:
        assert accepts(to_gbnf(tree), more) == matches_empty(after(tree, more))


def test_nested_repetitions_keep_their_brackets() -> None:
    assert to_gbnf(parse("(a?){3}")).startswith('root ::= ("a"?){3}\n')
    assert to_gbnf(parse("ab?c(d|e)")).startswith('root ::= "a" "b"? "c" ("d" | "e")\n')
    assert to_regex(parse("((a?){3}|b*)+")) == "(?:(?:a?){3}|b*)+"


def accepts(gbnf: str, text: str) -> bool:
    """Whether the grammar, read by llguidance, matches the whole text."""
    from llguidance import LLMatcher, LLTokenizer, gbnf_to_lark

    matcher = LLMatcher(LLTokenizer("byte"), LLMatcher.grammar_from_lark(gbnf_to_lark.any_to_lark(gbnf)))
    assert not matcher.is_error(), (gbnf, matcher.get_error())
    data = list(text.encode())
    return matcher.try_consume_tokens(data) == len(data) and matcher.is_accepting()


@given(st.sets(st.text("abé_", min_size=1, max_size=3), min_size=1), TEXT)
def test_words_end_where_a_word_ends(names: set[str], text: str) -> None:
    expected = any(
        text == name or (text.startswith(name) and not (text[len(name)].isalnum() or text[len(name)] == "_"))
        for name in names
    )
    assert matches_empty(after(words(names), text)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        r"\p{L}+",
        r"(?i)a",
        r"a\b",
        r"(?=a)",
        r"(?<!a)b",
        r"(a",
        r"a)",
        r"[a",
        r"a^b",
        r"*a",
        r"[[:alpha:]]",
        r"a{x}",
        "\\",
    ],
)
def test_what_is_not_translated_is_said(expression: str) -> None:
    with pytest.raises(UnsupportedError):
        parse(expression)


def test_expressions_that_explode_are_given_up() -> None:
    with pytest.raises(UnsupportedError, match="large"):
        after(parse("(a|b)*a(a|b){400}"), "a" * 300)
