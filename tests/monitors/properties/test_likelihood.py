"""What a place in Python says about a member, sign by sign."""

from math import log

import pytest

from monitors.analysis.analyser import Name, Precedent
from monitors.document import Document, View
from monitors.properties.likelihood import WEIGHTS, signs, spot_at, weights_of, words_of

HEAD = "class A:\n    def load_rows(self, limit) -> Table:\n        "


def found(before: str, member: Name, below: str = "") -> dict[str, float]:
    """The signs at the end of `before`, which ends in a dot and stands in a method."""
    text = HEAD + before
    view = View(Document("/w/x.py", "python", text, below))
    return dict(signs(spot_at(view, len(text) - 1), member))


@pytest.mark.parametrize(
    ("before", "name", "detail", "sign"),
    [
        ("x = a.", "__init__", "", "dunder, of no class"),
        ("raise limit(a, rows=a.", "limit", "", "a word of the statement"),
        ("x = a.", "rows", "", "a word of the function's name"),
        ("headers = a.", "headers", "", "a word of what it goes to"),
        ("f(1, headers=a.", "headers", "", "a word of what it goes to"),
        ("self.headers = a.b.", "headers", "", "a word of what it goes to"),
        ("self._headers: int = a.", "headers", "", "a word of what it goes to"),
        ("headers = headers or a.", "headers", "", "a word of what it goes to"),
        ("x = a.", "load_rows", "", "the function's own name"),
        ("self.", "limit", "", "a parameter that is not kept yet"),
        ("self.", "_limit", "", "the first of them"),
        ("x = a.", "append", "bound method list.append(x) -> None", "gives nothing where a value is wanted"),
        ("self.", "load", "bound method A.load() -> None", "called where a statement begins"),
        ("if a.", "ok", "bool", "a condition that is true or false"),
        ("if b and not a.", "ok", "bool", "a condition that is true or false"),
        ("for x in a.", "items", "list[str]", "iterable where that is wanted"),
        ("x = sorted(a.", "items", "bound method A.items() -> dict_items", "iterable where that is wanted"),
        ("raise a.", "ParseError", "<class 'ParseError'>", "an exception where one is raised or caught"),
        ("except a.", "Timeout", "<class 'Timeout'>", "an exception where one is raised or caught"),
        ("return a.", "cut", "bound method A.cut() -> Table | None", "of the type that the function returns"),
    ],
)
def test_signs(before: str, name: str, detail: str, sign: str) -> None:
    called = detail.startswith("bound")
    assert found(before, Name(name, "method" if called else "field", detail))[sign] > 0
    assert sign in WEIGHTS


@pytest.mark.parametrize(
    ("before", "name", "detail"),
    [
        ("x = a.", "_cache", ""),
        ("x = super().", "__init__", ""),
        ("x = a.Base.", "__init__", ""),
        ("self.limit = limit\n        self.", "limit", ""),
        ("x = limit.", "limit_", ""),
        ("x = a.__class__.", "__name__", "str"),
        ("x = type(a).", "__name__", "str"),
        ("a.", "size", "int"),
        ("if a.", "size", "int"),
        ("return a.", "name", "str"),
        ("x = a.", "name", "Unknown"),
        ("return a.", "name", "Unknown"),
    ],
)
def test_no_sign(before: str, name: str, detail: str) -> None:
    assert found(before, Name(name, "method" if detail.startswith("bound") else "field", detail)) == {}


def test_what_is_used_below() -> None:
    below = "\n        print(a.one, b.two, c.a.three, aa.four)\n"
    used = "used below, of the same receiver"
    word = "a word of the lines below"
    assert found("x = a.", Name("one"), below) == {used: 1, word: 1}
    for other in ("two", "three", "four"):
        assert found("x = a.", Name(other), below) == {word: 1}


def test_words_of_the_lines_below() -> None:
    word = "a word of the lines below"
    for below in (" rest of line\n\n    set_size(1)", "\n\n  \n\t\n  b\n  c\n  the_size"):
        assert found("x = a.", Name("size_of"), below) == {word: 0.5}
    for below in ("", "size", " size_of(1)\n", "\n  b\n  c\n  d\n  size"):
        assert found("x = a.", Name("size_of"), below) == {}


def test_what_the_project_says() -> None:
    text = HEAD + "x = a."
    view = View(Document("/w/x.py", "python", text, ""))
    said = [Precedent("one", 0.5, 0.0), Precedent("two", 0.25, 1.0)]
    spot = spot_at(view, len(text) - 1, 10, frozenset({"three"}), said)
    assert dict(signs(spot, Name("one"))) == pytest.approx({"written after the same words": log(6)})
    assert dict(signs(spot, Name("two"))) == pytest.approx(
        {"written after the same words": log(3.5), "written in the same line above the same line": log(11)}
    )
    assert dict(signs(spot, Name("three"))) == {}
    text = HEAD + "self."
    spot = spot_at(View(Document("/w/x.py", "python", text, "")), len(text) - 1, 10, frozenset({"three"}))
    assert dict(signs(spot, Name("three"))) == {"used elsewhere, made nowhere": 1}


def test_weights_add_up() -> None:
    text = HEAD + "limit = self."
    view = View(Document("/w/x.py", "python", text, ""))
    weights = dict(weights_of(spot_at(view, len(text) - 1), [Name("_limit"), Name("x"), Name("row_limit")]))
    whole = WEIGHTS["a word of the statement"] + WEIGHTS["a word of what it goes to"]
    assert weights == pytest.approx({"_limit": whole, "row_limit": whole / 2}, abs=0.01)


def test_words() -> None:
    assert words_of("getHTTPHeader") == words_of("get_http_header") == {"get", "http", "header"}
    assert words_of("_x2") == {"x", "2"}
    assert words_of("__") == frozenset()
