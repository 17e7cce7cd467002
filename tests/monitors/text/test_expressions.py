import pytest

from monitors.text.expressions import indentation, receiver_start, word_start


@pytest.mark.parametrize(
    ("text", "receiver"),
    [
        ("x = self", "self"),
        ("x = a.b(c)[0]", "a.b(c)[0]"),
        ("return foo(bar(1), 'x')", "foo(bar(1), 'x')"),
        ("x = (a + b)", "(a + b)"),
        ("x = ", ""),
        ("$this->a", "$this->a"),
        ("if a == b?.c", "b?.c"),
        ("std::vector", "std::vector"),
        (")", ""),
    ],
)
def test_the_receiver_is_the_whole_expression(text: str, receiver: str) -> None:
    assert text[receiver_start(text, len(text), ("->", "::", "?.", ".")) :] == receiver


def test_an_endless_receiver_is_given_up() -> None:
    text = "a." * 1000 + "b"
    assert receiver_start(text, len(text), (".",)) > 0


def test_words_and_indentation() -> None:
    assert word_start("a.b_1", 5) == 2
    assert word_start("$x", 2, "$") == 0
    assert indentation("\t  x") == 10
