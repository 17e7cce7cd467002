import pytest

from monitors.document import Document, View
from monitors.text.classes import bases_around, bases_of
from monitors.text.lexicon import lexicon_of


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "class A(b.C, D[int], metaclass=M):\n    def f(self):\n        self.", ("b.C", "D")),
        (
            "python",
            "class A[T](\n    B,  # one, two\n    make(C, x=1),\n):\n    x = 1\n    self.",
            ("B", "make(C, x=1)"),
        ),
        (
            "python",
            "class A(B):\n    class C:\n        x = 1\n\n    def f(self):\n        if x:\n            self.",
            ("B",),
        ),
        ("python", "class A(B):\n    class C:\n        x = self.", ()),
        ("python", "class A(B):\n    x = 1\n\ndef f(self):\n    self.", ()),
        ("typescript", "class A<T> extends b.C<{}, T> implements D {\n  f() {\n    if (x) { this.", ("b.C",)),
        ("typescript", "class A extends mixin(B, C) {\n  f = () => this.", ("mixin(B, C)",)),
        ("typescript", "class A extends B {\n  f() {}\n}\nfunction g() { this.", ()),
        ("javascript", "x = class extends B { f() { this.", ("B",)),
        ("java", "class A\n    extends B<C>\n    implements D {\n  static class E {}\n  void f() { this.", ("B",)),
        ("php", "<?php class A extends \\B\\C\n{\n  function f()\n  {\n    $this->", ("\\B\\C",)),
    ],
)
def test_what_the_class_around_a_place_is_made_from(language: str, text: str, expected: tuple[str, ...]) -> None:
    view = View(Document("/w/x", language, text))
    assert bases_around(view.lexicon, text, len(text), view.scan_at(len(text)).brackets) == expected


def test_a_class_by_its_name() -> None:
    python, java = lexicon_of("python"), lexicon_of("java")
    assert python is not None
    assert java is not None
    text = "# class A\nclass A(B):\n    pass\n\nclass AB: pass\n"
    assert bases_of(python, text, "A") == ("B",)
    assert bases_of(python, text, "AB") == ()
    assert bases_of(python, text, "B") is None
    assert bases_of(java, "// A class A\nclass A extends B {}", "A") == ("B",)
