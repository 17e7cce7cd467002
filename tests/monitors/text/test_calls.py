import pytest

from monitors.document import Document, View
from monitors.text.calls import call_at, split_arguments
from monitors.text.lexicon import lexicon_of


def arguments(language: str, text: str) -> list[str] | None:
    view = View(Document("", language, text))
    call = call_at(view.lexicon, text, len(text), view.scan_at(len(text)))
    return [part.strip() for part in call.arguments] if call is not None else None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "f(", [""]),
        ("python", "x = f(a, b=1, ", ["a", "b=1", ""]),
        ("python", "f(g(1, 2), [3, 4], 'a, b', ", ["g(1, 2)", "[3, 4]", "'a, b'", ""]),
        ("python", "f(lambda a, b: a, ", ["lambda a, b: a", ""]),
        ("python", "f(a)(b)[0](", [""]),
        ("python", "f([a, ", None),
        ("python", "def f(a, ", None),
        ("python", "class A(b, ", None),
        ("python", "return (a, ", None),
        ("python", "x = (a, ", None),
        ("python", "if not (a, ", None),
        ("java", "if (a, ", None),
        ("java", "new Thing<String>(a, ", ["a", ""]),
        ("java", "for (int i = 0; ", None),
        ("typescript", "f((a, b) => a, `x, ${y, z}`, ", ["(a, b) => a", "`x, ${y, z}`", ""]),
        ("go", "func f(a, ", None),
        ("python", "f(  # one, (two\n  b=1,  # three\n  ", ["b=1", ""]),
        ("python", "f('#', f'{a}#', ", ["'#'", "f'{a}#'", ""]),
        ("java", "f(/* a, */ 1, // b, c\n  2", ["1", "2"]),
        ("typescript", r"s.replace(/\//g, 'b'", [r"/\//g", "'b'"]),
        ("php", "$x->f($a, ", ["$a", ""]),
        ("php", "<?php two(array(1, ", None),
        ("php", "<?php map(static fn($a, ", None),
        ("php", "<?php map(function ($a) use ($b, ", None),
        ("php", "<?php $x = new class(1, ", None),
        ("php", "<?php $x->list(1, ", ["1", ""]),
        ("php", "<?php Reader::empty(1, ", ["1", ""]),
        ("php", "<?php my_array(1, ", ["1", ""]),
        ("python", "list(a, ", ["a", ""]),
    ],
)
def test_the_call_around_a_place(language: str, text: str, expected: list[str] | None) -> None:
    assert arguments(language, text) == expected


def test_an_empty_list_has_one_empty_argument() -> None:
    python = lexicon_of("python")
    assert python is not None
    assert split_arguments(python, "") == ("",)
